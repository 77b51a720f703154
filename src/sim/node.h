/* The model of the machine: when it loads what, and when each token comes out. No I/O, no clock:
 * moments are integer nanoseconds that come in as arguments, so time may as well be virtual.
 *
 * - Requests wait in one line per expert. An expert runs one batch at a time; a batch takes those
 *   waiting for one tier, the oldest's, at the smallest batch size that holds them, or as many as
 *   the largest holds. It runs until its longest response is complete (static batching).
 * - Each configuration (expert, tier, batch size) occupies the expert's weights in HBM. One that is
 *   not resident is loaded first, after others have been evicted; never one that is running.
 * - The first batch of each configuration since the node was made pays warmup_s besides, as where
 *   kernels are compiled or graphs captured on first use; evicting and loading again does not.
 * - With prefix_cache a prompt's cached beginning needs no prefill. A batch finds what batches
 *   before it computed; its own members do not find each other's.
 * - Loading and prefill occupy the node, one batch after another. Decoding does not: responses of
 *   different experts come out beside each other, none slowing the other. (A simplification: real
 *   experts share compute and bandwidth. So is a load that costs nothing to what is decoding.)
 * - The expert whose oldest request waited longest is next, and one that must wait for room in HBM
 *   holds up those behind it. So nobody starves, and one request at a time waits for nothing. With
 *   schedule `group`, requests for a configuration that is resident go first, past older ones for
 *   others, of the same expert too; who keeps asking for what is resident can starve the rest.
 * - A node may have replicas, each with all of the above to itself: memory, line, batches, cache.
 *   A request goes to the replica of its turn, or always to that of its expert (`sticky`: experts
 *   are dealt out in the order of the file). Batches are numbered over all replicas.
 * - A configuration that did not run for idle_unload_s is no longer resident. What is pinned stays
 *   once it is loaded. Unloading and evicting cost nothing.
 * - Whoever asks may unload what rests, and load an expert without a request; a load occupies the
 *   replica as any does.
 * - Pauses stop all replicas (pause.h): what is due in one waits for its end. */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "sim/batch.h"
#include "sim/node_file.h"
#include "sim/replica.h"

struct node;

/* Whether the bundle says all that simulating it needs; else a sentence naming what is missing. */
bool node_accepts(const struct node_file *file, struct error *error);

/* An empty node that starts at `now_ns`, whose noise follows from the seed. `on_start` is called
 * for each member of a batch as the batch starts. The bundle must outlive the node. */
struct node *node_new(const struct node_file *file, uint64_t seed, int64_t now_ns,
                      void (*on_start)(void *context, struct node_request *request), void *context);

/* Adds a request that arrives at `now_ns`, no earlier than the ones before; it may be yet to come.
 */
void node_submit(struct node *node, struct node_request *request, int64_t now_ns);

/* Carries out, in order and each at its own moment, all that happens up to `now_ns`. */
void node_advance(struct node *node, int64_t now_ns);

/* Of an expert, over all replicas: loaded where it is in any. */
enum node_state node_state(const struct node *node, const struct bundle_expert *expert,
                           int64_t now_ns);

/* When the next load of any expert that is under way is over; NODE_IDLE where there is none. */
int64_t node_loaded_ns(const struct node *node, int64_t now_ns);

/* Unloads the expert, of all replicas, as far as it rests; all experts where it is NULL. */
void node_unload(struct node *node, const struct bundle_expert *expert);

/* Whether a batch of the expert runs in any replica, or it is being loaded. */
bool node_uses(const struct node *node, const struct bundle_expert *expert, int64_t now_ns);

/* Loads the expert without a request (replica.h) in the replica that is its own where they are
 * dealt out, else in the first. False where there is no room for it. */
bool node_load(struct node *node, const struct bundle_expert *expert, int64_t now_ns);

/* The moment of the next thing to happen, or NODE_IDLE. */
int64_t node_next_ns(const struct node *node);

/* Lets go of a request: one that waits leaves the line, the slot of a running one goes silent. */
void node_release(struct node *node, struct node_request *request);

void node_free(struct node *node);

#endif
