#include "stats/mix_interval.h"

#include <math.h>

#include "stats/blocks.h"
#include "stats/distribution.h"
#include "stats/quantile.h"
#include "stats/replicate.h"

/* A busy node's queue goes back far, and how far is not seen in few calls: so many blocks of waits,
 * each of as many calls as a queue remembers, which grows as 1 ÷ (1 − utilisation)²; the factor is
 * what makes intervals hold 95 % at a utilisation of 0.8 (make bench-mix). */
enum { WAIT_BLOCKS_LEAST = 3, WAIT_BLOCKS_MOST = 15 };
static const double remembered = 25;

static double t_of(double df)
{
    return distribution_t_quantile_above((1 - REPLICATE_CONFIDENCE) / 2, fmax(df, 1));
}

/* What is alike by too little to show at any one lag adds up over many: blocks are no shorter than
 * this. */
static double length_least(double count)
{
    return floor(sqrt(count) / 1.8);
}

static struct mix_error error_by_blocks(const double *value, size_t count, double least)
{
    struct mix_error error = {NAN, NAN, NAN};
    struct blocks blocks;

    if (count > 0)
        error.value = quantile_mean(value, count);
    if (count < 2)
        return error;
    blocks = blocks_of(value, count);
    if ((double)blocks.length < least) {
        blocks.length = (size_t)least;
        blocks.number = (double)count / least;
        blocks.widening = sqrt(blocks.number / (blocks.number - 1));
    }
    error.error = blocks.widening * blocks_error_of_mean(value, count, blocks.length);
    error.df = blocks.number - 1;
    return error;
}

struct mix_error mix_error_of(const double *value, size_t count)
{
    return error_by_blocks(value, count, length_least((double)count));
}

struct mix_error mix_error_of_waits(const double *value, size_t count, double utilisation)
{
    double idle = fmax(1 - utilisation, 0), n = (double)count;
    double blocks = fmin(fmax(n * idle * idle / remembered, WAIT_BLOCKS_LEAST), WAIT_BLOCKS_MOST);

    return error_by_blocks(value, count, floor(n / blocks));
}

/* The degrees of freedom of a sum of two variances (Welch and Satterthwaite). */
static double joint_df(struct mix_error a, struct mix_error b)
{
    double x = a.error * a.error, y = b.error * b.error;

    return x + y > 0 ? (x + y) * (x + y) / (x * x / fmax(a.df, 1) + y * y / fmax(b.df, 1)) : 1;
}

struct mix_range mix_interval_of_difference(struct mix_error first, struct mix_error second)
{
    double value = first.value - second.value;
    double half = t_of(joint_df(first, second)) * hypot(first.error, second.error);

    return (struct mix_range){value, value - half, value + half};
}

struct mix_range mix_interval_of_share(struct mix_error share, size_t count)
{
    double p = share.value, n = (double)count, t = t_of(isnan(share.df) ? n - 1 : share.df);
    double middle, half;

    if (count == 0 || isnan(p))
        return (struct mix_range){NAN, NAN, NAN};
    if (share.error > 0 && p > 0 && p < 1)
        n = fmin(n, p * (1 - p) / (share.error * share.error));
    middle = (p + t * t / (2 * n)) / (1 + t * t / n);
    half = t / (1 + t * t / n) * sqrt(p * (1 - p) / n + t * t / (4 * n * n));
    return (struct mix_range){p, fmax(0, middle - half), fmin(1, middle + half)};
}

struct mix_range mix_interval_of_mean(struct mix_error mean, double most)
{
    double factor;

    if (isnan(mean.value))
        return (struct mix_range){NAN, NAN, NAN};
    if (!(mean.value > 0))
        return (struct mix_range){fmax(mean.value, 0), 0, most};
    if (isnan(mean.error))
        return (struct mix_range){mean.value, 0, INFINITY};
    factor = exp(t_of(mean.df) * mean.error / mean.value);
    return (struct mix_range){mean.value, mean.value / factor, mean.value * factor};
}

struct mix_range mix_interval_of_wait(struct mix_error wait)
{
    if (wait.value > 2 * wait.error)
        return mix_interval_of_mean(wait, INFINITY);
    return mix_interval_of_difference(wait, (struct mix_error){0, 0, wait.df});
}
