/* How much longer calls of a mix waited because of switching: for their own, and for those before
 * them in the queue.
 *
 * What each call waited is known. What it would have waited with everything loaded is followed: the
 * same calls come at the same moments and take as long as they did, less the switches that were
 * found, through a queue in which nothing switches (queue.h). That holds where the node runs one
 * batch after another: from begin to last token, or where those overlap, from begin to first token.
 * Where these overlap too, by more than 5 % of their time, nothing is known. */
#ifndef STATS_MIX_WAIT_H
#define STATS_MIX_WAIT_H

#include "stats/mix_calls.h"

/* Fills how much longer each call waited, in the order of `calls->call`; false where that cannot be
 * known. Who paid must be found. Only by the server's clock. */
bool mix_wait_find(const struct mix_calls *calls, double *longer_s);

#endif
