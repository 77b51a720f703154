/* How much of a bundle stays in the node's fast memory, by which revisits paid.
 *
 * What stays or leaves is an expert configuration; rows that load the same one share it. The visits
 * are followed through a memory of each capacity in which what was used (LRU) or loaded (FIFO)
 * longest ago leaves first, in configurations and, where weights are known, in GB, and through one
 * that what has been idle for a time leaves (hypothesis.h). Each says of every revisit whether it
 * pays, and is as likely as the values of all visits then are together (sighting.h), so that what
 * no visit shows by itself their sum does. A run's first visits to a configuration say nothing of
 * that, since what ran before is not known, but what it costs.
 *
 * Where something else tells the visits much better (misfit.h), none fits. Where it is not a
 * hundred times likelier that anything paid than that nothing did, or every capacity is as good,
 * which stay is not known. Of a study that had things loaded or unloaded on purpose nothing is
 * fitted. */
#ifndef STATS_RESIDENCY_H
#define STATS_RESIDENCY_H

#include "stats/study.h"

/* Fills `study->residency`; visits must be judged. */
void residency_fit(struct study *study);

void residency_clear(struct study_residency *residency);

#endif
