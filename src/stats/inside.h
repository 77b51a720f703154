/* Switches inside a row: two batch sizes of one expert are two things to load. Of each further size
 * the first batch is held against the later ones (served.h); it is found at 0.01 over all that a
 * study looks at, and told of a row where as many of its visits show one as stalls do not explain
 * (replicate.h). */
#ifndef STATS_INSIDE_H
#define STATS_INSIDE_H

#include "stats/spread.h"
#include "stats/study.h"

/* Judges the insides of each visit, which flags it, and fills `study->inside`. `spread` is the
 * server's. */
void inside_look(struct study *study, const struct grouping *rows, const struct spread *spread);

#endif
