/* What the ranks of a run tell each other beside clocks and records, on CLUSTER_CONTROL: the first
 * number of a message. Inside this room. */
#ifndef JOB_RANKS_WORDS_H
#define JOB_RANKS_WORDS_H

#include <stdbool.h>

#include "cluster/cluster.h"
#include "cluster/pack.h"
#include "load/load.h"
#include "prompt/counting.h"

enum ranks_word {
    /* Rank 0 to the others: */
    RANKS_PLAN,    /* what they need to make the same plan (ranks_plan.h) */
    RANKS_STEP,    /* a step begins, and what of it they send */
    RANKS_START,   /* a visit whose steps have begun: clocks are compared, and its loads start */
    RANKS_ABANDON, /* … or they never will */
    RANKS_CLOCKS,  /* a visit is over: clocks are compared */
    RANKS_STOP,    /* how often the user asked to stop */
    RANKS_ENOUGH,  /* no more of a step is sent; what is in flight may end */
    RANKS_BYE,     /* the run is over */
    /* The others to rank 0: */
    RANKS_PLANNED, /* the plan's digest, host and process; or why there is none */
    RANKS_READY,   /* all steps of a visit could start */
    RANKS_SO_FAR,  /* how far the load of a step is, for a display */
    RANKS_ENDED,   /* the load of a step has ended, and what came of it */
};

/* Tells one rank, or all others. False with a sentence. */
bool ranks_tell(struct cluster *cluster, size_t to, const struct text *bytes, struct error *error);
bool ranks_tell_all(struct cluster *cluster, const struct text *bytes, struct error *error);

/* How far a rank's load is: what of it is counted; times are the own clock's, and stay there. */
void ranks_pack_progress(const struct load_progress *progress, struct text *bytes);
void ranks_unpack_progress(struct unpacking *unpacking, struct load_progress *progress);

/* Adds what is counted of another rank's load to that of others. */
void ranks_add_progress(const struct load_progress *from, struct load_progress *to);

/* What a rank's load came to, and in how much time of it records waited for rank 0. */
void ranks_pack_result(const struct load_result *result, int64_t wait_ns, struct text *bytes);
void ranks_unpack_result(struct unpacking *unpacking, struct load_result *result, int64_t *wait_ns);

/* Adds a rank's result to that of others: the worst of each figure of health, and the sum of what
 * is counted; the first end that is none of "done" stays. */
void ranks_merge_result(const struct load_result *from, struct load_result *to);

/* A text as it was packed by pack_bytes, for the caller to free. */
char *ranks_unpack_text(struct unpacking *unpacking);

/* What is known of how a server counts. */
void ranks_pack_counting(const struct counting *counting, struct text *bytes);
void ranks_unpack_counting(struct unpacking *unpacking, struct counting *counting);

#endif
