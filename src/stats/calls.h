/* The calls of a mix: the requests of all its members as one sequence. Which was sent and which was
 * served before which, what follows by plain counting, and what switching costs.
 *
 * Service begins at the first token less the server's own TTFT: sent + TTFT from the send − server
 * TTFT. Where a server tells no TTFT, the order of service is not known, and that of sending stands
 * for it. With several replicas behind an endpoint "just before" is not on one node. */
#ifndef STATS_CALLS_H
#define STATS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/mix.h"
#include "record/request.h"
#include "stats/mix_measure.h"

#define CALL_NONE SIZE_MAX

/* An attempt at a request. */
struct call {
    const struct outcome *outcome;
    size_t member;
    size_t configuration; /* a number for each that there is */
    size_t loads;         /* the same of configurations apart from their batch sizes */
    bool open;            /* open loop */
    /* Filled by calls_order: */
    int64_t sent_ns;
    int64_t arrived_ns;             /* open loop: when it was to be sent; closed: when it was */
    int64_t service_ns;             /* CLOCK_NEVER: not known */
    size_t arrival_index;           /* 0 … in the order of sending; ties in the order given */
    size_t batch;                   /* that it ran in, a number; CALL_NONE: not known */
    size_t previous, previous_sent; /* configurations of the calls that were served, and sent, just
                                     * before; CALL_NONE: there is none. `previous` is that before
                                     * the whole batch; it goes by sending where its own service is
                                     * not known */
};

/* One member's behind another's. */
void calls_order(struct call *call, size_t count);

/* `call` is as ordered above. Fills the mix's figures, and those of its members, whose number,
 * names and models are there; and what switching costs, where `visited` is what is known of each
 * member beforehand: of a mix of more than 200 000 calls, by so many of them. */
void calls_conclude(const struct call *call, size_t count, const struct mix_visited *visited,
                    struct mix *mix);

#endif
