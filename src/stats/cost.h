/* What visits paid: how often, how much, and whether it depends on what ran before. A visit is one
 * that paid where it lies in the upper of the two clusters that all visits to its row form
 * (replicate.h), so that a single one from a certain row is judged by what is known of its own. */
#ifndef STATS_COST_H
#define STATS_COST_H

#include "stats/study.h"

/* Fills `cost` of each group. */
void cost_fill(const struct study *study, const struct grouping *grouping,
               struct study_group *groups);

/* Fills `order_p` of the study's rows: of the statistic Σ n (mean − mean of all)² ÷ σ² over the
 * rows that ran before, chi-square with one degree of freedom less than they are. */
void cost_compare_orders(struct study *study, const struct grouping *rows);

/* The interval of a share of which `hits` of `count` were seen, at 95 % (Clopper and Pearson 1934):
 * exact, so rather too wide. */
void cost_share_interval(size_t hits, size_t count, double *low, double *high);

#endif
