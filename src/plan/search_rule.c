#include "plan/search_rule.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
const struct setting search_rule_table[] = {
    {"goodput_share", SETTING_NUMBER, offsetof(struct search_rule, goodput_share),
     .fallback = "0.95", .least = 0.5, .most = 0.999,
     .help = "the share of requests that has to keep slo; a failed request does not"},
    {"range", SETTING_NUMBERS, offsetof(struct search_rule, range), .least = 1e-6, .most = 1e6,
     .help = "the lowest and the highest load, qps, concurrency or trace_speed, such as [0.5, 200]; "
             "by itself 64 times less and more than the row's"},
    {"resolution", SETTING_NUMBER, offsetof(struct search_rule, resolution), .fallback = "0.05",
     .least = 0.005, .most = 0.5,
     .help = "how well the load is to be known: half of its 90 % interval, as a share of it"},
    {"budget_s", SETTING_NUMBER, offsetof(struct search_rule, budget_s), .fallback = "1200",
     .least = 1, .most = 1e6, .unit = "s",
     .help = "how long the search of a row may take; no step begins later"},
    {"confirm", SETTING_TRUTH, offsetof(struct search_rule, confirm), .fallback = "true",
     .help = "a last step at the low end of the interval, which has to keep slo"},
    {0},
};
/* clang-format on */

void search_rule_check(const struct yaml *root, bool rows_beside_each_other,
                       struct search_rule *rule, struct faults *faults)
{
    const struct yaml *group = yaml_find(root, "search");
    const struct yaml *range =
        group && group->kind == YAML_MAPPING ? yaml_find(group, "range") : NULL;
    const double *loads = rule->range.items;

    rule->asked = group && !yaml_is_null(group);
    if (!rule->asked)
        return;
    if (range && !yaml_is_null(range) && (rule->range.count != 2 || !(loads[0] < loads[1])))
        faults_add(faults, range->source, range->line,
                   "search.range: is not two loads, the lower first, such as [0.5, 200]");
    if (rows_beside_each_other)
        faults_add(faults, group->source, group->line,
                   "search: needs rows one after another; leave out concurrency_enabled, or "
                   "search");
}

/* --- Loads ------------------------------------------------------------------------------------ */

enum search_by search_rule_by(const struct row *first)
{
    return first->trace                     ? SEARCH_BY_TRACE_SPEED
           : first->concurrent_requests > 0 ? SEARCH_BY_CONCURRENCY
                                            : SEARCH_BY_QPS;
}

static double speed_of(const struct row *row)
{
    return row->trace_speed > 0 ? row->trace_speed : 1;
}

double search_rule_part(const struct row *row, size_t member)
{
    if (member > 0 && (row->trace || row->share > 0))
        return 0;
    return row->trace                     ? speed_of(row)
           : row->concurrent_requests > 0 ? (double)row->concurrent_requests
                                          : row->qps;
}

double search_rule_load(const struct row *row, size_t rows)
{
    double load = 0;

    for (size_t i = 0; i < rows; i++)
        load += search_rule_part(&row[i], i);
    return load;
}

void search_rule_range(const struct search_rule *rule, const struct row *row, size_t rows,
                       double *low, double *high)
{
    const double *loads = rule->range.items;
    double own = search_rule_load(row, rows), least = row->share > 0 ? 1 : (double)rows;

    *low = rule->range.count == 2 ? loads[0] : own / SEARCH_REACH;
    *high = rule->range.count == 2 ? loads[1] : own * SEARCH_REACH;
    if (search_rule_by(row) == SEARCH_BY_CONCURRENCY) {
        *low = fmax(least, ceil(*low));
        *high = fmax(*low, floor(*high));
    }
}

size_t search_rule_lines(const struct row *row, size_t rows)
{
    size_t lines = 0;

    for (size_t i = 0; i < rows && row->trace; i++)
        lines += (size_t)row[i].num_requests;
    return row->trace ? lines : SIZE_MAX;
}

double search_rule_trace_qps(const struct row *row, size_t rows)
{
    double qps = 0;

    for (size_t i = 0; i < rows; i++)
        qps += row[i].qps;
    return row->trace ? qps / speed_of(row) : NAN;
}

/* --- A step's rows ---------------------------------------------------------------------------- */

/* How far a row's places are from its part of all. */
static double lacking(const struct row *row, const struct row *step, double scale)
{
    return (double)row->concurrent_requests * scale - (double)step->concurrent_requests;
}

/* The row that lacks most; or has most too many, and more than one. */
static struct row *furthest(const struct row *row, size_t rows, double scale, bool too_many,
                            struct row *step)
{
    size_t found = rows;

    for (size_t i = 0; i < rows; i++) {
        double sign = too_many ? -1 : 1;

        if (too_many && step[i].concurrent_requests == 1)
            continue;
        if (found == rows || sign * lacking(&row[i], &step[i], scale) >
                                 sign * lacking(&row[found], &step[found], scale))
            found = i;
    }
    return &step[found];
}

/* `load` is as many as there are rows, or more. */
static void share_places(const struct row *row, size_t rows, double load, struct row *step)
{
    double scale = load / search_rule_load(row, rows), left = load;

    for (size_t i = 0; i < rows; i++) {
        step[i].concurrent_requests =
            (int64_t)fmax(1, floor((double)row[i].concurrent_requests * scale));
        left -= (double)step[i].concurrent_requests;
    }
    for (; left >= 1; left--)
        furthest(row, rows, scale, false, step)->concurrent_requests++;
    for (; left <= -1; left++)
        furthest(row, rows, scale, true, step)->concurrent_requests--;
}

/* A row's part of so many requests of all. */
static int64_t part_of(const struct row *row, size_t rows, size_t member, size_t requests)
{
    double own = row->trace ? (double)row[member].num_requests : search_rule_part(&row[member], 0);
    double all = row->trace ? (double)search_rule_lines(row, rows) : search_rule_load(row, rows);

    return (int64_t)ceil((double)requests * own / all);
}

/* A trace has no more lines than it has. */
static void cut_trace(const struct row *row, double load, struct row *step)
{
    double faster = load / speed_of(row);

    step->trace_speed = load;
    step->qps = row->qps * faster;
    step->warmup_requests =
        step->warmup_requests < row->num_requests ? step->warmup_requests : row->num_requests - 1;
    step->num_requests = row->num_requests - step->warmup_requests;
}

static void set_load(const struct row *row, size_t rows, double load, struct row *step)
{
    for (size_t i = 0; i < rows; i++) {
        if (row->trace)
            cut_trace(&row[i], load, &step[i]);
        else if (row->share > 0)
            step[i].concurrent_requests = (int64_t)load;
        else if (row->concurrent_requests == 0)
            step[i].qps = rows == 1 ? load : row[i].qps * load / search_rule_load(row, rows);
    }
    if (!row->trace && row->share == 0 && row->concurrent_requests > 0)
        share_places(row, rows, load, step);
}

/* Rates come by the clock, so that all rows of an open mix end together; else whoever looks at it
 * ends it. */
static void set_requests(const struct row *row, size_t rows, double load, size_t requests,
                         struct row *step)
{
    bool timed = rows > 1 && search_rule_by(row) == SEARCH_BY_QPS;

    step->num_requests = timed ? 0 : (int64_t)requests;
    step->duration_s = timed ? (double)requests / load : 0;
}

void search_rule_rows(const struct row *row, size_t rows, double load, size_t requests,
                      size_t warmup, struct row *step)
{
    for (size_t i = 0; i < rows; i++) {
        step[i] = row[i];
        step[i].cooldown_requests = 0;
        set_requests(row, rows, load, requests, &step[i]);
        if (row->share > 0)
            step[i].mix_requests = (int64_t)(requests + warmup);
        else
            step[i].warmup_requests = rows > 1 ? part_of(row, rows, i, warmup) : (int64_t)warmup;
    }
    set_load(row, rows, load, step);
}
