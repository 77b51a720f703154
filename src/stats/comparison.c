#include "stats/comparison.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
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

/* The rank in the original that a resample's value of rank `at` comes from: the `at`-th of `count`
 * even draws, which is normal enough for so many. */
static double drawn_rank(double at, size_t count, struct random *random)
{
    double share = (at + 0.5) / (double)count;
    double rank = (share + random_normal(random) * sqrt(share * (1 - share) / (double)count)) *
                      (double)count -
                  0.5;

    return fmin(fmax(rank, 0), (double)(count - 1));
}

static double value_at(const double *sorted, double rank)
{
    size_t below = (size_t)rank;

    return sorted[below] + (rank > (double)below
                                ? (rank - (double)below) * (sorted[below + 1] - sorted[below])
                                : 0);
}

/* The mean of a resample of many is normal around theirs. */
static double draw_of_many(const struct comparison_run *run, double quantile, struct random *random)
{
    size_t count = run->count;

    if (isnan(quantile))
        return quantile_mean(run->value, count) +
               random_normal(random) * quantile_stddev(run->value, count) / sqrt((double)count);
    return value_at(run->value, drawn_rank(quantile * (double)(count - 1), count, random));
}

/* The statistic of as many draws with replacement; `room` holds them. */
static double draw(const struct comparison_run *run, double quantile, double *room,
                   struct random *random)
{
    if (run->count > DRAWN_WHOLE)
        return draw_of_many(run, quantile, random);
    for (size_t i = 0; i < run->count; i++)
        room[i] = run->value[random_below(random, run->count)];
    if (!isnan(quantile))
        quantile_sort(room, run->count);
    return statistic_of(room, run->count, quantile);
}

/* --- A side ----------------------------------------------------------------------------------- */

double comparison_value(const struct comparison_side *side, double quantile)
{
    double sum = 0;

    for (size_t i = 0; i < side->runs; i++) {
        if (!isnan(quantile))
            quantile_sort(side->run[i].value, side->run[i].count);
        sum += log(statistic_of(side->run[i].value, side->run[i].count, quantile));
    }
    return exp(sum / (double)side->runs);
}

/* The logarithm of a resample of runs, whose statistics' logarithms are given. */
static double draw_runs(const double *logs, size_t runs, struct random *random)
{
    double sum = 0;

    for (size_t i = 0; i < runs; i++)
        sum += logs[random_below(random, runs)];
    return sum / (double)runs;
}

/* The logarithm of a resample of each run's requests. */
static double draw_requests(const struct comparison_side *side, double quantile, double *room,
                            struct random *random)
{
    double sum = 0;

    for (size_t i = 0; i < side->runs; i++)
        sum += log(draw(&side->run[i], quantile, room, random));
    return sum / (double)side->runs;
}

/* The standard error of a side's logarithm. */
static double error_of(const struct comparison_side *side, bool by_runs,
                       const struct comparison_asked *asked, struct random *random)
{
    double *logs = memory_new(asked->resamples, sizeof *logs);
    double *of_runs = memory_new(side->runs, sizeof *of_runs);
    double *room = memory_new(DRAWN_WHOLE, sizeof *room);
    double error, k = (double)side->runs;
    size_t known = 0;

    for (size_t i = 0; i < side->runs; i++)
        of_runs[i] = log(statistic_of(side->run[i].value, side->run[i].count, asked->quantile));
    for (size_t i = 0; i < asked->resamples; i++) {
        logs[known] = by_runs ? draw_runs(of_runs, side->runs, random)
                              : draw_requests(side, asked->quantile, room, random);
        known += isfinite(logs[known]);
    }
    error = known > 1 ? quantile_stddev(logs, known) : 0;
    free(room);
    free(of_runs);
    free(logs);
    return by_runs ? error * sqrt(k / (k - 1)) : error;
}

/* --- Conclusions ------------------------------------------------------------------------------ */

/* P(T > t) where the error may be none. */
static double p_above(double distance, double error, double df)
{
    if (error > 0)
        return distribution_t_above(distance / error, df);
    return distance > 0 ? 0 : 1;
}

static void conclude(const struct comparison_asked *asked, struct comparison *comparison)
{
    double log_ratio = log(comparison->candidate / comparison->base);
    double worse = asked->lower_is_better ? log_ratio : -log_ratio;
    double margin = log1p(asked->margin), error = comparison->error, df = comparison->df;
    double t = distribution_t_quantile_above((1 - asked->confidence) / 2, df);
    double needed = distribution_t_quantile_above(1 - asked->confidence, INFINITY) +
                    distribution_t_quantile_above(1 - REPLICATE_POWER, INFINITY);

    comparison->ratio = exp(log_ratio);
    comparison->low = exp(log_ratio - t * error);
    comparison->high = exp(log_ratio + t * error);
    comparison->p_regressed = p_above(worse - margin, error, df);
    comparison->p_held = p_above(margin - worse, error, df);
    comparison->p_improved = p_above(-worse, error, df);
    comparison->more = pow(needed * error / fabs(margin - worse), 2);
}

struct comparison comparison_of(const struct comparison_side *base,
                                const struct comparison_side *candidate,
                                const struct comparison_asked *asked)
{
    struct comparison comparison = {.by_runs = base->runs > 1 && candidate->runs > 1};
    struct random random;

    comparison.base = comparison_value(base, asked->quantile);
    comparison.candidate = comparison_value(candidate, asked->quantile);
    if (!(comparison.base > 0) || !(comparison.candidate > 0)) {
        comparison.base = comparison.candidate = NAN;
        return comparison;
    }
    random_init(&random, asked->key, asked->keys);
    comparison.error = hypot(error_of(base, comparison.by_runs, asked, &random),
                             error_of(candidate, comparison.by_runs, asked, &random));
    comparison.df = INFINITY;
    if (comparison.by_runs)
        comparison.df = (double)(base->runs + candidate->runs - 2);
    conclude(asked, &comparison);
    return comparison;
}

struct comparison comparison_of_estimates(double base, double base_error, double candidate,
                                          double candidate_error, double df,
                                          const struct comparison_asked *asked)
{
    struct comparison comparison = {.base = base, .candidate = candidate, .df = df};

    if (!(base > 0) || !(candidate > 0)) {
        comparison.base = comparison.candidate = NAN;
        return comparison;
    }
    comparison.error = hypot(base_error / base, candidate_error / candidate);
    conclude(asked, &comparison);
    return comparison;
}
