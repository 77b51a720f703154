/* Calls followed through the node that a bundle file describes, as a plan expects it: one batch
 * runs at a time, of the calls that wait for one model and tier, as many as its largest batch size;
 * the batch is of the smallest size that holds them, and that configuration is loaded where it is
 * not in memory. Which calls are next, and which configuration leaves, the file's node says
 * (schedule, eviction by LRU or FIFO, idle_unload_s). A batch takes as long as its longest call.
 * The node is empty at first.
 *
 * Calls come at their moments, or, in closed loop, when others end. Times are seconds. */
#ifndef DESIGN_MIX_WALK_H
#define DESIGN_MIX_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bundle.h"

struct walk_call {
    double at_s; /* when it comes */
    size_t member;
    const struct bundle_expert *expert; /* of the bundle, as the tier is */
    const struct bundle_tier *tier;
    int64_t input_tokens, output_tokens;
    bool pays; /* found: its batch waited for a load */
};

/* What calls do when others end. */
struct mix_walk_next {
    /* A call of that member has ended at `at_s`. Fills the call that takes its place; false: none
     * does. NULL: calls come at their moments alone. */
    bool (*next)(void *context, size_t member, double at_s, struct walk_call *call);
    void *context;
};

struct mix_walk {
    struct walk_call *call; /* all that came, in that order; owned */
    size_t calls;
    size_t loads;
    double load_s; /* NAN: the file does not tell what a load takes */
    double took_s; /* when the last batch ended */
    bool guessed;  /* some speed is not told: then as advice.h guesses */
};

/* Why the node is not followed: "it has several replicas"; NULL: it is. */
const char *mix_walk_unknown(const struct bundle_node *node);

/* Follows `call`, in the order that they come, which the walk owns from now on, and what comes
 * besides. Clear `walk`. */
void mix_walk(const struct bundle *bundle, struct walk_call *call, size_t calls,
              const struct mix_walk_next *next, struct mix_walk *walk);

void mix_walk_clear(struct mix_walk *walk);

#endif
