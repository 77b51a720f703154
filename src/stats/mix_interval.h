/* Intervals of means over calls that follow each other and are alike, at 95 %. */
#ifndef STATS_MIX_INTERVAL_H
#define STATS_MIX_INTERVAL_H

#include <stddef.h>

#include "record/mix_switching.h"

/* A mean's standard error by resampled blocks (blocks.h), and its degrees of freedom. */
struct mix_error {
    double value, error, df;
};

/* Of `count` values in their order; where there are fewer than 2 nothing is known. */
struct mix_error mix_error_of(const double *value, size_t count);

/* The same of waits in a queue before a node of this utilisation, which are alike over far more
 * calls, in 3 to 15 blocks. */
struct mix_error mix_error_of_waits(const double *value, size_t count, double utilisation);

/* Of two independent means: the first less the second. */
struct mix_range mix_interval_of_difference(struct mix_error first, struct mix_error second);

/* Of a share of `count` things: Wilson's, for as many independent ones as have that error. */
struct mix_range mix_interval_of_share(struct mix_error share, size_t count);

/* Of a mean that is not negative: on the log scale; where it is 0, up to `most`, which the share's
 * bound makes of it. */
struct mix_range mix_interval_of_mean(struct mix_error mean, double most);

/* Of a mean that may be nothing, or a little less by chance: waits vary upwards, so where they are
 * more than two errors the interval is that of the log scale. */
struct mix_range mix_interval_of_wait(struct mix_error wait);

#endif
