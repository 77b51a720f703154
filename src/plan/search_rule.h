/* search: how `coebench search` looks for the highest load that keeps its slo. */
#ifndef PLAN_SEARCH_RULE_H
#define PLAN_SEARCH_RULE_H

#include <stdbool.h>

#include "core/error.h"
#include "core/setting.h"
#include "core/yaml.h"
#include "plan/rows.h"
#include "record/search.h"

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

/* What a row, or a mix with this first row, is searched by. */
enum search_by search_rule_by(const struct row *first);

/* The part of a mix's load that row `member` of it has; of a row alone, member 0, its load. The
 * first has all of it where members share their places, and where they follow a trace. */
double search_rule_part(const struct row *row, size_t member);

/* A row's load, or that of all rows of a mix together: qps, requests at once, or how many times as
 * fast as it came a trace is sent. */
double search_rule_load(const struct row *row, size_t rows);

/* The loads between which it is searched: the range, or SEARCH_REACH to either side of its own; in
 * a closed loop whole, and enough for each row to have one. */
enum { SEARCH_REACH = 64 };
void search_rule_range(const struct search_rule *rule, const struct row *row, size_t rows,
                       double *low, double *high);

/* How many requests a trace has, over all rows of its mix; SIZE_MAX where it is none. */
size_t search_rule_lines(const struct row *row, size_t rows);

/* The mean rate of a trace at speed 1, in requests per second; NAN where it is none. */
double search_rule_trace_qps(const struct row *row, size_t rows);

/* The rows as a step of their search runs them, into `step`: with that load, so many requests that
 * count, and so many in front. A mix's rates keep their ratios; its places do as nearly as whole
 * numbers can, each row at least one. A mix may send more than `requests`: whoever looks at it ends
 * it; members that share their places have those in front among those that count. Texts are the
 * rows' own, not to be freed. */
void search_rule_rows(const struct row *row, size_t rows, double load, size_t requests,
                      size_t warmup, struct row *step);

#endif
