/* How long the batches of a mix used the node, by the server's clock. */
#ifndef STATS_MIX_USE_H
#define STATS_MIX_USE_H

#include <stdbool.h>

#include "stats/mix_calls.h"

/* All members. */
#define MIX_USE_ALL SIZE_MAX

/* When a batch frees the node for the next: at its last token, or at its first. */
double mix_use_free_s(const struct mix_batch *batch, bool by_first_token);

/* The share of their time in which batches of `member` ran while one before them did. */
double mix_use_overlap(const struct mix_calls *calls, size_t member, bool by_first_token);

/* The share of the time from `from_s` to `until_s` (INFINITY: of all its batches) in which the node
 * worked for `member`: each batch counts once, however many calls share it, and its whole length.
 * Where batches run beside each other, by more than a quarter of their time, it is the share in
 * which any ran. A client reads responses late now and then, so a batch may seem to begin before
 * the one before it has ended: less than that is no sign of it. NAN where the server does not tell
 * how long each call took. */
double mix_use_share(const struct mix_calls *calls, size_t member, double from_s, double until_s);

#endif
