/* First visits: what a run has not visited yet is not loaded, unless it was before the run. So
 * where all fits into memory, each row pays once and never again, and no row by itself tells its
 * one long visit from a stall. But all first visits together do: as many of them must stand out as
 * stalls do not explain (replicate.h); then those that stand out have paid. */
#ifndef STATS_COLD_H
#define STATS_COLD_H

#include "stats/study.h"

/* How likely as many of them stand out so without a switch: by noise, and since requests are slow
 * now and then. NAN where fewer than two first visits were measured. */
struct cold {
    double p, slow_p;
};

/* Marks the visits that stood out so (`cold`). Visits must be judged, and their configurations
 * numbered. */
struct cold cold_judge(struct study *study);

#endif
