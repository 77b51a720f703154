#include "command/qualify.h"

#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "report/terminal.h"
#include "stats/comparison.h"
#include "stats/quantile.h"

enum { NAME = 512 };

struct qualifying {
    const struct side *base, *candidate;
    const struct policy *policy;
    struct qualification *into;
    struct comparison *comparison; /* of each line that has one; owned */
};

/* --- Lines ------------------------------------------------------------------------------------ */

static struct qualification_line *add_line(struct qualifying *qualifying, const struct row *row,
                                           const char *measure)
{
    struct qualification *into = qualifying->into;
    struct qualification_line *line;

    qualifying->comparison =
        memory_grow(qualifying->comparison, into->lines, sizeof *qualifying->comparison);
    qualifying->comparison[into->lines] = (struct comparison){.base = NAN};
    into->line = memory_grow(into->line, into->lines, sizeof *into->line);
    line = &into->line[into->lines++];
    *line = (struct qualification_line){.row = row,
                                        .measure = measure,
                                        .unit = "",
                                        .base.value = NAN,
                                        .candidate.value = NAN,
                                        .ratio = NAN,
                                        .low = NAN,
                                        .high = NAN,
                                        .p_adjusted = NAN,
                                        .margin = NAN,
                                        .least = NAN,
                                        .most = NAN};
    return line;
}

/* Sets the verdict with its sentence; false, to return. */
static bool refuse(struct qualification_line *line, enum qualification_verdict verdict,
                   const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool refuse(struct qualification_line *line, enum qualification_verdict verdict,
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

    for (size_t i = 0; i < side->runs.count; i++) {
        if (row->run[i].invalid && policy->require_valid)
            return refuse(line, QUALIFICATION_INVALID,
                          "the %s measured the client, not the "
                          "endpoint: %s",
                          which, row->run[i].why);
        if (row->run[i].cut_short)
            return refuse(line, QUALIFICATION_INVALID, "the %s's row was cut short", which);
    }
    if (completed == 0)
        return refuse(line, QUALIFICATION_MISSING, "no request of the %s completed", which);
    if (runs < (size_t)policy->min_runs)
        return refuse(line, QUALIFICATION_TOO_FEW, "%zu run%s of the %s; the policy asks for %lld",
                      runs, runs == 1 ? "" : "s", which, (long long)policy->min_runs);
    if (completed < (size_t)policy->min_requests)
        return refuse(line, QUALIFICATION_TOO_FEW,
                      "%zu requests of the %s completed; the policy asks for %lld", completed,
                      which, (long long)policy->min_requests);
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
        break;
    }
    return (struct comparison_run){NULL, 0};
}

/* The runs that have values; free the list. */
static struct comparison_side comparison_side_of(const struct side *side,
                                                 const struct side_row *row,
                                                 const struct measure *measure)
{
    struct comparison_side compared = {.run = memory_new(side->runs.count, sizeof *compared.run)};

    for (size_t i = 0; i < side->runs.count; i++) {
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
        break;
    }
    return NAN;
}

static double value_of(const struct side *side, const struct side_row *row,
                       const struct measure *measure)
{
    struct comparison_side compared;
    double value;

    if (measure->kind == MEASURE_SWITCH)
        return row->study ? row->study->cost.cost_s : NAN;
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
static const char *words_of(double value, const char *unit, char text[48])
{
    if (strcmp(unit, "share") == 0)
        snprintf(text, 48, "%.3g %%", 100 * value);
    else
        snprintf(text, 48, "%.4g%s%s", value, *unit ? " " : "", unit);
    return text;
}

static bool keeps_limits(const struct policy_limit *limit, struct qualification_line *line)
{
    double value = line->candidate.value;
    char is[48], may[48];

    if (value > limit->most)
        return refuse(line, QUALIFICATION_OVER_LIMIT, "%s, and at most %s is allowed",
                      words_of(value, line->unit, is), words_of(limit->most, line->unit, may));
    if (value < limit->least)
        return refuse(line, QUALIFICATION_OVER_LIMIT, "%s, and at least %s is asked for",
                      words_of(value, line->unit, is), words_of(limit->least, line->unit, may));
    return true;
}

/* Whether so many requests can tell a quantile; of several runs, together. */
static bool tells_quantile(const struct qualification_side *side, const char *which,
                           const struct measure *measure, struct qualification_line *line)
{
    if (measure->kind != MEASURE_METRIC || isnan(measure->quantile) ||
        quantile_is_supported(side->requests, measure->quantile))
        return true;
    return refuse(line, QUALIFICATION_TOO_FEW,
                  "%zu requests of the %s cannot tell this quantile; it takes %.0f", side->requests,
                  which, ceil(1 / fmin(measure->quantile, 1 - measure->quantile) - 1e-9));
}

/* --- Margins ---------------------------------------------------------------------------------- */

static struct comparison_asked asked_of(const struct qualifying *qualifying,
                                        const struct policy_limit *limit, uint64_t key[3])
{
    key[0] = 0x7175616c;
    key[1] = (uint64_t)qualifying->policy->seed;
    key[2] = qualifying->into->lines;
    return (struct comparison_asked){.quantile = limit->measure.quantile,
                                     .lower_is_better = limit->measure.lower_is_better,
                                     .margin = limit->margin,
                                     .confidence = qualifying->policy->confidence,
                                     .resamples = (size_t)qualifying->policy->resamples,
                                     .key = key,
                                     .keys = 3};
}

/* A value for each run: all that a rate gives. Free both. */
static struct comparison_side rates_of(const struct side *side, const struct side_row *row,
                                       const struct measure *measure, double **values)
{
    struct comparison_side compared = {.run = memory_new(side->runs.count, sizeof *compared.run)};

    *values = memory_new(side->runs.count, sizeof **values);
    for (size_t i = 0; i < side->runs.count; i++) {
        const struct side_run *run = &row->run[i];
        double good = 0;

        for (size_t k = 0; k < run->requests; k++)
            good += run->good[k];
        (*values)[compared.runs] =
            (measure->kind == MEASURE_GOODPUT ? good : run->output_tokens) / run->wall_s;
        compared.run[compared.runs] = (struct comparison_run){&(*values)[compared.runs], 1};
        compared.runs += run->visits > 0;
    }
    return compared;
}

static bool compare_switches(const struct side_row *base, const struct side_row *candidate,
                             const struct comparison_asked *asked, struct qualification_line *line,
                             struct comparison *comparison)
{
    const struct study_cost *before, *now;

    if (!base->study || !candidate->study || base->study->cost.paid == 0 ||
        candidate->study->cost.paid == 0)
        return refuse(line, QUALIFICATION_MISSING,
                      "no switch to this row was found on %s; it cannot be compared",
                      !base->study || base->study->cost.paid == 0 ? "the baseline"
                                                                  : "the candidate");
    before = &base->study->cost;
    now = &candidate->study->cost;
    *comparison = comparison_of_estimates(before->cost_s, before->error_s, now->cost_s,
                                          now->error_s, fmin(before->df, now->df), asked);
    return true;
}

static bool compare_values(const struct qualifying *qualifying, const struct side_row *base,
                           const struct side_row *candidate, const struct measure *measure,
                           const struct comparison_asked *asked, struct qualification_line *line,
                           struct comparison *comparison)
{
    bool rates = measure->kind == MEASURE_GOODPUT || measure->kind == MEASURE_THROUGHPUT;
    double *values[2] = {NULL, NULL};
    struct comparison_side sides[2];
    bool done = true;

    if (rates) {
        sides[0] = rates_of(qualifying->base, base, measure, &values[0]);
        sides[1] = rates_of(qualifying->candidate, candidate, measure, &values[1]);
    } else {
        sides[0] = comparison_side_of(qualifying->base, base, measure);
        sides[1] = comparison_side_of(qualifying->candidate, candidate, measure);
    }
    if (rates && (sides[0].runs < 2 || sides[1].runs < 2))
        done = refuse(line, QUALIFICATION_INCONCLUSIVE,
                      "one run does not tell how much this varies; two of each side, better three, "
                      "do");
    else
        *comparison = comparison_of(&sides[0], &sides[1], asked);
    for (int i = 0; i < 2; i++) {
        free(values[i]);
        free(sides[i].run);
    }
    return done;
}

static void compare(struct qualifying *qualifying, const struct policy_limit *limit,
                    const struct side_row *base, const struct side_row *candidate,
                    struct qualification_line *line)
{
    struct comparison *comparison = &qualifying->comparison[qualifying->into->lines - 1];
    uint64_t key[3];
    struct comparison_asked asked = asked_of(qualifying, limit, key);
    bool done = limit->measure.kind == MEASURE_SWITCH
                    ? compare_switches(base, candidate, &asked, line, comparison)
                    : compare_values(qualifying, base, candidate, &limit->measure, &asked, line,
                                     comparison);

    if (!done)
        return;
    if (isnan(comparison->base)) {
        refuse(line, QUALIFICATION_INCONCLUSIVE, "a value of 0 has no ratio; give max or min");
        return;
    }
    line->ratio = comparison->ratio;
    line->low = comparison->low;
    line->high = comparison->high;
}

/* --- One line --------------------------------------------------------------------------------- */

static void judge(struct qualifying *qualifying, const struct policy_limit *limit,
                  const struct side_row *base, const struct side_row *candidate)
{
    const struct measure *measure = &limit->measure;
    struct qualification_line *line = add_line(qualifying, candidate->row, measure->name);
    bool compared = !isnan(limit->margin);

    line->unit = measure->unit;
    line->margin = limit->margin;
    line->least = limit->least;
    line->most = limit->most;
    if (!is_usable(qualifying->candidate, candidate, "candidate", qualifying->policy, line) ||
        (compared && !is_usable(qualifying->base, base, "baseline", qualifying->policy, line)))
        return;
    line->base = side_of(qualifying->base, base, measure);
    line->candidate = side_of(qualifying->candidate, candidate, measure);
    if (isnan(line->candidate.value) || (compared && isnan(line->base.value))) {
        refuse(line, QUALIFICATION_MISSING, "the %s has none",
               isnan(line->candidate.value) ? "candidate" : "baseline");
        return;
    }
    if (!tells_quantile(&line->candidate, "candidate", measure, line) ||
        (compared && !tells_quantile(&line->base, "baseline", measure, line)) ||
        !keeps_limits(limit, line))
        return;
    if (compared)
        compare(qualifying, limit, base, candidate, line);
}

/* --- Rows ------------------------------------------------------------------------------------- */

static bool belongs(const struct policy_limit *limit, const struct row *row)
{
    char name[NAME];

    terminal_row(row, NAME / 2, name, sizeof name);
    return fnmatch(limit->rows, name, 0) == 0 || fnmatch(limit->rows, row->model_name, 0) == 0;
}

/* The candidate's row that asks for what the baseline's does. */
static const struct side_row *partner_of(const struct qualifying *qualifying,
                                         const struct side_row *base)
{
    struct row wanted = *base->row;

    wanted.model_name = (char *)policy_model(qualifying->policy, base->row->model_name);
    for (size_t i = 0; i < qualifying->candidate->rows; i++) {
        if (row_compare(qualifying->candidate->row[i].row, &wanted) == 0)
            return &qualifying->candidate->row[i];
    }
    return NULL;
}

static void judge_rows(struct qualifying *qualifying)
{
    const struct policy *policy = qualifying->policy;
    bool *met = memory_new(qualifying->candidate->rows, sizeof *met);

    for (size_t i = 0; i < qualifying->base->rows; i++) {
        const struct side_row *base = &qualifying->base->row[i];
        const struct side_row *candidate = partner_of(qualifying, base);

        if (!candidate) {
            refuse(add_line(qualifying, base->row, "row"), QUALIFICATION_MISSING,
                   "the candidate did not run it");
            continue;
        }
        met[candidate - qualifying->candidate->row] = true;
        for (size_t k = 0; k < policy->limits; k++) {
            if (belongs(&policy->limit[k], candidate->row))
                judge(qualifying, &policy->limit[k], base, candidate);
        }
    }
    for (size_t i = 0; i < qualifying->candidate->rows; i++) {
        if (!met[i])
            refuse(add_line(qualifying, qualifying->candidate->row[i].row, "row"),
                   QUALIFICATION_MISSING, "the baseline did not run it");
    }
    free(met);
}

/* A check that no row is held against says nothing, and is no pass. */
static void judge_checks(struct qualifying *qualifying)
{
    for (size_t k = 0; k < qualifying->policy->limits; k++) {
        const struct policy_limit *limit = &qualifying->policy->limit[k];
        bool any = false;

        for (size_t i = 0; i < qualifying->candidate->rows; i++)
            any |= belongs(limit, qualifying->candidate->row[i].row);
        if (!any)
            refuse(add_line(qualifying, NULL, limit->measure.name), QUALIFICATION_MISSING,
                   "no row is called '%.200s'", limit->rows);
    }
}

/* --- All together ----------------------------------------------------------------------------- */

/* Holm over the lines that were compared. */
static void adjust(struct qualifying *qualifying)
{
    struct qualification *into = qualifying->into;
    size_t *order = memory_new(into->lines, sizeof *order), count = 0;
    double least = 0;

    for (size_t i = 0; i < into->lines; i++) {
        size_t at;

        if (isnan(into->line[i].ratio))
            continue;
        for (at = count++; at > 0 && qualifying->comparison[order[at - 1]].p_regressed >
                                         qualifying->comparison[i].p_regressed;
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (size_t i = 0; i < count; i++) {
        double p = qualifying->comparison[order[i]].p_regressed * (double)(count - i);

        least = fmax(least, fmin(p, 1));
        into->line[order[i]].p_adjusted = least;
    }
    free(order);
}

static void say_more(const struct comparison *comparison, struct qualification_line *line)
{
    size_t runs = line->base.runs < line->candidate.runs ? line->base.runs : line->candidate.runs;
    size_t requests = line->base.requests < line->candidate.requests ? line->base.requests
                                                                     : line->candidate.requests;
    double now = comparison->by_runs ? (double)runs : (double)requests;
    double wanted = ceil(now * comparison->more);

    if (!(wanted < 1e6))
        refuse(line, QUALIFICATION_INCONCLUSIVE, "the ratio lies at the margin itself");
    else if (wanted <= now)
        refuse(line, QUALIFICATION_INCONCLUSIVE, "a few more %s would settle it",
               comparison->by_runs ? "runs" : "requests");
    else if (comparison->by_runs)
        refuse(line, QUALIFICATION_INCONCLUSIVE,
               "about %.0f more run%s of each side would settle it", wanted - now,
               wanted - now == 1 ? "" : "s");
    else
        refuse(line, QUALIFICATION_INCONCLUSIVE,
               "about %.0f requests of each side, instead of %.0f, would settle it", wanted, now);
}

static void conclude(struct qualifying *qualifying)
{
    struct qualification *into = qualifying->into;
    double level = 1 - qualifying->policy->confidence;

    for (size_t i = 0; i < into->lines; i++) {
        struct qualification_line *line = &into->line[i];
        const struct comparison *comparison = &qualifying->comparison[i];

        if (isnan(line->ratio))
            continue;
        into->by_requests |= !comparison->by_runs && strcmp(line->measure, "switch_s") != 0;
        if (line->p_adjusted <= level)
            refuse(line, QUALIFICATION_REGRESSED, "worse by more than the margin of %g %%",
                   100 * line->margin);
        else if (comparison->p_held > level)
            say_more(comparison, line);
        else
            line->verdict =
                comparison->p_improved <= level ? QUALIFICATION_IMPROVED : QUALIFICATION_PASS;
    }
}

/* Those that do not pass first, each kind together, in the order of the policy. */
static int by_weight(const void *a, const void *b)
{
    static const int weight[QUALIFICATION_VERDICTS] = {
        [QUALIFICATION_REGRESSED] = 0, [QUALIFICATION_OVER_LIMIT] = 1,
        [QUALIFICATION_MISSING] = 2,   [QUALIFICATION_INVALID] = 3,
        [QUALIFICATION_TOO_FEW] = 4,   [QUALIFICATION_INCONCLUSIVE] = 5,
        [QUALIFICATION_PASS] = 6,      [QUALIFICATION_IMPROVED] = 7};
    const struct qualification_line *x = *(const struct qualification_line *const *)a;
    const struct qualification_line *y = *(const struct qualification_line *const *)b;

    if (weight[x->verdict] != weight[y->verdict])
        return weight[x->verdict] - weight[y->verdict];
    return (x > y) - (x < y);
}

static void sort_lines(struct qualification *into)
{
    const struct qualification_line **order = memory_new(into->lines, sizeof *order);
    struct qualification_line *sorted = memory_new(into->lines, sizeof *sorted);

    for (size_t i = 0; i < into->lines; i++)
        order[i] = &into->line[i];
    qsort(order, into->lines, sizeof *order, by_weight);
    for (size_t i = 0; i < into->lines; i++)
        sorted[i] = *order[i];
    free(order);
    free(into->line);
    into->line = sorted;
}

static bool is_of_the_run_alone(const char *key)
{
    static const char *const own[] = {"run_name",
                                      "started_utc",
                                      "status",
                                      "status_since_utc",
                                      "settings.run_name",
                                      "command_line",
                                      "settings.output_files_dir",
                                      "settings.consolidated_results_dir"};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (strcmp(own[i], key) == 0)
            return true;
    }
    return false;
}

static void add_difference(struct qualification *into, const char *key, const char *base,
                           const char *candidate)
{
    if (is_of_the_run_alone(key) || (base && candidate && strcmp(base, candidate) == 0))
        return;
    into->difference = memory_grow(into->difference, into->differences, sizeof *into->difference);
    into->difference[into->differences++] =
        (struct qualification_difference){key, base ? base : "", candidate ? candidate : ""};
}

/* Of the first run of each side. */
static void find_differences(const struct qualifying *qualifying)
{
    const struct manifest_content *base = &qualifying->base->runs.results[0].manifest;
    const struct manifest_content *candidate = &qualifying->candidate->runs.results[0].manifest;

    for (size_t i = 0; i < base->facts; i++)
        add_difference(qualifying->into, base->fact[i].key, base->fact[i].value,
                       manifest_find(candidate, base->fact[i].key));
    for (size_t i = 0; i < candidate->facts; i++) {
        if (!manifest_find(base, candidate->fact[i].key))
            add_difference(qualifying->into, candidate->fact[i].key, NULL,
                           candidate->fact[i].value);
    }
}

void qualify(const struct side *base, const struct side *candidate, const struct policy *policy,
             struct qualification *qualification)
{
    struct qualifying qualifying = {base, candidate, policy, qualification, NULL};

    *qualification = (struct qualification){.base = base->name,
                                            .candidate = candidate->name,
                                            .base_runs = base->runs.count,
                                            .candidate_runs = candidate->runs.count,
                                            .confidence = policy->confidence,
                                            .pass = true};
    judge_rows(&qualifying);
    judge_checks(&qualifying);
    adjust(&qualifying);
    conclude(&qualifying);
    for (size_t i = 0; i < qualification->lines; i++) {
        qualification->count[qualification->line[i].verdict]++;
        qualification->pass &= qualification_passes(qualification->line[i].verdict);
    }
    if (qualification->lines > 0)
        sort_lines(qualification);
    qualification->pass &= qualification->lines > 0;
    find_differences(&qualifying);
    free(qualifying.comparison);
}

void qualification_clear(struct qualification *qualification)
{
    free(qualification->line);
    free(qualification->difference);
    *qualification = (struct qualification){0};
}
