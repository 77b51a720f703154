/* Quantiles of values of which each is known to lie in an interval.
 *
 * Where value i lies in [low i, high i], the k-th smallest of the values lies between the k-th
 * smallest of the lows and the k-th smallest of the highs, and both ends are reached:
 * - at least k of the lows are at or below the k-th smallest value, since each of the k values up
 *   to it has a low that is no greater; so the k-th smallest low is no greater than it;
 * - likewise at least n − k + 1 of the highs are at or above it, so the k-th smallest high is;
 * - where every value is its low, or its high, they are equal.
 * A type 7 quantile, a mean, the least and the most grow with every order statistic, so that the
 * same holds of them: of the lows' and the highs' they are the sharp bounds.
 *
 * What the bounds tell within BOUNDS_AGREE is given as a number. */
#ifndef STATS_BOUNDS_H
#define STATS_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/metric.h"

/* How much greater than the lower bound the upper one may be. */
#define BOUNDS_AGREE 0.05

/* Whether two bounds, neither less than 0, tell one number; not where one is NAN. */
bool bounds_agree(double low, double high);

/* The number that they tell: the middle; NAN where they tell none. */
double bounds_point(double low, double high);

/* Everything a summary tells of `count` values, which lie between `low` and `high` each; sorts
 * both. What is not known is NAN, the standard deviation too unless every value is exact. The
 * quantiles' bounds go to `bounds`. */
struct metric_summary bounds_summary(double *low, double *high, size_t count,
                                     struct metric_bounds *bounds);

/* --- Of any number ---------------------------------------------------------------------------- */

/* Durations in intervals, as many as there are: buckets of 1/BOUNDS_STEPS of their value take the
 * ends, so that bounds are wider by up to that than they need be. Zeroed: empty. */
enum { BOUNDS_STEPS = 256 };

struct bounds {
    uint32_t *low, *high; /* how many ends lie in each bucket; owned; NULL: empty */
    size_t count;
    double low_sum_s, high_sum_s;
    int64_t least_low_ns, least_high_ns, most_low_ns, most_high_ns;
};

/* Adds one; what is less than 0 counts as 0. */
void bounds_add(struct bounds *bounds, int64_t low_ns, int64_t high_ns);

/* As bounds_summary; without a standard deviation. */
struct metric_summary bounds_conclude(const struct bounds *bounds, struct metric_bounds *of);

void bounds_clear(struct bounds *bounds);

#endif
