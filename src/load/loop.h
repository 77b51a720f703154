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
#include "load/handback.h"
#include "load/interval.h"
#include "load/stamp.h"

/* What curl_easy_pause returns for a transfer that libcurl has ended, and told nobody of yet. */
#define LOOP_HAS_ENDED CURLE_BAD_FUNCTION_ARGUMENT

/* How many transfers a shard is meant for. */
enum { LOOP_SHARD_TRANSFERS = 64 };

struct transfer;

struct shard {
    struct loop *loop;
    size_t number;
    CURLM *multi;
    int64_t due_ns; /* when libcurl wants to be called; CLOCK_NEVER: no wish */
    bool added;     /* a transfer was, and libcurl was not called for timers since */
    bool lost_idle; /* the server closed a connection that no transfer used */
    size_t idle;    /* open connections that no transfer uses */
};

struct socket_about {
    int64_t added_ns; /* when it was first watched */
    int64_t read_ns;  /* when it was last read */
    const CURL *user; /* the transfer that uses it; of HTTP/2, the last that came to it */
    bool used;        /* by a request, as far as was noted */
    size_t idle_in;   /* a shard's number from 1: it is a connection there that no transfer uses */
    struct transfer *transfer; /* the same; NULL: it is none of ours */
    int wished;                /* what libcurl last wished to know of it: CURL_POLL_… */
    struct interval_socket interval;
};

struct loop {
    int epoll;
    struct shard **shard;
    size_t shards;
    size_t due_at;      /* the shard whose turn it is to do what is due */
    bool coarse;        /* the system has no epoll_pwait2: waits end on whole milliseconds */
    bool sealed;        /* connections have TLS, at least a part of the way */
    bool precise;       /* the last stretch before a moment is not slept but spun */
    int64_t arrival_ns; /* when what is being read came */
    int64_t last_ns;    /* when the last of it came, looked up where it is read late; CLOCK_NEVER:
                         * the kernel does not tell */
    bool is_whole;      /* all of it was looked at before, and last_ns is that of just this */
    int64_t seen_ns;    /* when we came to read it: all of it came by then */
    int64_t taken_ns;   /* since when libcurl has the turn: the last look at the socket, or the end
                         * of taking what it handed on, where that was short */
    int64_t taking_ns;  /* when that taking began */
    int late_socket;    /* whose last byte's stamp was looked up, … */
    int64_t late_bytes; /* … and what it had received then; -1: none was, or it is not known */
    const void *reader; /* whose the stamp is: the first to take something from this reading */
    bool stamped;       /* … by the kernel's stamp, else the moment we came to it */
    bool by_timer;      /* libcurl was called for no socket: what it reads, it reads just now */
    uint64_t idle_ends; /* counts connections that ended while no transfer used them */
    curl_socket_t done_socket; /* for on_done: the connection of the transfer that has ended, if
                                * libcurl keeps it open; else CURL_SOCKET_BAD */
    const CURL *user;          /* whose socket is being read; NULL: libcurl was called for none */
    int trouble;               /* an errno that the last look for a stamp that met one met, */
    const CURL *trouble_user;  /* … on whose socket, */
    uint64_t trouble_reading;  /* … and in which reading */
    uint64_t reading;          /* counts the calls into libcurl: bytes of one call came together */
    struct interval_reading interval; /* of what is being read */
    bool heard;                 /* a line of a response's head came: the scheme is the right one */
    bool idle_silent;           /* a request that touches no model was not responded to */
    struct socket_about *about; /* each socket, by its number */
    size_t about_room;
    struct stamp_offset offset;
    bool asks_clock; /* each turn whether the wall clock was set: epoll does not tell */
    /* How well the loop kept up: from arrival to reading, and the longest it saw to no socket. */
    struct histogram lateness;
    int64_t stall_most_ns;
    uint64_t chunks, coalesced, stamped_chunks; /* counted by the transfers */
    int64_t late_ns;             /* the latest reading of this turn and the one before … */
    int64_t turn_late_ns;        /* … and of this one alone */
    uint64_t takings, several;   /* readings of owned.h, and those of them with several packets */
    int64_t waited_ns, woken_ns; /* the last wait's begin and end; woken 0: not counted yet */
    /* A transfer has ended and is no longer in the loop; it may start others. */
    void (*on_done)(void *context, CURL *easy, CURLcode result);
    void *context;
    struct transfer **ended; /* whose responses ended, and whose bodies may not have; owned */
    size_t ended_count, ended_room;
    struct handback handback;
    struct transfer *called; /* those of owned.h that libcurl was called for, a list */
    int stamper; /* a socket that keeps the kernel at stamping while connections come and go */
    int wake;    /* an eventfd that others may write to, to end a wait */
};

bool loop_init(struct loop *loop, struct error *error);

/* Lets a transfer begin in a shard, and takes it out before its end. Shards are numbered from 0
 * and made as they are needed. */
void loop_add(struct loop *loop, size_t shard, CURL *easy);
void loop_remove(struct loop *loop, size_t shard, CURL *easy);

/* Lets what was added to a shard begin now, rather than in the next turn: it has its connection
 * then. Not within a callback of libcurl's. */
void loop_begin(struct loop *loop, size_t shard);

/* Ends a transfer that libcurl has not ended, as if it had with that result. */
void loop_end(struct loop *loop, size_t shard, CURL *easy, CURLcode result);

/* Lets libcurl read bytes that were taken from the socket of a transfer that is paused, as if they
 * still waited there, and go on with the connection (handback.h). False: the system refused it, or
 * libcurl, which is then no further. */
bool loop_hand_back(struct loop *loop, size_t shard, CURL *easy, curl_socket_t socket,
                    const char *bytes, size_t length);

/* Waits until a socket has something or `until_ns` has come, and lets libcurl work. A signal ends
 * the wait early. */
void loop_turn(struct loop *loop, int64_t until_ns);

/* The errno that a look for a stamp took away from a transfer's connection, 0 where it took none.
 * `shares`: others may use that connection, as of HTTP/2. */
int loop_trouble(const struct loop *loop, const CURL *easy, bool shares);

/* Takes note of a transfer whose response has ended; transfer->is_noted stays until it is
 * forgotten. */
void loop_note_ended(struct loop *loop, struct transfer *transfer);

/* For so long the loop has looked at no socket. */
void loop_note_stall(struct loop *loop, int64_t blind_ns);

/* Begins to count lateness and stalls anew. */
void loop_forget_health(struct loop *loop);

void loop_clear(struct loop *loop);

#endif
