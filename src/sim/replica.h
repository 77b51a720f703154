/* One machine of the node: its memory, who waits for it, and what it runs (node.h says by which
 * rules). Moments come in as arguments. */
#ifndef SIM_REPLICA_H
#define SIM_REPLICA_H

#include <stdint.h>

#include "sim/batch.h"

#define NODE_IDLE INT64_MAX /* nothing will happen */

struct replica;

/* Of an expert. */
enum node_state { NODE_UNLOADED, NODE_LOADING, NODE_LOADED };

/* What the replicas of a node share. */
struct replica_common {
    struct batch_common batch;
    void (*on_start)(void *context, struct node_request *request);
    void *context;
    int64_t batches; /* that were started */
    int64_t loads;   /* that were asked for without a request */
};

/* An idle one with empty memory; `common` must outlive it. Free with replica_free. */
struct replica *replica_new(struct replica_common *common);

/* Adds a request with its moment and number, no earlier than the ones before. */
void replica_submit(struct replica *replica, struct node_request *request);

/* The moment of the next thing to happen, or NODE_IDLE. */
int64_t replica_next_ns(const struct replica *replica);

/* Carries out what happens at that moment. */
void replica_advance(struct replica *replica, int64_t at_ns);

/* Whether the expert is loaded here: not, or not yet, until the load under way is over. */
enum node_state replica_state(struct replica *replica, const struct bundle_expert *expert,
                              int64_t now_ns);

/* When the load under way of the expert is over; NODE_IDLE where there is none. */
int64_t replica_load_over_ns(const struct replica *replica, const struct bundle_expert *expert,
                             int64_t now_ns);

/* Unloads what rests of the expert, of all where it is NULL. */
void replica_unload(struct replica *replica, const struct bundle_expert *expert);

/* Whether a batch of the expert runs, or it is being loaded. */
bool replica_uses(const struct replica *replica, const struct bundle_expert *expert,
                  int64_t now_ns);

/* Loads the expert, without a request, for its shortest tier and its smallest batch, once the
 * replica is free. False where there is no room for it. */
bool replica_load(struct replica *replica, const struct bundle_expert *expert, int64_t now_ns);

/* Lets go of a request: one that waits leaves the line, the slot of a running one goes silent. */
void replica_release(struct replica *replica, struct node_request *request);

/* NULL is fine. */
void replica_free(struct replica *replica);

#endif
