#include "stats/replicate.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"

/* How many of all requests may be held up by something else, and how seldom that may look like a
 * switch. */
static const double stalls = 0.05, stalls_level = 0.02;

/* Two clusters of visits are told apart where their means are so many standard errors apart; the
 * halves of one normal cluster are 1.6 apart. */
static const double apart_errors = 4;

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
    /* values rounded to a step are off by its twelfth's root on average */
    double resolution = fmax(resolution_s, side->resolution_s / sqrt(12)) / side->steady_s;
    double deviation = sqrt(square(spread.deviation) + square(resolution)) * widened;

    return (struct replicate){
        .p = distribution_t_above(side->log_ratio / deviation, spread.df),
        .value_s = side->exposed_s - side->steady_s,
        .error_s = deviation * side->steady_s,
        .steady_s = side->steady_s,
        .exposed_s = side->exposed_s,
        .steady_median_s = side->steady_median_s,
        .client_s = NAN,
    };
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

size_t replicate_needed(size_t visits)
{
    size_t k = 1;

    while (visits > 1 && distribution_binomial_at_least(k, visits, stalls) > stalls_level)
        k++;
    return k;
}

/* How many of them are looked at besides; 0: no others. */
static size_t half_of(size_t visits)
{
    return (visits + 1) / 2 > replicate_needed(visits) ? (visits + 1) / 2 : 0;
}

static double combined_p(struct replicate *replicate, size_t count)
{
    size_t k = replicate_needed(count), half = half_of(count);
    double p;

    qsort(replicate, count, sizeof *replicate, by_p);
    p = distribution_binomial_at_least(k, count, replicate[k - 1].p);
    if (half == 0)
        return p;
    return fmin(1, 2 * fmin(p, distribution_binomial_at_least(half, count, replicate[half - 1].p)));
}

/* The shift, in standard errors of one visit, by which `k` of so many visits stand out in 80 % of
 * cases as they do by chance with probability `level`. */
static double shift_of(size_t k, size_t visits, double df, double level)
{
    double by_chance = distribution_binomial_share(k, visits, level);
    double wanted = distribution_binomial_share(k, visits, REPLICATE_POWER);

    return distribution_t_quantile_above(by_chance, df) - distribution_t_quantile_above(wanted, df);
}

static double smallest_shift(size_t visits, double df, double level)
{
    size_t k = replicate_needed(visits), half = half_of(visits);

    if (half == 0)
        return shift_of(k, visits, df, level);
    return fmin(shift_of(k, visits, df, level / 2), shift_of(half, visits, df, level / 2));
}

double replicate_smallest(double steady, double df, size_t visits, double level)
{
    return smallest_shift(visits, df, level) * sqrt(1 + 1 / steady);
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

/* Of values sorted ascending, the squared deviations from the means on either side of a split, and
 * how far these means are apart. */
static double split_squares(const struct replicate *sorted, size_t count, size_t split,
                            double *apart)
{
    double mean[2] = {0}, squares = 0;

    for (size_t i = 0; i < count; i++)
        mean[i >= split] += sorted[i].value_s / (double)(i < split ? split : count - split);
    for (size_t i = 0; i < count; i++)
        squares += square(sorted[i].value_s - mean[i >= split]);
    *apart = mean[1] - mean[0];
    return squares;
}

/* Where the first `count` of the sorted fall into two clusters that stand apart: the split that
 * leaves the least within; 0 where they are one. */
static size_t find_split(const struct replicate *sorted, size_t count, double error_s)
{
    double least = INFINITY;
    size_t found = 0;

    for (size_t split = 1; split < count; split++) {
        double apart, squares = split_squares(sorted, count, split, &apart);

        if (apart < apart_errors * error_s || squares >= least)
            continue;
        least = squares;
        found = split;
    }
    return found;
}

/* How many of the visits did not pay: the lowest cluster, if it lies around zero; what lies above
 * it may be several costs, each of more visits than stalls explain. 0 where all are one. */
static size_t find_misses(struct replicate *replicate, size_t count, double error_s)
{
    size_t misses, below;
    double median;

    qsort(replicate, count, sizeof *replicate, by_value);
    misses = find_split(replicate, count, error_s);
    while ((below = find_split(replicate, misses, error_s)) > 0 &&
           misses - below >= replicate_needed(misses))
        misses = below;
    if (misses == 0)
        return 0;
    median = MEDIAN(replicate, misses, value_s);
    return fabs(median) < apart_errors * error_s * sqrt(median_variance(misses)) ? misses : 0;
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
    double one_s = MEDIAN(replicate, count, error_s);
    double error_s = one_s * sqrt(median_variance(count));
    double half = distribution_t_quantile_above((1 - REPLICATE_CONFIDENCE) / 2, df) * error_s;

    estimate->standard_error_s = error_s;
    estimate->value_s = value_of(replicate, count);
    estimate->low_s = estimate->value_s - half;
    estimate->high_s = estimate->value_s + half;
    estimate->smallest_s = one_s * smallest_shift(count, df, REPLICATE_LEVEL);
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

static double client_median(const struct replicate *replicate, size_t count)
{
    double *values = memory_new(count, sizeof *values), median = NAN;
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        if (!isnan(replicate[i].client_s))
            values[known++] = replicate[i].client_s;
    }
    quantile_sort(values, known);
    if (known > 0)
        median = quantile_of_sorted(values, known, 0.5);
    free(values);
    return median;
}

void replicate_combine(struct replicate *replicate, size_t count, struct spread_used spread,
                       struct switch_estimate *into)
{
    size_t misses;

    into->p = combined_p(replicate, count);
    misses = find_misses(replicate, count, MEDIAN(replicate, count, error_s));
    into->switched = count - misses;
    if (misses > 0 &&
        into->switched < replicate_needed(count)) { /* stalls may be why: all are estimated */
        into->flags |= SWITCH_FLAG_FEW;
        misses = 0;
    }
    into->paid_above_s = -INFINITY;
    if (misses > 0)
        into->paid_above_s = (replicate[misses - 1].value_s + replicate[misses].value_s) / 2;
    estimate(replicate + misses, count - misses, spread.df, into);
    if (!(into->flags & SWITCH_FLAG_FEW) && unequal(replicate + misses, count - misses))
        into->flags |= SWITCH_FLAG_UNEQUAL_COST;
    into->client_s = client_median(replicate + misses, count - misses);
    into->df = spread.df;
    into->spread = spread.deviation;
}

double replicate_steady_s(const struct replicate *replicate, size_t count)
{
    return MEDIAN(replicate, count, steady_s);
}
