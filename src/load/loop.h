/* One event loop: libcurl's sockets on one epoll; inside this room.
 *
 * Transfers are spread over shards, each a libcurl multi handle, since what libcurl does to find a
 * connection grows with how many its handle has. libcurl is driven by socket, so that when bytes
 * arrived is known before they are read: `arrival_ns` is that moment for everything that happens
 * inside libcurl's callbacks. */
#ifndef LOAD_LOOP_H
#define LOAD_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/histogram.h"
#include "load/stamp.h"

/* How many transfers a shard is meant for. */
enum { LOOP_SHARD_TRANSFERS = 64 };

struct shard {
    struct loop *loop;
    size_t number;
    CURLM *multi;
    int64_t due_ns; /* when libcurl wants to be called; CLOCK_NEVER: no wish */
    bool lost_idle; /* the server closed a connection that no transfer used */
};

struct socket_about {
    int64_t read_ns; /* when it was last read */
    size_t idle_in;  /* a shard's number from 1: it is a connection there that no transfer uses */
};

struct loop {
    int epoll;
    struct shard **shard;
    size_t shards;
    bool coarse;        /* the system has no epoll_pwait2: waits end on whole milliseconds */
    bool precise;       /* the last stretch before a moment is not slept but spun */
    int64_t arrival_ns; /* when what is being read came */
    int64_t last_ns;    /* when the last of it came, looked up where it is read late; CLOCK_NEVER:
                         * the kernel does not tell */
    int64_t seen_ns;    /* when we came to read it */
    const void *reader; /* whose the stamp is: the first to take something from this reading */
    bool stamped;       /* … by the kernel's stamp, else the moment we came to it */
    bool by_timer;      /* libcurl was called for no socket: what it reads, it reads just now */
    int trouble;        /* an errno that the look for a stamp met on this socket, else 0 */
    uint64_t reading;   /* counts the calls into libcurl: bytes of one call came together */
    struct socket_about *about; /* each socket, by its number */
    size_t about_room;
    struct stamp_offset offset;
    /* How well the loop kept up: from arrival to reading, and the longest it saw to no socket. */
    struct histogram lateness;
    int64_t stall_most_ns;
    uint64_t chunks, coalesced, stamped_chunks; /* counted by the slots */
    int64_t waited_ns, woken_ns; /* the last wait's begin and end; woken 0: not counted yet */
    /* A transfer has ended and is no longer in the loop; it may start others. */
    void (*on_done)(void *context, CURL *easy, CURLcode result);
    void *context;
    int stamper; /* a socket that keeps the kernel at stamping while connections come and go */
    int wake;    /* an eventfd that others may write to, to end a wait */
};

bool loop_init(struct loop *loop, struct error *error);

/* Lets a transfer begin in a shard, and takes it out before its end. Shards are numbered from 0
 * and made as they are needed. */
void loop_add(struct loop *loop, size_t shard, CURL *easy);
void loop_remove(struct loop *loop, size_t shard, CURL *easy);

/* Whether the server closed idle connections of a shard and none is left open there. */
bool loop_lost_idle(struct loop *loop, size_t shard);

/* Waits until a socket has something or `until_ns` has come, and lets libcurl work. A signal ends
 * the wait early. */
void loop_turn(struct loop *loop, int64_t until_ns);

/* Begins to count lateness and stalls anew. */
void loop_forget_health(struct loop *loop);

void loop_clear(struct loop *loop);

#endif
