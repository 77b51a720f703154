/* A part of a step by the server's clock. Requests that overlapped and share one TTFT ran as one
 * batch, and a batch is one observation: of each batch size, the first batch among the exposed
 * requests is held against those of the same size among the steady ones; in bursts, against the
 * first of that size in each. */
#ifndef STATS_SERVED_H
#define STATS_SERVED_H

#include "stats/waves.h"

/* Whether every request has a server TTFT. */
bool served_tells(const struct waves *waves);

/* Fills in the server's side by the step's first batch, or where no steady one is of its size, by
 * the next exposed one that has some; and looks inside. */
void served_compare(const struct waves *waves, struct switch_evidence *evidence);

/* Adds the first batch of each further size: what runs as such may have to be loaded too. */
void served_look_inside(const struct waves *waves, struct switch_evidence *evidence);

#endif
