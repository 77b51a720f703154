/* How ranks come by one clock and one start.
 *
 * Both are done by all ranks together. Before and after each step rank 0 says that it answers
 * pings; every other rank exchanges some with it, keeps that of the least round trip (track.h), and
 * says that it is done. For a start each says that it is ready; rank 0 names a moment that lies so
 * far ahead that its word reaches all of them before, and each turns it into its own clock. */
#ifndef CLUSTER_SYNC_H
#define CLUSTER_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster/cluster.h"
#include "cluster/track.h"

struct sync_effort {
    int pings;           /* that are sent */
    int64_t ping_ns;     /* how long an answer is waited for, before the ping counts as lost */
    int64_t patience_ns; /* how long rank 0 waits for a rank, and a rank for rank 0 */
};

/* 32 pings, of half a second each at most, and ten minutes. */
extern const struct sync_effort sync_effort_usual;

/* Adds one sample to the track; rank 0, whose clock it is, answers the others meanwhile and adds
 * none. False with a sentence: a rank was not heard of for so long, or none of the pings came back.
 */
bool sync_clocks(struct cluster *cluster, const struct sync_effort *effort, struct track *track,
                 struct error *error);

/* While a step runs: another rank than 0 exchanges one ping. Where it is answered within `ping_ns`,
 * `*answered`, and `sample` is what it tells. False with a sentence. */
bool sync_ping(struct cluster *cluster, const struct sync_effort *effort,
               struct track_sample *sample, bool *answered, struct error *error);

/* … and rank 0 answers: a message of CLUSTER_CLOCK. */
bool sync_answer(struct cluster *cluster, const struct cluster_message *ping, struct error *error);

struct sync_start {
    int64_t root_ns;        /* the moment, of rank 0's clock */
    int64_t own_ns;         /* of the own */
    int64_t uncertainty_ns; /* own_ns is no further off than this */
    int64_t late_ns; /* how long the moment was over when the rank heard of it; 0: it was not */
};

/* Agrees on one moment at which all begin. False with a sentence. */
bool sync_agree(struct cluster *cluster, const struct sync_effort *effort,
                const struct track *track, struct sync_start *start, struct error *error);

#endif
