/* What a visit of a mix came to: rows that ran together, on one clock. Its figures cover its
 * window, the time in which every member still sends: from the moment at which the last of them has
 * sent its first request that counts to the moment at which the first of them sends its last; a
 * request counts by the moment at which it was to be sent (open loop) or was sent (closed loop),
 * behind the window's begin up to its end. Warm-up, cool-down and failed requests are in no figure,
 * but in the order. Measurements that are not known are NAN. Plain data, no logic. */
#ifndef RECORD_MIX_H
#define RECORD_MIX_H

#include <stddef.h>

#include "record/mix_switching.h"
#include "record/switch.h"

/* What was served just before a request: its own configuration, or another. */
enum mix_after { MIX_AFTER_SAME, MIX_AFTER_OTHER, MIX_AFTERS };
extern const char *const mix_after_words[MIX_AFTERS]; /* "same", "other" */

/* TTFTs of the requests after one of these, in seconds. */
struct mix_ttft {
    double count; /* a whole number */
    double p50_s, p95_s, mean_s;
};

struct mix_member {
    size_t step;                          /* its step's index … */
    char *step_name;                      /* … and name; owned, as the others are */
    char *model;                          /* as the endpoint names it */
    double line;                          /* of its row, in the CSV */
    double calls, share;                  /* requests in the window, and of those of all members */
    double offered_per_s, achieved_per_s; /* as of the mix */
    double utilisation;
    struct mix_ttft ttft[SWITCH_SOURCES][MIX_AFTERS]; /* by whose clock, and after what */
};

struct mix {
    char *name;  /* as the rows have it; owned */
    size_t pass; /* of the order, from 1 */
    double window_s;
    double calls;
    double offered_per_s;  /* open loop: requests that were to be sent; NAN in closed loop */
    double achieved_per_s; /* requests that completed */
    double utilisation;    /* of the node: what batches took within the window, each once, by its
                            * length; where they ran beside each other, the share of the window in
                            * which any ran; NAN where the server does not tell how long it took */
    double served_share;   /* of its requests with a known order of service */
    struct mix_member *member; /* in the order of their rows; owned */
    size_t members;
    struct mix_switching switching; /* of the same members */
    char *study; /* that its prediction follows from, as it was named; NULL: none is; owned */
};

void mix_clear(struct mix *mix);

#endif
