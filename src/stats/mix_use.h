/* How long the batches of a mix used the node, by the server's clock. */
#ifndef STATS_MIX_USE_H
#define STATS_MIX_USE_H

#include <stdbool.h>

#include "stats/mix_calls.h"

/* All members. */
#define MIX_USE_ALL SIZE_MAX

/* When a batch frees the node for the next: at its last token, or at its first. */
double mix_use_free_s(const struct mix_batch *batch, bool by_first_token);

/* The share of their time in which batches of `member` must have run beside each other. A client
 * reads responses late now and then, so a batch may seem to begin later than it did, and to overlap
 * the next: that counts only as far as it cannot have begun earlier, since its calls were not sent
 * yet. */
double mix_use_overlap(const struct mix_calls *calls, size_t member, bool by_first_token);

/* The share of the time from `from_s` to `until_s` (INFINITY: of all its batches) in which the node
 * worked for `member`: each batch counts once, however many calls share it, and its whole length.
 * Where batches ran beside each other, by more than a quarter of their time, it is the share in
 * which any ran. NAN where the server does not tell how long each call took. */
double mix_use_share(const struct mix_calls *calls, size_t member, double from_s, double until_s);

#endif
