/* What switching to each model cost, over all of its rows: they load other configurations, but
 * mostly of the same weights. The rows that were found to pay are averaged, each by its own
 * standard error; where their costs differ by more than that explains (chi-square), the interval
 * reaches from the lowest of theirs to the highest. */
#ifndef STATS_MODEL_H
#define STATS_MODEL_H

#include "stats/study.h"

/* Fills `study->model`, by costs, shares and loading of the study. */
void model_sum_up(struct study *study);

#endif
