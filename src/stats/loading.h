/* How fast a node loads weights, where a bundle file tells how much they weigh: cost = overhead +
 * weight ÷ speed, by least squares over rows that were found to pay, each weighted by its own
 * standard error. What one load takes away, another's eviction cannot be told from: load + a and
 * eviction − a give the same sums, so all of it is counted as the load's. */
#ifndef STATS_LOADING_H
#define STATS_LOADING_H

#include "stats/study.h"

/* Fills `study->loading`. */
void loading_fit(struct study *study);

#endif
