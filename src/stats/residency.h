/* How much of a bundle stays in the node's fast memory, by which revisits paid.
 *
 * What stays or leaves is an expert configuration; rows that load the same one share it. A
 * revisit's distance is how many different configurations ran since its own last did. Where what
 * was used longest ago leaves first (LRU), one is still there after d others if d + 1 fit, so cost
 * over distance is a step at the capacity; with known weights the same holds of their sum.
 * Where what was loaded longest ago leaves first (FIFO), the sequence of all visits is followed.
 * Each capacity under each rule is as likely as the number of revisits that it tells rightly, one
 * in fifty being taken for told wrongly by chance. A run's first visits to one tell nothing, since
 * what ran before is not known. */
#ifndef STATS_RESIDENCY_H
#define STATS_RESIDENCY_H

#include "stats/study.h"

/* Fills `study->residency`. */
void residency_fit(struct study *study);

void residency_clear(struct study_residency *residency);

#endif
