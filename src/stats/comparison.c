#include "stats/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "stats/blocks.h"
#include "stats/distribution.h"
#include "stats/quantile.h"
#include "stats/replicate.h"

/* Past so many values a resample's quantile is drawn by its rank, not by drawing all. */
enum { DRAWN_WHOLE = 400 };

/* --- One run's statistic ---------------------------------------------------------------------- */

static double statistic_of(const double *sorted, size_t count, double quantile)
{
    return isnan(quantile) ? quantile_mean(sorted, count)
                           : quantile_of_sorted(sorted, count, quantile);
}

static double value_at(const double *sorted, double rank)
{
    size_t below = (size_t)rank;

    return sorted[below] + (rank > (double)below
                                ? (rank - (double)below) * (sorted[below + 1] - sorted[below])
                                : 0);
}

/* --- One run's requests ----------------------------------------------------------------------- */

static double *sorted_copy(const struct comparison_run *run)
{
    double *sorted = memory_new(run->count, sizeof *sorted);

    memcpy(sorted, run->value, run->count * sizeof *sorted);
    quantile_sort(sorted, run->count);
    return sorted;
}

static double log_of_run(const struct comparison_run *run, double quantile)
{
    double *sorted = sorted_copy(run), value = log(statistic_of(sorted, run->count, quantile));

    free(sorted);
    return value;
}

/* A run's values in two orders, and the length of the blocks they are drawn in. */
struct requests {
    const double *value;
    double *sorted, *part; /* owned; the latter is what each adds to the statistic */
    size_t count;
    struct blocks blocks;
};

/* A quantile's parts show less of how alike requests are than their values do. */
static struct blocks longer(struct blocks one, struct blocks other)
{
    return one.length > other.length ? one : other;
}

/* What a value adds to a quantile is whether it lies below it (the influence function). */
static struct requests requests_of(const struct comparison_run *run, double quantile)
{
    struct requests requests = {
        run->value, sorted_copy(run), memory_new(run->count, sizeof(double)), run->count, {0}};
    double middle = statistic_of(requests.sorted, run->count, quantile);

    for (size_t i = 0; i < run->count; i++)
        requests.part[i] = isnan(quantile) ? run->value[i] : run->value[i] <= middle;
    requests.blocks =
        longer(blocks_of(requests.part, run->count), blocks_of(run->value, run->count));
    return requests;
}

static void requests_clear(struct requests *requests)
{
    free(requests->sorted);
    free(requests->part);
}

/* The mean of a resample of many is normal around theirs, and so is a quantile's rank. */
static double draw_of_many(const struct requests *requests, double quantile, double error,
                           struct random *random)
{
    double last = (double)(requests->count - 1), off = random_normal(random) * error;

    if (isnan(quantile))
        return quantile_mean(requests->value, requests->count) + off;
    return value_at(requests->sorted, fmin(fmax((quantile + off) * last, 0), last));
}

/* The statistic of as many draws with replacement; `room` holds them. */
static double draw(const struct requests *requests, double quantile, double *room,
                   struct random *random)
{
    blocks_draw(requests->value, requests->count, requests->blocks.length, room, random);
    if (!isnan(quantile))
        quantile_sort(room, requests->count);
    return statistic_of(room, requests->count, quantile);
}

/* The standard deviation of the logarithm over resamples. */
static double deviation_of(const struct requests *requests, const struct comparison_asked *asked,
                           struct random *random)
{
    double *logs = memory_new(asked->resamples, sizeof *logs);
    double *room = memory_new(DRAWN_WHOLE, sizeof *room);
    double deviation,
        error = blocks_error_of_mean(requests->part, requests->count, requests->blocks.length);
    size_t known = 0;

    for (size_t i = 0; i < asked->resamples; i++) {
        logs[known] = log(requests->count > DRAWN_WHOLE
                              ? draw_of_many(requests, asked->quantile, error, random)
                              : draw(requests, asked->quantile, room, random));
        known += isfinite(logs[known]);
    }
    deviation = known > 1 ? quantile_stddev(logs, known) : 0;
    free(room);
    free(logs);
    return deviation;
}

/* The logarithm of a run's statistic, its error and degrees of freedom; of one request none is
 * known. */
static struct comparison_estimate estimate_of_run(const struct comparison_run *run,
                                                  const struct comparison_asked *asked,
                                                  struct random *random)
{
    struct requests requests = requests_of(run, asked->quantile);
    struct comparison_estimate estimate = {
        log(statistic_of(requests.sorted, requests.count, asked->quantile)), INFINITY, 1};

    if (requests.count > 1) {
        estimate.error = deviation_of(&requests, asked, random) * requests.blocks.widening;
        estimate.df = requests.blocks.number - 1;
    }
    requests_clear(&requests);
    return estimate;
}

/* --- Sides, in logarithms --------------------------------------------------------------------- */

double comparison_value(const struct comparison_side *side, double quantile)
{
    double sum = 0;

    for (size_t i = 0; i < side->runs; i++)
        sum += log_of_run(&side->run[i], quantile);
    return exp(sum / (double)side->runs);
}

double comparison_welch_df(double error, double df, double other, double other_df)
{
    double a = error * error, b = other * other;

    if (!(a > 0) || isinf(b))
        return other_df;
    if (!(b > 0) || isinf(a))
        return df;
    return (a + b) * (a + b) / (a * a / df + b * b / other_df);
}

/* Of a side's mean, by its runs' requests. */
static struct comparison_estimate by_requests(const struct comparison_side *side,
                                              const struct comparison_asked *asked,
                                              struct random *random)
{
    struct comparison_estimate sum = {.error = 0, .df = INFINITY};
    double runs = (double)side->runs;

    for (size_t i = 0; i < side->runs; i++) {
        struct comparison_estimate one = estimate_of_run(&side->run[i], asked, random);

        sum.value += one.value / runs;
        sum.df = comparison_welch_df(sum.error, sum.df, one.error, one.df);
        sum.error = hypot(sum.error, one.error);
    }
    sum.error /= runs;
    return sum;
}

/* The squares of a side's runs around their mean. */
static double squares_of(const struct comparison_side *side, double quantile)
{
    double middle = log(comparison_value(side, quantile)), sum = 0;

    for (size_t i = 0; i < side->runs; i++)
        sum += pow(log_of_run(&side->run[i], quantile) - middle, 2);
    return sum;
}

/* --- Conclusions ------------------------------------------------------------------------------ */

/* P(T > t) where the error may be none. */
static double p_above(double distance, double error, double df)
{
    if (error > 0)
        return distribution_t_above(distance / error, df);
    return distance > 0 ? 0 : 1;
}

void comparison_conclude(const struct comparison_asked *asked,
                         const struct comparison_distance *distance, struct comparison *comparison)
{
    double needed = distribution_t_quantile_above(1 - asked->confidence, INFINITY) +
                    distribution_t_quantile_above(1 - REPLICATE_POWER, INFINITY);
    double allowance =
        comparison->unit == COMPARISON_REQUESTS ? distance->worse - distance->past : 0;

    comparison->df = distance->df;
    comparison->error = distance->error;
    comparison->p_regressed = p_above(distance->past, distance->past_error, distance->df);
    comparison->p_within = p_above(-distance->past, distance->past_error, distance->df);
    comparison->p_improved = p_above(-distance->worse - allowance, distance->error, distance->df);
    comparison->more = pow(needed * distance->past_error / distance->past, 2);
}

static void conclude_ratio(const struct comparison_asked *asked, double error, double df,
                           struct comparison *comparison)
{
    double log_ratio = log(comparison->candidate / comparison->base);
    double worse = asked->lower_is_better ? log_ratio : -log_ratio;
    double half = error * distribution_t_quantile_above((1 - asked->confidence) / 2, df);
    const struct comparison_distance distance = {worse, error, worse - log1p(asked->margin), error,
                                                 df};

    comparison->change = exp(log_ratio);
    comparison->low = exp(log_ratio - half);
    comparison->high = exp(log_ratio + half);
    comparison_conclude(asked, &distance, comparison);
}

static void compare_runs(const struct comparison_side *base,
                         const struct comparison_side *candidate,
                         const struct comparison_asked *asked, struct comparison *comparison)
{
    double squares = squares_of(base, asked->quantile) + squares_of(candidate, asked->quantile);
    double k1 = (double)base->runs, k2 = (double)candidate->runs, df = k1 + k2 - 2;

    comparison->unit = COMPARISON_RUNS;
    comparison->units = fmin(k1, k2);
    conclude_ratio(asked, sqrt(squares / df * (1 / k1 + 1 / k2)), df, comparison);
}

static size_t requests_in(const struct comparison_side *side)
{
    size_t count = 0;

    for (size_t i = 0; i < side->runs; i++)
        count += side->run[i].count;
    return count;
}

static void compare_requests(const struct comparison_side *base,
                             const struct comparison_side *candidate,
                             const struct comparison_asked *asked, struct comparison *comparison)
{
    struct comparison_estimate before, now;
    struct random random;

    random_init(&random, asked->key, asked->keys);
    before = by_requests(base, asked, &random);
    now = by_requests(candidate, asked, &random);
    comparison->units = fmin((double)requests_in(base), (double)requests_in(candidate));
    conclude_ratio(asked, hypot(before.error, now.error),
                   comparison_welch_df(before.error, before.df, now.error, now.df), comparison);
}

bool comparison_is_by_runs(size_t base, size_t candidate)
{
    return base > 0 && candidate > 0 && base + candidate >= 4;
}

struct comparison comparison_of(const struct comparison_side *base,
                                const struct comparison_side *candidate,
                                const struct comparison_asked *asked)
{
    struct comparison comparison = {.unit = COMPARISON_REQUESTS};

    comparison.base = comparison_value(base, asked->quantile);
    comparison.candidate = comparison_value(candidate, asked->quantile);
    if (!(comparison.base > 0) || !(comparison.candidate > 0))
        comparison.base = comparison.candidate = NAN;
    else if (comparison_is_by_runs(base->runs, candidate->runs))
        compare_runs(base, candidate, asked, &comparison);
    else
        compare_requests(base, candidate, asked, &comparison);
    return comparison;
}

struct comparison comparison_of_estimates(const struct comparison_estimate *base,
                                          const struct comparison_estimate *candidate,
                                          const struct comparison_asked *asked)
{
    struct comparison comparison = {
        .base = base->value, .candidate = candidate->value, .unit = COMPARISON_VISITS};
    double before = base->error / base->value, now = candidate->error / candidate->value;

    if (!(base->value > 0) || !(candidate->value > 0))
        comparison.base = comparison.candidate = NAN;
    else
        conclude_ratio(asked, hypot(before, now),
                       comparison_welch_df(before, base->df, now, candidate->df), &comparison);
    return comparison;
}

enum comparison_shown comparison_shows(const struct comparison *comparison, double p_regressed,
                                       double confidence)
{
    double level = 1 - confidence;

    if (p_regressed <= level)
        return COMPARISON_SHOWS_REGRESSION;
    if (comparison->p_within > level)
        return COMPARISON_SHOWS_NOTHING;
    return comparison->p_improved <= level / 2 ? COMPARISON_SHOWS_IMPROVEMENT
                                               : COMPARISON_SHOWS_WITHIN;
}
