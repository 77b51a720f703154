/* What switching costs the calls of a mix, concluded from the mix's own requests
 * (stats/mix_measure.h). Plain data, no logic. Times are seconds; what is not known is NAN. */
#ifndef RECORD_MIX_SWITCHING_H
#define RECORD_MIX_SWITCHING_H

#include <stdbool.h>
#include <stddef.h>

#include "record/switch.h"

/* Why nothing can be concluded. */
enum mix_reason {
    MIX_MEASURED,
    MIX_NO_TTFT,     /* some requests have no TTFT */
    MIX_FROM_HERE,   /* the client's TTFT alone, and calls queue: not measurable from here */
    MIX_TOO_FEW,     /* too few calls to look at */
    MIX_NO_BASELINE, /* no call is known to have found its configuration loaded */
    MIX_REASONS
};
extern const char *const mix_reason_words[MIX_REASONS];

/* A value with its 95 % interval. */
struct mix_range {
    double value, low, high;
};

/* TTFTs of calls that came after one kind of call. */
struct mix_ttft {
    size_t calls;
    double p50_s, p95_s, mean_s;
};

struct mix_member_switching {
    enum mix_reason reason;
    size_t calls, batches;
    size_t unknown;    /* batches of sizes of which nothing tells what they take without a switch */
    double call_share; /* of the mix's calls */
    double hit_s;      /* the TTFT without a switch, at the size of most batches */
    bool by_visit;     /* that is known by the member's own steady visit */
    bool disagrees;    /* the visit's TTFT is another than the mix's own, which counts */
    bool blurred;      /* a switch is less than three deviations of a TTFT: who paid is unsure */
    struct mix_ttft after_same, after_other; /* configuration, on the node */
    struct mix_range difference_s;           /* of their means: other − same */
    struct mix_range switch_s;               /* of calls that paid */
    struct mix_range switch_paid_share;      /* of the member's calls */
    struct mix_range switch_s_per_call;      /* that they waited for their own batch's switch */
    struct mix_range switch_time_share;      /* of the node's time */
};

struct mix_switching {
    enum mix_reason reason;
    enum switch_source source; /* whose TTFT */
    size_t calls, batches;
    double utilisation;    /* of the node: Σ what batches took ÷ time */
    double calls_in_a_row; /* each draw of a configuration brings so many, on average (queue.h) */
    struct mix_range switch_paid_share, switch_s_per_call, switch_time_share;
    /* How much longer calls wait in all than with everything loaded: for their own switch, and for
     * those before them in the queue; NAN where batches ran beside each other. */
    struct mix_range switch_wait_s_per_call;
    struct mix_member_switching *member; /* owned */
    size_t members;
};

#endif
