#include "compare/qualify.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/judge.h"
#include "compare/judge_load.h"
#include "core/memory.h"
#include "report/terminal/terminal.h"

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
                                        .change = NAN,
                                        .low = NAN,
                                        .high = NAN,
                                        .p_adjusted = NAN,
                                        .margin = NAN,
                                        .least = NAN,
                                        .most = NAN};
    return line;
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
        if (qualifying->candidate->row[i].searched == base->searched &&
            qualifying->candidate->row[i].open_loop == base->open_loop &&
            row_compare(qualifying->candidate->row[i].row, &wanted) == 0)
            return &qualifying->candidate->row[i];
    }
    return NULL;
}

static void judge_pair(struct qualifying *qualifying, const struct policy_limit *limit,
                       const struct side_row *base, const struct side_row *candidate)
{
    struct qualification_line *line = add_line(qualifying, candidate->row, limit->measure.name);
    const struct judging judging = {qualifying->base, qualifying->candidate, qualifying->policy,
                                    qualifying->into->lines};

    judge_line(&judging, limit, base, candidate, line,
               &qualifying->comparison[qualifying->into->lines - 1]);
}

static void judge_rows(struct qualifying *qualifying)
{
    const struct policy *policy = qualifying->policy;
    bool *met = memory_new(qualifying->candidate->rows, sizeof *met);

    for (size_t i = 0; i < qualifying->base->rows; i++) {
        const struct side_row *base = &qualifying->base->row[i];
        const struct side_row *candidate = partner_of(qualifying, base);

        if (!candidate) {
            judge_refuse(add_line(qualifying, base->row, "row"), QUALIFICATION_MISSING,
                         "the candidate did not run it");
            continue;
        }
        met[candidate - qualifying->candidate->row] = true;
        if (base->lost || candidate->lost) {
            judge_refuse(add_line(qualifying, base->row, "row"), QUALIFICATION_MISSING, "%s",
                         candidate->lost ? candidate->lost : base->lost);
            continue;
        }
        for (size_t k = 0; k < policy->limits; k++) {
            if (belongs(&policy->limit[k], candidate->row) &&
                judge_load_applies(&policy->limit[k].measure, candidate))
                judge_pair(qualifying, &policy->limit[k], base, candidate);
        }
    }
    for (size_t i = 0; i < qualifying->candidate->rows; i++) {
        if (!met[i])
            judge_refuse(add_line(qualifying, qualifying->candidate->row[i].row, "row"),
                         QUALIFICATION_MISSING, "the baseline did not run it");
    }
    free(met);
}

/* Nobody knows which row a visit was of whose summary is broken: it may have been any. */
static void judge_lost(struct qualifying *qualifying)
{
    const char *lost[] = {qualifying->base->lost, qualifying->candidate->lost};

    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        if (lost[i])
            judge_refuse(add_line(qualifying, NULL, "row"), QUALIFICATION_MISSING, "%s", lost[i]);
    }
}

/* A check that no row is held against says nothing, and is no pass. */
static void judge_checks(struct qualifying *qualifying)
{
    for (size_t k = 0; k < qualifying->policy->limits; k++) {
        const struct policy_limit *limit = &qualifying->policy->limit[k];
        bool any = false;

        for (size_t i = 0; i < qualifying->candidate->rows; i++)
            any |= belongs(limit, qualifying->candidate->row[i].row) &&
                   judge_load_applies(&limit->measure, &qualifying->candidate->row[i]);
        if (!any && judge_load_measures(&limit->measure))
            judge_refuse(add_line(qualifying, NULL, limit->measure.name), QUALIFICATION_MISSING,
                         "no row that was searched for it is called '%.200s'", limit->rows);
        else if (!any)
            judge_refuse(add_line(qualifying, NULL, limit->measure.name), QUALIFICATION_MISSING,
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

        if (isnan(into->line[i].change))
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

/* What would settle a line, in the units that it goes by. */
static void say_more(const struct comparison *comparison, struct qualification_line *line)
{
    static const char *const words[] = {[COMPARISON_REQUESTS] = "requests",
                                        [COMPARISON_RUNS] = "runs",
                                        [COMPARISON_VISITS] = "visits"};
    const char *units = words[comparison->unit];
    double now = comparison->units, wanted = ceil(now * comparison->more);

    if (isinf(comparison->error) && comparison->unit == COMPARISON_VISITS)
        judge_refuse(line, QUALIFICATION_INCONCLUSIVE,
                     "visits that could not show a switch leave it open");
    else if (isinf(comparison->error))
        judge_refuse(line, QUALIFICATION_INCONCLUSIVE,
                     "one request does not show how much they vary");
    else if (!(wanted < 1e6))
        judge_refuse(line, QUALIFICATION_INCONCLUSIVE, "the change lies at the margin itself");
    else if (wanted <= now)
        judge_refuse(line, QUALIFICATION_INCONCLUSIVE, "a few more %s would settle it", units);
    else if (comparison->unit == COMPARISON_RUNS)
        judge_refuse(line, QUALIFICATION_INCONCLUSIVE,
                     "about %.0f more run%s of each side would settle it", wanted - now,
                     wanted - now == 1 ? "" : "s");
    else
        judge_refuse(line, QUALIFICATION_INCONCLUSIVE,
                     "about %.0f %s of each side, instead of %.0f, would settle it", wanted, units,
                     now);
}

static void say_regressed(struct qualification_line *line)
{
    if (line->margin_in_points)
        judge_refuse(line, QUALIFICATION_REGRESSED, "worse by more than the margin of %g points",
                     100 * line->margin);
    else
        judge_refuse(line, QUALIFICATION_REGRESSED, "worse by more than the margin of %g %%",
                     100 * line->margin);
}

/* What passes, and what to know of it where a side has one run. */
static void say_pass(const struct comparison *comparison, struct qualification_line *line)
{
    bool one_base = line->base.runs == 1, one = one_base || line->candidate.runs == 1;
    const char *which = one_base ? "baseline" : "candidate";

    if (comparison->unit == COMPARISON_REQUESTS || (comparison->unit == COMPARISON_VISITS && one))
        judge_refuse(line, QUALIFICATION_PASS_ONE_RUN,
                     "one run of the %s: what differs between runs is not in this", which);
    else if (one)
        judge_refuse(line, QUALIFICATION_PASS,
                     "one run of the %s: it is taken to vary as the other side's do", which);
    else
        line->verdict = QUALIFICATION_PASS;
    if (comparison->base == 0 && comparison->candidate == 0)
        judge_refuse(line, line->verdict, "0 on both sides");
}

static void conclude_line(const struct comparison *comparison, double confidence,
                          struct qualification_line *line)
{
    switch (comparison_shows(comparison, line->p_adjusted, confidence)) {
    case COMPARISON_SHOWS_REGRESSION:
        say_regressed(line);
        break;
    case COMPARISON_SHOWS_NOTHING:
        say_more(comparison, line);
        break;
    case COMPARISON_SHOWS_WITHIN:
        say_pass(comparison, line);
        break;
    case COMPARISON_SHOWS_IMPROVEMENT:
        line->verdict = QUALIFICATION_IMPROVED;
        break;
    }
}

static void conclude(struct qualifying *qualifying)
{
    struct qualification *into = qualifying->into;

    for (size_t i = 0; i < into->lines; i++) {
        const struct comparison *comparison = &qualifying->comparison[i];

        if (isnan(into->line[i].change))
            continue;
        into->by_requests |= comparison->unit == COMPARISON_REQUESTS;
        conclude_line(comparison, qualifying->policy->confidence, &into->line[i]);
    }
}

/* Those that do not pass first, each kind together, in the order of the policy. */
static int by_weight(const void *a, const void *b)
{
    static const int weight[QUALIFICATION_VERDICTS] = {
        [QUALIFICATION_REGRESSED] = 0,    [QUALIFICATION_OVER_LIMIT] = 1,
        [QUALIFICATION_MISSING] = 2,      [QUALIFICATION_INVALID] = 3,
        [QUALIFICATION_TOO_FEW] = 4,      [QUALIFICATION_INCONCLUSIVE] = 5,
        [QUALIFICATION_PASS_ONE_RUN] = 6, [QUALIFICATION_PASS] = 7,
        [QUALIFICATION_IMPROVED] = 8};
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

static double wall_of(const struct side *side, const struct row *row)
{
    double wall_s = 0;

    for (size_t i = 0; row && i < side->rows; i++) {
        for (size_t k = 0; side->row[i].row == row && k < side->runs.count; k++)
            wall_s += side->row[i].run[k].wall_s;
    }
    return isfinite(wall_s) ? wall_s : 0;
}

/* A line takes no time of its own, so all lines of a row together have the row's. */
static void share_time(const struct side *candidate, struct qualification *into)
{
    for (size_t i = 0; i < into->lines; i++) {
        size_t lines = 0;

        for (size_t k = 0; k < into->lines; k++)
            lines += into->line[k].row == into->line[i].row;
        into->line[i].wall_s = wall_of(candidate, into->line[i].row) / (double)lines;
    }
}

/* Of the steps' ends and how long they took, since the starter kit tells no more. */
static int64_t first_start(const struct runs *runs)
{
    int64_t first = 0;

    for (size_t i = 0; i < runs->count; i++) {
        for (size_t k = 0; k < runs->results[i].count; k++) {
            const struct step *step = &runs->results[i].step[k];
            int64_t start = step->timestamp_s - (step->wall_s > 0 ? (int64_t)step->wall_s : 0);

            if (step->timestamp_s > 0 && (first == 0 || start < first))
                first = start;
        }
    }
    return first;
}

/* What a search came to is a result; its settings are among the settings. */
static bool is_of_the_run_alone(const char *key)
{
    static const char *const own[] = {"run_name",
                                      "reports",
                                      "started_utc",
                                      "status",
                                      "status_since_utc",
                                      "settings.run_name",
                                      "command_line",
                                      "ready.waited_s",
                                      "counted.models",
                                      "counted.by",
                                      "counted.requests",
                                      "settings.output_files_dir",
                                      "settings.consolidated_results_dir"};

    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (strcmp(own[i], key) == 0)
            return true;
    }
    return strncmp(key, "search.", strlen("search.")) == 0;
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

/* A seed that was drawn is another in every run. */
static bool is_drawn_seed(const char *key, const struct manifest_content *base,
                          const struct manifest_content *candidate)
{
    const char *given[] = {manifest_find(base, "seed_given"),
                           manifest_find(candidate, "seed_given")};

    return strcmp(key, "settings.seed") == 0 && ((given[0] && strcmp(given[0], "false") == 0) ||
                                                 (given[1] && strcmp(given[1], "false") == 0));
}

/* Of the first run of each side. */
static void find_differences(const struct qualifying *qualifying)
{
    const struct manifest_content *base = &qualifying->base->runs.results[0].manifest;
    const struct manifest_content *candidate = &qualifying->candidate->runs.results[0].manifest;

    for (size_t i = 0; i < base->facts; i++) {
        const char *key = base->fact[i].key;

        if (!is_drawn_seed(key, base, candidate))
            add_difference(qualifying->into, key, base->fact[i].value,
                           manifest_find(candidate, key));
    }
    for (size_t i = 0; i < candidate->facts; i++) {
        if (!manifest_find(base, candidate->fact[i].key))
            add_difference(qualifying->into, candidate->fact[i].key, NULL,
                           candidate->fact[i].value);
    }
}

static const char *reported_by_server(const struct manifest_content *content, const char *key)
{
    for (size_t i = 0; i < content->servers; i++) {
        if (strcmp(content->server[i].key, key) == 0)
            return content->server[i].value;
    }
    return NULL;
}

static void add_server(struct qualification *into, const char *key, const char *base,
                       const char *candidate)
{
    if (base && candidate && strcmp(base, candidate) == 0)
        return;
    into->server = memory_grow(into->server, into->servers, sizeof *into->server);
    into->server[into->servers++] =
        (struct qualification_difference){key, base ? base : "", candidate ? candidate : ""};
}

/* Of the first run of each side; nothing is to be reported where one of them was not asked. */
static void find_server_differences(const struct qualifying *qualifying)
{
    const struct manifest_content *base = &qualifying->base->runs.results[0].manifest;
    const struct manifest_content *candidate = &qualifying->candidate->runs.results[0].manifest;

    if (base->servers == 0 || candidate->servers == 0)
        return;
    for (size_t i = 0; i < base->servers; i++)
        add_server(qualifying->into, base->server[i].key, base->server[i].value,
                   reported_by_server(candidate, base->server[i].key));
    for (size_t i = 0; i < candidate->servers; i++) {
        if (!reported_by_server(base, candidate->server[i].key))
            add_server(qualifying->into, candidate->server[i].key, NULL,
                       candidate->server[i].value);
    }
}

static struct qualification_run *list_runs(const struct runs *runs)
{
    struct qualification_run *list = memory_new(runs->count, sizeof *list);

    for (size_t i = 0; i < runs->count; i++)
        list[i] = (struct qualification_run){
            runs->results[i].name, manifest_find(&runs->results[i].manifest, "started_utc")};
    return list;
}

void qualify(const struct side *base, const struct side *candidate, const struct policy *policy,
             struct qualification *qualification)
{
    struct qualifying qualifying = {base, candidate, policy, qualification, NULL};

    *qualification = (struct qualification){
        .base = base->name,
        .candidate = candidate->name,
        .base_runs = base->runs.count,
        .candidate_runs = candidate->runs.count,
        .base_run = list_runs(&base->runs),
        .candidate_run = list_runs(&candidate->runs),
        .host = manifest_find(&candidate->runs.results[0].manifest, "host.name"),
        .started_s = first_start(&candidate->runs),
        .confidence = policy->confidence,
        .pass = true};
    judge_rows(&qualifying);
    judge_checks(&qualifying);
    judge_lost(&qualifying);
    share_time(candidate, qualification);
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
    find_server_differences(&qualifying);
    free(qualifying.comparison);
}

void qualification_clear(struct qualification *qualification)
{
    free(qualification->base_run);
    free(qualification->candidate_run);
    free(qualification->line);
    free(qualification->difference);
    free(qualification->server);
    *qualification = (struct qualification){0};
}
