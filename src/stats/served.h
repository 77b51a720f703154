/* A part of a step by the server's clock. What ran together is one batch (batches.h), and a batch
 * is one observation: of each batch size, the first batch is held against those of the same size
 * among the steady requests; in bursts, against the first of that size in each.
 *
 * A row loads a configuration for each size that it runs at, and may load several of them with its
 * first wave. The one that counts as its switch is that of its representative size, of more than
 * half of the requests, or where there is none, of its largest; the others stand inside. */
#ifndef STATS_SERVED_H
#define STATS_SERVED_H

#include "stats/waves.h"

/* Whether every request has a server TTFT. */
bool served_tells(const struct waves *waves);

/* Fills in the server's side and `batch_size` by the size that counts, and looks inside. That size
 * is `representative`, which the whole row is known to have run at, where it occurs here, else
 * found here. Where no steady batch is of it, the next smaller of all sizes that has some stands in
 * its place (SWITCH_FLAG_OTHER_SIZE): it may show a switch, but not that there was none. */
void served_compare(const struct waves *waves, double representative,
                    struct switch_measurement *measurement);

/* Adds the first batch of each further size: what runs as such may have to be loaded too. */
void served_look_inside(const struct waves *waves, struct switch_measurement *measurement);

#endif
