/* Switches inside a row: two batch sizes of one expert are two things to load. Of each further size
 * the first batch is held against the later ones (served.h); it is found at 0.01 over all that a
 * study looks at, and reported of a row where as many of its visits show one as stalls do not
 * explain (replicate.h). */
#ifndef STATS_INSIDE_H
#define STATS_INSIDE_H

#include "stats/spread.h"
#include "stats/study.h"

/* Lets all visits to a row go by one batch size, that of most of those that can be measured, where
 * they show it; the others are taken to have loaded the same. To be called before spreads are
 * pooled and configurations are grouped. */
void inside_align(struct study *study, const struct grouping *rows);

/* Judges the insides of each visit and fills `study->inside`; flags the visits that show what is
 * reported of their row. `spread` is the server's. */
void inside_look(struct study *study, const struct grouping *rows, const struct spread *spread);

/* A lone first request runs as a batch of one, or padded as one of the row's own size, and may be
 * the one that waited for the load: where the size that a row is judged by shows no switch, and a
 * further size does, the row goes by that (SWITCH_FLAG_OTHER_SIZE). Whether any does; then steady
 * requests, spreads and insides are to be looked at again. To be called after inside_look(). */
bool inside_prefer(struct study *study, const struct grouping *rows, const struct spread *spread);

/* To be called once there is a verdict: another batch size in place of the row's own can show a
 * switch, but where it shows none, that is inconclusive. */
void inside_settle(struct switch_estimate *estimate);

#endif
