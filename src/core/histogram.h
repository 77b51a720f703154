/* A histogram of durations: constant memory, whatever the count, each value kept to about 3 %.
 *
 * Buckets are log-linear, as in HdrHistogram (G. Tene): 32 to each power of two. */
#ifndef CORE_HISTOGRAM_H
#define CORE_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_STEPS = 32, HISTOGRAM_BUCKETS = 60 * HISTOGRAM_STEPS };

/* Zeroed: empty. */
struct histogram {
    uint64_t bucket[HISTOGRAM_BUCKETS];
    uint64_t count;
    int64_t most_ns; /* the largest value, exact */
};

/* Counts one value; what is less than 0 counts as 0. */
void histogram_add(struct histogram *histogram, int64_t value_ns);

/* Adds all of another. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The value that a share `p`, from 0 to 1, of all does not exceed, in seconds; NAN where there are
 * none. That of 1 is the largest, exact. */
double histogram_quantile_s(const struct histogram *histogram, double p);

#endif
