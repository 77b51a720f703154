#include "stats/replicate.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"

/* How many of all requests may be held up by something else, and how seldom that may look like a
 * switch. */
static const double stalls = 0.05;

/* Two clusters of visits are told apart where the gap between them is so many standard errors. */
static const double gap_errors = 4;

/* What no clock tells apart. */
static const double resolution_s = 1e-6;

/* --- One visit -------------------------------------------------------------------------------- */

static double square(double x)
{
    return x * x;
}

struct replicate replicate_judge(const struct switch_side *side, struct spread_used spread)
{
    double widened = sqrt(1 + 1 / (double)side->steady);
    double resolution = resolution_s / side->steady_s;
    double deviation = sqrt(square(spread.deviation) + square(resolution)) * widened;

    return (struct replicate){
        .p = distribution_t_above(side->log_ratio / deviation, spread.df),
        .value_s = side->exposed_s - side->steady_s,
        .error_s = deviation * side->steady_s,
        .steady_s = side->steady_s,
        .exposed_s = side->exposed_s,
        .steady_median_s = side->steady_median_s,
    };
}

double replicate_smallest(double steady, double df)
{
    return (distribution_t_quantile_above(REPLICATE_LEVEL, df) +
            distribution_t_quantile_above(1 - REPLICATE_POWER, df)) *
           sqrt(1 + 1 / steady);
}

/* --- Several visits --------------------------------------------------------------------------- */

static int by_p(const void *a, const void *b)
{
    const struct replicate *x = a, *y = b;

    return (x->p > y->p) - (x->p < y->p);
}

static int by_value(const void *a, const void *b)
{
    const struct replicate *x = a, *y = b;

    return (x->value_s > y->value_s) - (x->value_s < y->value_s);
}

/* How many of `visits` must stand out. */
static size_t needed(size_t visits)
{
    size_t k = 1;

    while (visits > 1 && distribution_binomial_at_least(k, visits, stalls) > REPLICATE_LEVEL)
        k++;
    return k;
}

static double combined_p(struct replicate *replicate, size_t count)
{
    size_t k = needed(count);

    qsort(replicate, count, sizeof *replicate, by_p);
    return distribution_binomial_at_least(k, count, replicate[k - 1].p);
}

/* The variance of the median of `n` normal values of variance 1: the first by their order
 * statistics, then by its limit π/2n with the correction that holds for small odd n. */
static double median_variance(size_t n)
{
    static const double exact[] = {1, 0.5, 0.44867, 0.29831, 0.28683, 0.21474, 0.21045, 0.16817};

    return n <= sizeof exact / sizeof *exact ? exact[n - 1] : M_PI / (2 * (double)n + M_PI - 2);
}

static double median_of(const struct replicate *replicate, size_t count, size_t field)
{
    double *values = memory_new(count, sizeof *values);
    double median;

    for (size_t i = 0; i < count; i++)
        values[i] = *(const double *)((const char *)&replicate[i] + field);
    quantile_sort(values, count);
    median = quantile_of_sorted(values, count, 0.5);
    free(values);
    return median;
}

#define MEDIAN(replicate, count, field)                                                            \
    median_of(replicate, count, offsetof(struct replicate, field))

/* How many of the visits, sorted by value, belong to the lower of two clusters; 0 where they are
 * one. The lower must look like no switch. */
static size_t find_misses(struct replicate *replicate, size_t count, double error_s)
{
    struct replicate *lower;
    double widest = 0;
    size_t misses = 0;
    bool none;

    qsort(replicate, count, sizeof *replicate, by_value);
    for (size_t i = 1; i < count; i++) {
        double gap = replicate[i].value_s - replicate[i - 1].value_s;

        if (gap > widest) {
            widest = gap;
            misses = i;
        }
    }
    if (misses == 0 || widest < gap_errors * error_s)
        return 0;
    lower = memory_new(misses, sizeof *lower);
    for (size_t i = 0; i < misses; i++)
        lower[i] = replicate[i];
    none = combined_p(lower, misses) > REPLICATE_LEVEL;
    free(lower);
    return none ? misses : 0;
}

static double value_of(const struct replicate *replicate, size_t count)
{
    if (count < 3)
        return MEDIAN(replicate, count, value_s);
    return MEDIAN(replicate, count, exposed_s) - MEDIAN(replicate, count, steady_median_s);
}

static void estimate(const struct replicate *replicate, size_t count, double df,
                     struct switch_estimate *estimate)
{
    double error_s = MEDIAN(replicate, count, error_s) * sqrt(median_variance(count));
    double half = distribution_t_quantile_above((1 - REPLICATE_CONFIDENCE) / 2, df) * error_s;

    estimate->standard_error_s = error_s;
    estimate->value_s = value_of(replicate, count);
    estimate->low_s = estimate->value_s - half;
    estimate->high_s = estimate->value_s + half;
    estimate->smallest_s = (distribution_t_quantile_above(REPLICATE_LEVEL, df) +
                            distribution_t_quantile_above(1 - REPLICATE_POWER, df)) *
                           error_s;
}

/* Whether the costs that were paid differ by more than their errors explain. */
static bool unequal(const struct replicate *replicate, size_t count)
{
    double mean = 0, statistic = 0;

    for (size_t i = 0; i < count; i++)
        mean += replicate[i].value_s / (double)count;
    for (size_t i = 0; i < count; i++)
        statistic += square((replicate[i].value_s - mean) / replicate[i].error_s);
    return count > 1 &&
           distribution_chi_square_above(statistic, (double)count - 1) < REPLICATE_LEVEL / 10;
}

void replicate_combine(struct replicate *replicate, size_t count, struct spread_used spread,
                       struct switch_estimate *into)
{
    size_t misses;

    into->p = combined_p(replicate, count);
    misses = find_misses(replicate, count, MEDIAN(replicate, count, error_s));
    into->switched = count - misses;
    if (into->p > REPLICATE_LEVEL && misses > 0) { /* too few to be sure of: told of all visits */
        into->flags |= SWITCH_FLAG_SINGLE;
        misses = 0;
    }
    estimate(replicate + misses, count - misses, spread.df, into);
    if (unequal(replicate + misses, count - misses))
        into->flags |= SWITCH_FLAG_UNEQUAL_COST;
    into->df = spread.df;
    into->spread = spread.deviation;
}

double replicate_gain(size_t visits)
{
    return sqrt(median_variance(visits));
}

double replicate_steady_s(const struct replicate *replicate, size_t count)
{
    return MEDIAN(replicate, count, steady_s);
}
