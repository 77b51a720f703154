/* The calls of a mix as the node served them: batches in the order that they began.
 *
 * By the server's clock a batch begins a TTFT before its first token, and what shares a TTFT is one
 * batch (batches.h). By the client's, each call is its own, and begins when it is sent. A batch
 * follows its own configuration where the batch before it on the node is of the same member's
 * configuration and the same size. Seconds by the client's monotonic clock. */
#ifndef STATS_MIX_CALLS_H
#define STATS_MIX_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#include "record/request.h"
#include "record/switch.h"

struct mix_call {
    size_t member;
    double sent_s, first_token_s, done_s;
    double ttft_s;           /* by the clock that counts; NAN: not known */
    double server_latency_s; /* end to end; NAN: not known */
    bool counts;             /* it is no warm-up, cool-down or probe */
    size_t batch;            /* the batch that it ran in; what is found */
};

struct mix_batch {
    size_t member, configuration; /* the latter by the caller's numbers */
    double size;                  /* padded; 1 by the client's clock */
    size_t calls;
    double begin_s, ttft_s, end_s; /* on the node */
    bool same;                     /* follows its own configuration, so it cannot have paid */
    bool alone;                    /* sent while no other call was under way */
    /* What is found of it (mix_paying.h): how likely it paid, and what more it took; NAN: nothing
     * tells. */
    double paid, extra_s;
};

/* Completed calls, and what they ran in. */
struct mix_calls {
    struct mix_call *call; /* in the order of sending; owned */
    size_t count;
    struct mix_batch *batch; /* in the order they began; owned */
    size_t batches;
    enum switch_source source;
    bool measurable;       /* every completed call has a TTFT */
    double mean_in_flight; /* by the client's clock */
    double most_in_flight;
};

/* The outcomes of one member. */
struct mix_outcomes {
    const struct outcome *const *outcome; /* not owned, as the list is not */
    size_t count;
    size_t configuration; /* what it loads, apart from its batch size; members may share one */
};

/* Of all members' completed requests, probes and warm-ups among them: they were on the node too.
 * Clear `calls`. */
void mix_calls_make(const struct mix_outcomes *members, size_t count, struct mix_calls *calls);

void mix_calls_clear(struct mix_calls *calls);

#endif
