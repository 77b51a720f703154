/* What visits paid: how often, how much, and whether it depends on what ran before.
 *
 * A cost is the mean of the visits, each weighing as much as it is likely to have paid (paying.h).
 * Its interval is Student's: mean ± t · s ÷ √Σ weight, s being the larger of what costs vary by
 * from visit to visit (variation.h) and the noise of one visit, and t of its degrees of freedom. */
#ifndef STATS_COST_H
#define STATS_COST_H

#include "stats/study.h"

/* Fills `cost` of each group, and from it the estimate of those where a switch was found: value,
 * interval, counts, and the flags that belong to them. `rows` are the groups of rows; a group's
 * visits all go to one. */
void cost_fill(const struct study *study, const struct grouping *rows,
               const struct grouping *grouping, struct study_group *groups);

/* Fills `order_p` of the study's rows: F = Σ n (mean − mean of all)² ÷ (rows before − 1) over what
 * costs vary by between visits from one row to another, pooled over the study as shares of their
 * row's mean. NAN where there are fewer than two degrees of freedom of that. Flags rows whose
 * visits all together differ by more than that (F at 0.001). */
void cost_compare_orders(struct study *study, const struct grouping *rows);

/* Flags visits, of rows whose switch was found, in which a steady request stood out by half of the
 * cost and more: it was probably loaded again inside the row. */
void cost_find_reloads(struct study *study);

/* The share of the visits that paid, of those that could have shown it, from their counts; NAN
 * where there are none. */
void cost_fill_share(struct study_cost *cost);

/* The interval of a share of which `hits` of `count` were seen, at 95 % (Clopper and Pearson 1934):
 * exact, so rather too wide. */
void cost_share_interval(size_t hits, size_t count, double *low, double *high);

#endif
