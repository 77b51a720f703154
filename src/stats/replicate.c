#include "stats/replicate.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"
#include "stats/steady.h"

/* How seldom slow requests may look like a switch. */
static const double slow_level = 0.02;

/* What no clock tells apart. */
static const double resolution_s = 1e-6;

/* --- One visit -------------------------------------------------------------------------------- */

static double square(double x)
{
    return x * x;
}

struct replicate replicate_judge_among(const struct switch_side *side, struct spread_used spread,
                                       const struct study_steady *steady)
{
    double widened = sqrt(1 + 1 / (double)side->steady) * (steady ? steady->widening : 1);
    /* values rounded to a step are off by its twelfth's root on average */
    double resolution = fmax(resolution_s, side->resolution_s / sqrt(12)) / side->steady_s;
    double corrected = side->correction_error_s / side->steady_s;
    double deviation =
        sqrt((square(spread.deviation) + square(resolution)) * square(widened) + square(corrected));
    double excess_s = side->exposed_s - side->steady_s;
    double no_load = log1p(REPLICATE_NO_LOAD_S / side->steady_s);
    struct replicate replicate = {
        .p = distribution_t_above((side->log_ratio - no_load) / deviation, spread.df),
        .sooner_p = distribution_t_above(-side->log_ratio / deviation, spread.df),
        .value_s = excess_s,
        .error_s = deviation * side->steady_s,
        .interval_error_s = deviation * side->steady_s,
        .steady_s = side->steady_s,
        .unsure_s = side->unsure_s,
        .client_s = NAN,
    };

    if (steady && steady->slow > 0) {
        replicate.slow_p =
            fmin(1, replicate.p + steady_slow_chance(steady, excess_s / side->steady_s));
        replicate.value_s -= steady->slow_excess * side->steady_s;
        replicate.interval_error_s =
            side->steady_s * sqrt(square(deviation) + steady->slow_variance);
    }
    return replicate;
}

struct replicate replicate_judge(const struct switch_side *side, struct spread_used spread)
{
    return replicate_judge_among(side, spread, NULL);
}

double replicate_seen_s(double effect_s, double steady_s)
{
    return REPLICATE_NO_LOAD_S + effect_s * (1 + REPLICATE_NO_LOAD_S / steady_s);
}

/* --- Several visits --------------------------------------------------------------------------- */

static int by_p(const void *a, const void *b)
{
    const struct replicate *x = a, *y = b;

    return (x->p > y->p) - (x->p < y->p);
}

static int by_slow_p(const void *a, const void *b)
{
    const struct replicate *x = a, *y = b;

    return (x->slow_p > y->slow_p) - (x->slow_p < y->slow_p);
}

size_t replicate_needed_among(size_t visits, double slow_share)
{
    size_t k = 1;

    while (k < visits && distribution_binomial_at_least(k, visits, slow_share) > slow_level)
        k++;
    return k;
}

size_t replicate_needed(size_t visits)
{
    return replicate_needed_among(visits, REPLICATE_SLOW_SHARE);
}

/* How many of them are looked at besides `needed`: half, and of two both; 0: no others. */
static size_t half_of(size_t visits, size_t needed)
{
    size_t half = visits == 2 ? 2 : (visits + 1) / 2;

    return half > needed ? half : 0;
}

/* Of as many as are needed that stand out so much, or of half of them; `sorted` by what is asked
 * for, which is the k-th smallest of. */
static double combined(double at_needed, double at_half, size_t count, size_t needed)
{
    size_t half = half_of(count, needed);
    double p = distribution_binomial_at_least(needed, count, at_needed);

    if (half == 0)
        return p;
    return fmin(1, 2 * fmin(p, distribution_binomial_at_least(half, count, at_half)));
}

static double combined_p(struct replicate *replicate, size_t count, size_t needed)
{
    size_t half = half_of(count, needed);

    qsort(replicate, count, sizeof *replicate, by_p);
    return combined(replicate[needed - 1].p, half > 0 ? replicate[half - 1].p : 1, count, needed);
}

static double combined_slow_p(struct replicate *replicate, size_t count, size_t needed)
{
    size_t half = half_of(count, needed);

    qsort(replicate, count, sizeof *replicate, by_slow_p);
    if (replicate[count - 1].slow_p == 0)
        return 0;
    return combined(replicate[needed - 1].slow_p, half > 0 ? replicate[half - 1].slow_p : 1, count,
                    needed);
}

/* The shift, in standard errors of one visit, by which `k` of so many visits stand out in 80 % of
 * cases as they do by chance with probability `level`. */
static double shift_of(size_t k, size_t visits, double df, double level)
{
    double by_chance = distribution_binomial_share(k, visits, level);
    double wanted = distribution_binomial_share(k, visits, REPLICATE_POWER);

    return distribution_t_quantile_above(by_chance, df) - distribution_t_quantile_above(wanted, df);
}

static double smallest_shift(size_t visits, size_t needed, double df, double level)
{
    size_t half = half_of(visits, needed);

    if (half == 0)
        return shift_of(needed, visits, df, level);
    return fmin(shift_of(needed, visits, df, level / 2), shift_of(half, visits, df, level / 2));
}

double replicate_smallest(double steady, double df, size_t visits, double level)
{
    return smallest_shift(visits, replicate_needed(visits), df, level) * sqrt(1 + 1 / steady);
}

static double median_of(const struct replicate *replicate, size_t count, size_t field)
{
    double *values = memory_new(count, sizeof *values), median = NAN;
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        values[known] = *(const double *)((const char *)&replicate[i] + field);
        known += !isnan(values[known]);
    }
    quantile_sort(values, known);
    if (known > 0)
        median = quantile_of_sorted(values, known, 0.5);
    free(values);
    return median;
}

#define MEDIAN(replicate, count, field)                                                            \
    median_of(replicate, count, offsetof(struct replicate, field))

static void estimate(const struct replicate *replicate, size_t count, double df, double confidence,
                     struct switch_estimate *estimate)
{
    double error_s = MEDIAN(replicate, count, interval_error_s) / sqrt((double)count);
    double half = distribution_t_quantile_above((1 - confidence) / 2, df) * error_s;

    estimate->value_s = 0;
    for (size_t i = 0; i < count; i++)
        estimate->value_s += replicate[i].value_s / (double)count;
    estimate->standard_error_s = error_s;
    estimate->low_s = estimate->value_s - half;
    estimate->high_s = estimate->value_s + half;
}

/* Whether the exposed requests came sooner than steady ones, by their mean. */
static bool faster(const struct switch_estimate *estimate, double df)
{
    return distribution_t_above(-estimate->value_s / estimate->standard_error_s, df) <=
           REPLICATE_LEVEL / 10;
}

/* What unlike prompts may explain of the mean. */
static double mean_unsure(const struct replicate *replicate, size_t count)
{
    double mean = 0;

    for (size_t i = 0; i < count; i++)
        mean += replicate[i].unsure_s / (double)count;
    return mean;
}

/* How many stand out by themselves. */
static size_t count_outstanding(const struct replicate *replicate, size_t count)
{
    size_t outstanding = 0;

    for (size_t i = 0; i < count; i++)
        outstanding += replicate[i].p <= REPLICATE_LEVEL / (double)count;
    return outstanding;
}

void replicate_combine(struct replicate *replicate, size_t count, struct spread_used spread,
                       double slow_share, double confidence, struct switch_estimate *into)
{
    size_t needed = replicate_needed_among(count, slow_share);

    into->slow_p = combined_slow_p(replicate, count, needed);
    into->p = combined_p(replicate, count, needed);
    into->outstanding = count_outstanding(replicate, count);
    if (into->outstanding > 0 && into->outstanding < needed && into->p > REPLICATE_LEVEL)
        into->flags |= SWITCH_FLAG_FEW;
    estimate(replicate, count, spread.df, confidence, into);
    into->unsure_s = mean_unsure(replicate, count);
    if (faster(into, spread.df))
        into->flags |= SWITCH_FLAG_FASTER;
    into->smallest_s =
        replicate_seen_s(MEDIAN(replicate, count, error_s) *
                             smallest_shift(count, needed, spread.df, REPLICATE_LEVEL),
                         MEDIAN(replicate, count, steady_s));
    into->client_s = MEDIAN(replicate, count, client_s);
    into->df = spread.df;
    into->spread = spread.deviation;
}

double replicate_steady_s(const struct replicate *replicate, size_t count)
{
    return MEDIAN(replicate, count, steady_s);
}
