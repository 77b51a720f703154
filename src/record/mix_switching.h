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
    MIX_NO_TTFT,       /* some requests have no TTFT */
    MIX_FROM_HERE,     /* the client's TTFT alone, and calls queue: not measurable from here */
    MIX_TOO_FEW,       /* too few calls to look at */
    MIX_NO_BASELINE,   /* no call is known to have found its configuration loaded */
    MIX_NOT_LOOKED_AT, /* by an older program */
    MIX_SHARED,        /* something else used the endpoint meanwhile */
    MIX_REASONS
};
extern const char *const mix_reason_words[MIX_REASONS];

/* A value with its 95 % interval. */
struct mix_range {
    double value, low, high;
};

/* Why there is no prediction. */
enum mix_lack {
    MIX_LACKS_NOTHING,
    MIX_LACKS_STUDY,   /* none is named */
    MIX_LACKS_MEMORY,  /* the study does not tell what stays on the node */
    MIX_LACKS_ROW,     /* it has no row of a member's model whose switch is known */
    MIX_LACKS_LATENCY, /* it has none of a member's lengths, nor does the mix tell what they take */
    MIX_LACKS_RATE,    /* closed loop: calls come when others end, at no rate of their own */
    MIX_LACKS_CALLS,   /* the mix has too few calls to tell in which order they come */
    MIX_LACKS_CONTROL, /* something was loaded or unloaded on purpose */
    MIX_LACKS
};
extern const char *const mix_lack_words[MIX_LACKS];

/* In which order a node serves what waits. */
extern const char *const mix_served_words[]; /* "in_order", "grouped", NULL */

/* What a study predicts. */
struct mix_predicted {
    double switch_paid_share, switch_s_per_call, switch_time_share;
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
    size_t after_same, after_other;     /* calls after that configuration on the node */
    double service_s;                   /* what its batches took without switches, on average */
    double batch_size_most;             /* that it ran at */
    struct mix_range difference_s;      /* of mean TTFTs: after another − after the same */
    struct mix_range switch_s;          /* of calls that paid */
    struct mix_range switch_paid_share; /* of the member's calls */
    struct mix_range switch_s_per_call; /* that they waited for their own batch's switch */
    struct mix_range switch_time_share; /* of the node's time */
    struct mix_predicted predicted;
};

struct mix_switching {
    enum mix_reason reason;
    enum switch_source source; /* whose TTFT */
    size_t calls, batches;
    double calls_in_a_row;  /* each draw of a configuration brings so many, on average (queue.h) */
    double overtaken_share; /* of the batches that began while calls to others waited: before calls
                             * that came earlier; NAN: not known */
    bool grouped;           /* by that, the node serves what is loaded before what came earlier */
    struct mix_range switch_paid_share, switch_s_per_call, switch_time_share;
    /* How much longer calls wait in all than with everything loaded: for their own switch, and for
     * those before them in the queue; NAN where batches ran beside each other. */
    struct mix_range switch_wait_s_per_call;
    struct mix_member_switching *member; /* owned */
    size_t members;
    enum mix_lack lack;
    struct mix_predicted predicted; /* at the mix's rate, by the order in which the node serves */
    double predicted_wait_s_per_call, predicted_utilisation;
    double in_a_row_under_tenth; /* so many calls in a row bring the predicted time share under 10
                                  * %; NAN: it is, or that is not known */
};

void mix_switching_clear(struct mix_switching *switching);

#endif
