/* What one source told when it was asked once: the sums over its series of all that is known. */
#ifndef TELEMETRY_READING_H
#define TELEMETRY_READING_H

#include <stddef.h>
#include <stdint.h>

#include "telemetry/known.h"

/* More bounds than any known server's histograms have; what lies beyond is in no bucket. */
enum { READING_BUCKETS = 96 };

struct reading_histogram {
    double sum, count;
    double bound[READING_BUCKETS],
        below[READING_BUCKETS]; /* how many were at most the bound, ascending */
    size_t buckets;
};

struct reading {
    int64_t at_ns;                   /* on the monotonic clock: when it was asked */
    size_t series[QUANTITIES];       /* how many told it; 0: it was not told */
    double value[QUANTITY_COUNTERS]; /* gauges and counters, in our units */
    struct reading_histogram histogram[QUANTITIES - QUANTITY_COUNTERS];
};

void reading_begin(struct reading *reading, int64_t at_ns);

/* Adds a sample to what it counts towards; one that is not known adds nothing. NAN is not told. */
void reading_add(struct reading *reading, const struct exposition_sample *sample);

/* To be called behind the last sample: averages what is averaged and sorts the buckets. */
void reading_end(struct reading *reading);

#endif
