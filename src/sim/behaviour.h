/* How the server's manner shapes what it says: which tokens share a chunk, how an event becomes
 * bytes, how many requests are welcome. Pure; the manner itself is data (sim/bundle_behaviour.h).
 *
 * SambaStudio's generic APIs know no roles, no comments, no [DONE] and no usage but at the end, so
 * role_chunk, loading_text, keep_alive_s, no_space, event_fields, no_done, null_usage, every-chunk
 * and last-content change nothing there; nor do reasoning tokens, which have no place of their own.
 */
#ifndef SIM_BEHAVIOUR_H
#define SIM_BEHAVIOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/bundle_behaviour.h"

/* How many of a response's `total` tokens go out together with token `first`; a chunk holds either
 * reasoning or content. */
int64_t behaviour_chunk_tokens(const struct bundle_behaviour *behaviour, int64_t first,
                               int64_t total);

/* How many of `total` tokens are reasoning; they come first. */
int64_t behaviour_reasoning_tokens(const struct bundle_behaviour *behaviour, int64_t total);

/* Whether the events of a response's tokens differ in their words alone; where not, each is to be
 * composed for itself. */
bool behaviour_leaves_tokens_alike(const struct bundle_behaviour *behaviour);

/* Adds a whole event, with its line ends, as chunks of an HTTP body. */
void behaviour_add_event(const struct bundle_behaviour *behaviour, const struct text *event,
                         struct text *wire);

/* Admits requests up to a rate: as many as come in one second may come at once, and each second
 * brings as many anew. Zeroed: none came yet. */
struct rate {
    double free; /* how many may come now */
    int64_t at_ns;
    bool begun;
};

/* Whether one more may come at `now_ns`, which never decreases; 0 `most_per_s`: always. */
bool rate_admits(struct rate *rate, double most_per_s, int64_t now_ns);

#endif
