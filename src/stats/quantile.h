/* Quantiles and moments of a handful of numbers. */
#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stdbool.h>
#include <stddef.h>

#include "record/metric.h"

/* Sorts ascending, in place. No NAN among them. */
void quantile_sort(double *values, size_t count);

/* The quantile at `share` (0 … 1) of `count` ≥ 1 ascending values: Hyndman and Fan's type 7, h =
 * (n−1)·share, linear between the closest ranks; what numpy, pandas and R take by default. */
double quantile_of_sorted(const double *values, size_t count, double share);

/* Whether so many values can tell the quantile at `share`: at least one of them is expected to lie
 * beyond it (20 for the 5th and 95th percentile, 100 for the 99th). */
bool quantile_is_supported(size_t count, double share);

double quantile_mean(const double *values, size_t count);

/* Sample standard deviation (n−1) in two passes; NAN for fewer than two, exactly 0 where all are
 * equal. */
double quantile_stddev(const double *values, size_t count);

/* Everything a summary tells of `count` values; sorts them. */
struct metric_summary quantile_summary(double *values, size_t count);

#endif
