#include "plan/search_rule.h"

#include <math.h>
#include <stddef.h>

/* clang-format off */
const struct setting search_rule_table[] = {
    {"goodput_share", SETTING_NUMBER, offsetof(struct search_rule, goodput_share),
     .fallback = "0.95", .least = 0.5, .most = 0.999,
     .help = "the share of requests that has to keep slo; a failed request does not"},
    {"range", SETTING_NUMBERS, offsetof(struct search_rule, range), .least = 1e-6, .most = 1e6,
     .help = "the lowest and the highest load, qps or concurrency, such as [0.5, 200]; by itself 64 "
             "times less and more than the row's"},
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

double search_rule_load(const struct row *row)
{
    return row->concurrent_requests > 0 ? (double)row->concurrent_requests : row->qps;
}

void search_rule_range(const struct search_rule *rule, const struct row *row, double *low,
                       double *high)
{
    const double *loads = rule->range.items;
    double own = search_rule_load(row);

    *low = rule->range.count == 2 ? loads[0] : own / SEARCH_REACH;
    *high = rule->range.count == 2 ? loads[1] : own * SEARCH_REACH;
    if (row->concurrent_requests > 0) {
        *low = fmax(1, ceil(*low));
        *high = fmax(*low, floor(*high));
    }
}

struct row search_rule_row(const struct row *row, double load, size_t requests, size_t warmup)
{
    struct row step = *row;

    if (row->concurrent_requests > 0)
        step.concurrent_requests = (int64_t)load;
    else
        step.qps = load;
    step.num_requests = (int64_t)requests;
    step.warmup_requests = (int64_t)warmup;
    step.cooldown_requests = 0;
    step.duration_s = 0;
    return step;
}
