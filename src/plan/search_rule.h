/* search: how `coebench search` looks for the highest load that keeps its slo. */
#ifndef PLAN_SEARCH_RULE_H
#define PLAN_SEARCH_RULE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"
#include "plan/rows.h"

struct search_rule {
    double goodput_share;      /* of requests that have to keep slo */
    struct setting_list range; /* of double: the lowest and the highest load; empty: by the row */
    double resolution;         /* of the load, as a share of it */
    double budget_s;           /* that the search of a row may take */
    bool confirm;
    bool asked; /* there is such a group in the document */
};

/* The group's members. */
extern const struct setting search_rule_table[];

/* To be called when the settings are read from the document `root`. Adds a fault where the range is
 * not two loads, the lower first, and where rows run beside each other. */
void search_rule_check(const struct yaml *root, bool rows_beside_each_other,
                       struct search_rule *rule, struct faults *faults);

/* The loads between which a row is searched: the range, or SEARCH_REACH to either side of the row's
 * own; in a closed loop whole, 1 or more. */
enum { SEARCH_REACH = 64 };
void search_rule_range(const struct search_rule *rule, const struct row *row, double *low,
                       double *high);

/* The row's own load: qps, or requests at once. */
double search_rule_load(const struct row *row);

/* The row as a step of its search runs it: with that load, so many requests that count, and so many
 * in front. Texts are the row's own, not to be freed. */
struct row search_rule_row(const struct row *row, double load, size_t requests, size_t warmup);

#endif
