/* The model of the machine: when it loads what, and when each token comes out. No I/O, no clock:
 * moments are integer nanoseconds that come in as arguments, so time may as well be virtual.
 *
 * - Requests wait in one line per expert. An expert runs one batch at a time; a batch takes those
 *   waiting for one tier, the oldest's, at the smallest batch size that holds them, or as many as
 *   the largest holds. It runs until its longest answer is complete (static batching).
 * - Each configuration (expert, tier, batch size) occupies the expert's weights in HBM. One that is
 *   not resident is loaded first, after others have been evicted; never one that is running.
 * - Loading and prefill occupy the node, one batch after another. Decoding does not: answers of
 *   different experts come out beside each other, none slowing the other. (A simplification: real
 *   experts share compute and bandwidth. So is a load that costs nothing to what is decoding.)
 * - The expert whose oldest request waited longest is next, and one that must wait for room in HBM
 *   holds up those behind it. So nobody starves, and one request at a time waits for nothing. */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bundle.h"
#include "core/error.h"

#define NODE_IDLE INT64_MAX /* nothing will happen */

/* A batch that was started; read-only, kept until all members were released. */
struct node_batch {
    struct bundle_configuration configuration;
    size_t members; /* the rest of the batch size is padding */
    bool hit;       /* the configuration was resident */
    struct bundle_configuration *evicted;
    size_t evicted_count;
    int64_t number;     /* batches are counted from 0 */
    double switch_s;    /* making the configuration resident */
    double prefill_s;   /* the fixed part, and its longest prompt */
    int64_t started_ns; /* then: switch, prefill, first token of all members */
    int64_t first_token_ns;
    int64_t over_ns; /* the longest answer is complete */
    size_t unreleased;
};

/* A request: the caller's memory, filled by it and lent to the node until node_release. */
struct node_request {
    const struct bundle_expert *expert;
    const struct bundle_tier *tier;
    int64_t prompt_tokens;
    int64_t completion_tokens; /* at least 1 */
    void *owner;               /* the caller's business */

    /* The node's, to be read by all. */
    int64_t arrived_ns;
    const struct node_batch *batch; /* NULL while waiting */
    int64_t number;                 /* requests are counted from 0 */
    struct node_request *next;
};

struct node;

/* Whether the bundle says all that simulating it needs; else a sentence naming what is missing. */
bool node_accepts(const struct bundle *bundle, struct error *error);

/* An empty node. `on_start` is called for each member of a batch as the batch starts. The bundle
 * must outlive the node. */
struct node *node_new(const struct bundle *bundle,
                      void (*on_start)(void *context, struct node_request *request), void *context);

/* Adds a request that arrived at `now_ns`, no earlier than the ones before. */
void node_submit(struct node *node, struct node_request *request, int64_t now_ns);

/* Carries out, in order and each at its own moment, all that happens up to `now_ns`. */
void node_advance(struct node *node, int64_t now_ns);

/* The moment of the next thing to happen, or NODE_IDLE. */
int64_t node_next_ns(const struct node *node);

/* Lets go of a request: one that waits leaves the line, the slot of a running one goes silent. */
void node_release(struct node *node, struct node_request *request);

/* When token `k`, from 0, of a started request comes out. */
int64_t node_token_ns(const struct node_request *request, int64_t k);

/* From the batch's start to its first token, without any wait before: what the server reports. */
double node_time_to_first_token_s(const struct node_batch *batch);

/* From the batch's start to the request's last token. */
double node_total_latency_s(const struct node_request *request);

void node_free(struct node *node);

#endif
