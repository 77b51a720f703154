/* A batch of the node: the requests that run together, and when their tokens come out.
 *
 * From its start a batch spends, one after the other: the switch where its configuration is not
 * resident; warmup_s where it is the first of that configuration; second_request where it is the
 * second since that was loaded; the prefill, which is prefill_overhead_s and the time of the
 * longest prompt, less what is cached of it, drifted; a stall, rarely; the rest of a pause where
 * all this ends in one; and then all members' first tokens are there. The gaps between tokens are
 * what decode speed and noise make them (noise.h); a token due in a pause comes at its end. */
#ifndef SIM_BATCH_H
#define SIM_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/hbm.h"
#include "sim/node_file.h"
#include "sim/pause.h"
#include "sim/prefix.h"

/* What all batches of a node have in common. */
struct batch_common {
    const struct node_file *file;
    uint64_t seed;
    int64_t begun_ns; /* the node's start */
};

/* A batch that was started; read-only, kept until all members were released. */
struct node_batch {
    struct bundle_configuration configuration;
    size_t members; /* the rest of the batch size is padding */
    bool hit;       /* the configuration was resident */
    struct bundle_configuration *evicted;
    size_t evicted_count;
    struct configuration_list unloaded; /* that had been idle for too long, or was asked for */
    struct configuration_list resident; /* once it had started; it is one of them */
    bool second;                        /* of its configuration since that was loaded */
    int64_t number;                     /* batches are counted from 0, over all replicas */
    double since_start_s;               /* from the node's start to the batch's */
    double switch_s;                    /* making the configuration resident, as it was drawn */
    double warmup_s;                    /* running it for the first time */
    double second_s;                    /* running it for the second time since its load */
    double prefill_s;                   /* the fixed part, and its longest prompt */
    double stall_s;                     /* of the first token */
    double pause_s;                     /* that held up the first token */
    int64_t blocked_ns; /* since when a pause alone held up its start; else its start */
    int64_t started_ns; /* then: switch, warm-up, prefill, first token of all members */
    int64_t first_token_ns;
    int64_t over_ns;    /* the longest response is complete */
    int64_t *offset_ns; /* of each token from the first; NULL where gaps are all alike */
    struct pauses pauses;
    size_t unreleased;
};

/* A request: the caller's memory, filled by it and lent to the node until node_release. */
struct node_request {
    const struct bundle_expert *expert;
    const struct bundle_tier *tier;
    int64_t prompt_tokens;
    int64_t completion_tokens;   /* at least 1 */
    const struct prefix *prefix; /* of the prompt; NULL: nothing is known of it */
    void *owner;                 /* the caller's business */

    /* The node's, to be read by all. */
    int64_t arrived_ns;
    int64_t replica;                /* that serves it; counted from 0 */
    const struct node_batch *batch; /* NULL while waiting */
    int64_t cached_tokens;          /* of the prompt, as the batch started */
    int64_t number;                 /* requests are counted from 0 */
    struct node_request *next;
};

/* How long a load of the expert takes, but for noise. */
double batch_load_s(const struct node_file *file, const struct bundle_expert *expert);

/* The noise of a batch whose oldest request has that number. */
struct noise batch_noise(const struct batch_common *common, int64_t request);

/* Works out all times of a batch that starts at `now_ns`; `members` is a list, the oldest first,
 * and configuration, hit, second and warmup_s are known. */
void batch_set_times(struct node_batch *batch, const struct batch_common *common,
                     const struct node_request *members, int64_t now_ns);

/* When token `k`, from 0, of a started request comes out. */
int64_t node_token_ns(const struct node_request *request, int64_t k);

/* From the batch's start to its first token, without any wait before: what the server reports. */
double node_time_to_first_token_s(const struct node_batch *batch);

/* How long a pause alone held up the start of the request's batch, once the request was there. */
double node_queue_pause_s(const struct node_request *request);

/* From the batch's start to the request's last token. */
double node_total_latency_s(const struct node_request *request);

/* Tokens per second after the first, over `most` of them or as many as there are; of a request that
 * has at least two. */
double node_decode_tokens_per_s(const struct node_request *request, int64_t most);

void batch_free(struct node_batch *batch);

#endif
