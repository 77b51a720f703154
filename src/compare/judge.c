#include "compare/judge.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/judge_load.h"
#include "compare/judge_server.h"
#include "compare/judge_switch.h"
#include "core/memory.h"
#include "core/unit.h"
#include "stats/quantile.h"

bool judge_refuse(struct qualification_line *line, enum qualification_verdict verdict,
                  const char *format, ...)
{
    va_list arguments;

    line->verdict = verdict;
    va_start(arguments, format);
    vsnprintf(line->reason, sizeof line->reason, format, arguments);
    va_end(arguments);
    return false;
}

/* --- One side of a line ----------------------------------------------------------------------- */

static bool is_usable(const struct side *side, const struct side_row *row, const char *which,
                      const struct policy *policy, struct qualification_line *line)
{
    size_t runs = side_runs(side, row), completed = side_completed(side, row);
    char count[UNIT_TEXT];

    for (size_t i = 0; i < side->runs.count; i++) {
        if (row->run[i].invalid && policy->require_valid)
            return judge_refuse(line, QUALIFICATION_INVALID,
                                "the %s measured the client, not the "
                                "endpoint: %s",
                                which, row->run[i].why);
        if (row->run[i].cut_short)
            return judge_refuse(line, QUALIFICATION_INVALID, "the %s's row was cut short", which);
    }
    if (completed == 0)
        return judge_refuse(line, QUALIFICATION_MISSING, "no request of the %s completed", which);
    if (runs < (size_t)policy->min_runs)
        return judge_refuse(line, QUALIFICATION_TOO_FEW, "%s of the %s; the policy asks for %lld",
                            unit_count(runs, "run", NULL, count), which,
                            (long long)policy->min_runs);
    if (completed < (size_t)policy->min_requests)
        return judge_refuse(
            line, QUALIFICATION_TOO_FEW, "%s of the %s completed; the policy asks for %lld",
            unit_count(completed, "request", NULL, count), which, (long long)policy->min_requests);
    return true;
}

/* A run's values of the measure; none where it has a single one (a rate) or nobody reported it. */
static struct comparison_run values_of(const struct side_run *run, const struct measure *measure)
{
    switch (measure->kind) {
    case MEASURE_METRIC:
        return (struct comparison_run){run->value[measure->metric], run->count[measure->metric]};
    case MEASURE_GOODPUT_SHARE:
    case MEASURE_GOODPUT:
        return (struct comparison_run){run->good, run->requests};
    case MEASURE_ERROR_RATE:
    case MEASURE_THROUGHPUT:
    case MEASURE_SWITCH:
    case MEASURE_SWITCH_SHARE:
    case MEASURE_SWITCH_VISIT:
    case MEASURE_MAX_QPS:
    case MEASURE_MAX_AT_ONCE:
    case MEASURE_SERVER:
        break;
    }
    return (struct comparison_run){NULL, 0};
}

/* Whether a request's mean gap is known within bounds only, so that none of the side's quantiles is
 * known: what is left would not be all. */
static bool has_unknown_gaps(const struct side *side, const struct side_row *row,
                             const struct measure *measure)
{
    bool unknown = false;

    for (size_t i = 0; i < side->runs.count; i++)
        unknown |= row->run[i].gaps_unknown;
    return unknown && measure->kind == MEASURE_METRIC &&
           measure->metric == METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S;
}

static bool knows_gaps(const struct side *side, const struct side_row *row, const char *which,
                       const struct measure *measure, struct qualification_line *line)
{
    return !has_unknown_gaps(side, row, measure) ||
           judge_refuse(line, QUALIFICATION_INCONCLUSIVE,
                        "chunks of the %s were read together, late, so that its gaps are known "
                        "within bounds only; run it again where the client keeps up",
                        which);
}

/* The runs that have values; free the list. */
static struct comparison_side comparison_side_of(const struct side *side,
                                                 const struct side_row *row,
                                                 const struct measure *measure)
{
    struct comparison_side compared = {.run = memory_new(side->runs.count, sizeof *compared.run)};

    for (size_t i = 0; i < side->runs.count && !has_unknown_gaps(side, row, measure); i++) {
        struct comparison_run run = values_of(&row->run[i], measure);

        if (run.count > 0)
            compared.run[compared.runs++] = run;
    }
    return compared;
}

/* Over all of its runs. */
static double rate_of(const struct side *side, const struct side_row *row,
                      const struct measure *measure)
{
    double tokens = 0, wall_s = 0, good = 0, failed = 0, requests = 0;

    for (size_t i = 0; i < side->runs.count; i++) {
        const struct side_run *run = &row->run[i];

        tokens += run->output_tokens;
        wall_s += run->wall_s;
        requests += (double)run->requests;
        failed += (double)(run->requests - run->completed);
        for (size_t k = 0; k < run->requests; k++)
            good += run->good[k];
    }
    switch (measure->kind) {
    case MEASURE_ERROR_RATE:
        return failed / requests;
    case MEASURE_GOODPUT_SHARE:
        return good / requests;
    case MEASURE_GOODPUT:
        return good / wall_s;
    case MEASURE_THROUGHPUT:
        return tokens / wall_s;
    case MEASURE_METRIC:
    case MEASURE_SWITCH:
    case MEASURE_SWITCH_SHARE:
    case MEASURE_SWITCH_VISIT:
    case MEASURE_MAX_QPS:
    case MEASURE_MAX_AT_ONCE:
    case MEASURE_SERVER:
        break;
    }
    return NAN;
}

static double value_of(const struct side *side, const struct side_row *row,
                       const struct measure *measure)
{
    struct comparison_side compared;
    double value;

    if (judge_switch_measures(measure))
        return judge_switch_value(row, measure);
    if (judge_load_measures(measure))
        return judge_load_value(side, row);
    if (judge_server_measures(measure))
        return judge_server_value(side, row, measure);
    if (measure->kind != MEASURE_METRIC)
        return rate_of(side, row, measure);
    compared = comparison_side_of(side, row, measure);
    value = compared.runs > 0 ? comparison_value(&compared, measure->quantile) : NAN;
    free(compared.run);
    return value;
}

static struct qualification_side side_of(const struct side *side, const struct side_row *row,
                                         const struct measure *measure)
{
    return (struct qualification_side){.value = value_of(side, row, measure),
                                       .runs = side_runs(side, row),
                                       .requests = side_completed(side, row)};
}

/* --- Limits ----------------------------------------------------------------------------------- */

/* "0.2 s", "12.5 tokens/s", "1.2 %". */
static const char *words_of(double value, const char *unit, char text[UNIT_TEXT])
{
    char figure[24];

    if (strcmp(unit, "share") == 0) {
        snprintf(text, UNIT_TEXT, "%.3g %%", 100 * value);
        return text;
    }
    snprintf(figure, sizeof figure, "%.4g", value);
    return unit_quantity(figure, unit, text);
}

static bool keeps_limits(const struct policy_limit *limit, struct qualification_line *line)
{
    double value = line->candidate.value;
    char is[UNIT_TEXT], may[UNIT_TEXT];

    if (value > limit->most)
        return judge_refuse(line, QUALIFICATION_OVER_LIMIT, "%s, and at most %s is allowed",
                            words_of(value, line->unit, is),
                            words_of(limit->most, line->unit, may));
    if (value < limit->least)
        return judge_refuse(line, QUALIFICATION_OVER_LIMIT, "%s, and at least %s is asked for",
                            words_of(value, line->unit, is),
                            words_of(limit->least, line->unit, may));
    return true;
}

static bool has_value(const struct qualification_side *side, const char *which,
                      const struct measure *measure, struct qualification_line *line)
{
    if (!isnan(side->value))
        return true;
    if (judge_switch_measures(measure))
        return judge_refuse(line, QUALIFICATION_MISSING, "no visit of the %s %s", which,
                            judge_switch_missing(measure));
    if (judge_server_measures(measure))
        return judge_refuse(line, QUALIFICATION_MISSING,
                            "the server did not tell it in each run of the %s; run with telemetry",
                            which);
    return judge_refuse(line, QUALIFICATION_MISSING, "the %s has none", which);
}

/* Whether so many requests can tell a quantile; of several runs, together. */
static bool tells_quantile(const struct qualification_side *side, const char *which,
                           const struct measure *measure, struct qualification_line *line)
{
    char count[UNIT_TEXT];

    if (measure->kind != MEASURE_METRIC || isnan(measure->quantile) ||
        quantile_is_supported(side->requests, measure->quantile))
        return true;
    return judge_refuse(line, QUALIFICATION_TOO_FEW,
                        "%s of the %s %s too few for this quantile; it needs %.0f",
                        unit_count(side->requests, "request", NULL, count), which,
                        side->requests == 1 ? "is" : "are",
                        ceil(1 / fmin(measure->quantile, 1 - measure->quantile) - 1e-9));
}

/* --- Margins ---------------------------------------------------------------------------------- */

static struct comparison_asked asked_of(const struct judging *judging,
                                        const struct policy_limit *limit, uint64_t key[3])
{
    key[0] = 0x7175616c;
    key[1] = (uint64_t)judging->policy->seed;
    key[2] = judging->number;
    return (struct comparison_asked){.quantile = limit->measure.quantile,
                                     .lower_is_better = limit->measure.lower_is_better,
                                     .margin = limit->margin,
                                     .confidence = judging->policy->confidence,
                                     .resamples = (size_t)judging->policy->resamples,
                                     .key = key,
                                     .keys = 3};
}

/* Whether a run has one value of a measure, not one of each request. */
static bool has_one_a_run(const struct measure *measure)
{
    return measure->kind == MEASURE_GOODPUT || measure->kind == MEASURE_THROUGHPUT ||
           judge_server_measures(measure);
}

static double value_of_run(const struct side_run *run, const struct measure *measure)
{
    double good = 0;

    if (judge_server_measures(measure))
        return judge_server_of_run(run, measure);
    for (size_t k = 0; k < run->requests; k++)
        good += run->good[k];
    return (measure->kind == MEASURE_GOODPUT ? good : run->output_tokens) / run->wall_s;
}

/* A value for each run: all that a rate gives. Free both. */
static struct comparison_side rates_of(const struct side *side, const struct side_row *row,
                                       const struct measure *measure, double **values)
{
    struct comparison_side compared = {.run = memory_new(side->runs.count, sizeof *compared.run)};

    *values = memory_new(side->runs.count, sizeof **values);
    for (size_t i = 0; i < side->runs.count; i++) {
        const struct side_run *run = &row->run[i];

        (*values)[compared.runs] = value_of_run(run, measure);
        compared.run[compared.runs] = (struct comparison_run){&(*values)[compared.runs], 1};
        compared.runs += run->visits > 0;
    }
    return compared;
}

static bool compare_values(const struct judging *judging, const struct side_row *base,
                           const struct side_row *candidate, const struct measure *measure,
                           const struct comparison_asked *asked, struct qualification_line *line,
                           struct comparison *comparison)
{
    bool rates = has_one_a_run(measure);
    double *values[2] = {NULL, NULL};
    struct comparison_side sides[2];
    bool done = true;

    if (rates) {
        sides[0] = rates_of(judging->base, base, measure, &values[0]);
        sides[1] = rates_of(judging->candidate, candidate, measure, &values[1]);
    } else {
        sides[0] = comparison_side_of(judging->base, base, measure);
        sides[1] = comparison_side_of(judging->candidate, candidate, measure);
    }
    if (rates && !comparison_is_by_runs(sides[0].runs, sides[1].runs))
        done = judge_refuse(line, QUALIFICATION_INCONCLUSIVE,
                            "one run does not show how much this varies; it takes two of each "
                            "side, or three of the other");
    else
        *comparison = comparison_of(&sides[0], &sides[1], asked);
    for (int i = 0; i < 2; i++) {
        free(values[i]);
        free(sides[i].run);
    }
    return done;
}

static void compare(const struct judging *judging, const struct policy_limit *limit,
                    const struct side_row *base, const struct side_row *candidate,
                    struct qualification_line *line, struct comparison *comparison)
{
    uint64_t key[3];
    struct comparison_asked asked = asked_of(judging, limit, key);

    if (judge_switch_measures(&limit->measure))
        *comparison = judge_switch_compare(base, candidate, &limit->measure, &asked);
    else if (judge_load_measures(&limit->measure))
        *comparison =
            judge_load_compare(judging->base, base, judging->candidate, candidate, &asked);
    else if (!compare_values(judging, base, candidate, &limit->measure, &asked, line, comparison))
        return;
    if (isnan(comparison->base)) {
        judge_refuse(line, QUALIFICATION_INCONCLUSIVE,
                     "a value of 0 has no ratio; give max or min");
        return;
    }
    line->by_difference = comparison->by_difference;
    line->change = comparison->change;
    line->low = comparison->low;
    line->high = comparison->high;
}

/* --- One line --------------------------------------------------------------------------------- */

void judge_line(const struct judging *judging, const struct policy_limit *limit,
                const struct side_row *base, const struct side_row *candidate,
                struct qualification_line *line, struct comparison *comparison)
{
    const struct measure *measure = &limit->measure;
    bool compared = !isnan(limit->margin);

    line->unit = measure->unit;
    line->margin = limit->margin;
    line->margin_in_points = measure->margin_in_points;
    line->least = limit->least;
    line->most = limit->most;
    if (!is_usable(judging->candidate, candidate, "candidate", judging->policy, line) ||
        (compared && !is_usable(judging->base, base, "baseline", judging->policy, line)))
        return;
    line->base = side_of(judging->base, base, measure);
    line->candidate = side_of(judging->candidate, candidate, measure);
    if (!knows_gaps(judging->candidate, candidate, "candidate", measure, line) ||
        (compared && !knows_gaps(judging->base, base, "baseline", measure, line)))
        return;
    if (!has_value(&line->candidate, "candidate", measure, line) ||
        (compared && !has_value(&line->base, "baseline", measure, line)))
        return;
    if (!tells_quantile(&line->candidate, "candidate", measure, line) ||
        (compared && !tells_quantile(&line->base, "baseline", measure, line)) ||
        !keeps_limits(limit, line))
        return;
    if (compared)
        compare(judging, limit, base, candidate, line, comparison);
}
