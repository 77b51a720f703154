/* A worker's connections: which are opened in advance, which may be used again, and which are on
 * trial first (reuse.h); inside this room.
 *
 * Open loop, a connection stands ready before its request leaves, opened by a small request
 * (preconnect.h): where the server has closed those that were idle and, where none is used again,
 * for each request. Closed loop, a request that needs a new connection opens it itself. */
#ifndef LOAD_POOL_H
#define LOAD_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/load.h"
#include "load/loop.h"
#include "load/preconnect.h"
#include "load/transfer.h"

/* A connection that has carried a response and waits to be seen outliving it. */
struct trial {
    curl_socket_t socket;
    size_t shard;
    int64_t ended_ns, due_ns;
    bool counts;      /* a whole streamed response, which teaches whether connections outlive one */
    bool holds_place; /* closed loop: a place waits for it */
};

/* Zeroed, then pool_init. */
struct pool {
    struct loop *loop;
    const struct target *target;
    const struct row *row;
    const atomic_int *stop;
    bool preconnect;
    double workers; /* of all ranks, among which the row's requests are shared */
    struct preconnections preconnections;
    int64_t preconnect_due_ns; /* where one after another is opened: none before this */
    struct trial *trial;       /* in the order of their ends; owned */
    size_t trials, trial_room;
    size_t waiting; /* places whose connections outlived it, while others will within a moment */
    uint64_t ends_seen;  /* of the loop's idle_ends */
    bool dropped;        /* those that were used, since none is used again */
    size_t begun, taken; /* connections asked for in advance, and requests sent */
    size_t preconnected, reopened;
};

void pool_init(struct pool *pool, struct loop *loop, const struct load *load, size_t workers);

/* Before the row's clock starts: opens connections for `places` in flight (0: open loop), and looks
 * whether they outlive the small request. Takes the loop's on_done. */
void pool_preconnect(struct pool *pool, size_t places);

/* Open loop: sees to a connection in the transfer's shard for its request, which leaves at
 * `moment_ns`. */
void pool_see_to(struct pool *pool, const struct transfer *transfer, int64_t moment_ns);
void pool_preconnect_ended(struct pool *pool, const CURL *easy, CURLcode result);

/* Before transfer_send: whether the transfer's request may use a connection again, and leave it for
 * another. */
void pool_choose(struct pool *pool, struct transfer *transfer);

/* After transfer_send: where connections are on trial or may soon be, it takes its own now; of an
 * open loop, it leaves now. */
void pool_begin(struct pool *pool, const struct transfer *transfer);

/* A transfer's request has ended, and is finished. True: its connection is on trial. */
bool pool_note_end(struct pool *pool, const struct transfer *transfer);

/* A place waits until the last connection that came on trial has outlived it or not. */
void pool_hold_place(struct pool *pool);

/* Looks at those on trial, and returns how many places wait no longer: those whose connection is
 * known to outlive its response or not, and where others end within 5 ms, with these. */
size_t pool_look(struct pool *pool, int64_t now_ns);

/* When to look next; CLOCK_NEVER: none is on trial. */
int64_t pool_due_ns(const struct pool *pool);

void pool_clear(struct pool *pool);

#endif
