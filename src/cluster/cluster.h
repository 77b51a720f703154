/* Cluster: one run over several processes, its ranks, on one machine or many.
 *
 * A rank sends messages to another and waits for messages, until a moment of its own clock. What
 * carries them is a transport: MPI (mpi.c), or nothing where a process is alone. Nobody else knows
 * which. Rank 0 keeps the run; its clock is the run's, and what the others' clocks show is turned
 * into it (track.h), by what a ping-pong tells (sync.h).
 *
 * Messages between two ranks arrive once each, and those of one tag in the order of sending; only
 * those of CLUSTER_CLOCK may be lost. */
#ifndef CLUSTER_CLUSTER_H
#define CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

/* What a message is about; a set of them is their sum. */
enum cluster_tag {
    CLUSTER_CLOCK = 1,   /* pings and their answers */
    CLUSTER_SYNC = 2,    /* when clocks are compared … */
    CLUSTER_START = 4,   /* … and when all begin (sync.h) */
    CLUSTER_CONTROL = 8, /* what is to be done */
    CLUSTER_RECORDS = 16 /* what happened */
};

struct cluster_message {
    size_t from; /* the rank */
    enum cluster_tag tag;
    struct text bytes; /* room is used again; cluster_message_clear frees it */
};

enum cluster_came {
    CLUSTER_CAME,
    CLUSTER_NOTHING, /* by that moment */
    CLUSTER_BROKEN,  /* with a sentence: no more will come */
};

struct cluster_transport {
    const char *name;
    bool (*send)(void *end, size_t to, enum cluster_tag tag, const struct text *bytes,
                 struct error *error);
    enum cluster_came (*receive)(void *end, unsigned tags, int64_t until_ns,
                                 struct cluster_message *message, struct error *error);
    int64_t (*now_ns)(void *end);
    void (*close)(void *end);
};

/* A rank's end of the transport. */
struct cluster {
    const struct cluster_transport *transport;
    void *end;
    size_t rank, ranks;
};

/* Whether this process was started together with others: before anybody joins, for who would do the
 * same in all of them. */
bool cluster_is_many(void);

/* Joins the processes that were started together: by MPI in the program that is built with it,
 * where mpirun ends all once one dies; else this one is alone. Once in a process; any thread may
 * send and receive then. False with a sentence. */
bool cluster_join(struct cluster *cluster, struct error *error);

/* A process that is alone: rank 0 of 1, whom nobody sends anything. */
void cluster_alone(struct cluster *cluster);

/* Sends a copy of the bytes; returns at once unless too much is under way already. False, with a
 * sentence, where the rank cannot be reached. */
bool cluster_send(struct cluster *cluster, size_t to, enum cluster_tag tag,
                  const struct text *bytes, struct error *error);

/* Waits until `until_ns` of the own clock for a message of one of the tags (their sum), from
 * whatever rank, and fills `message`, which the caller zeroes once and clears. */
enum cluster_came cluster_receive(struct cluster *cluster, unsigned tags, int64_t until_ns,
                                  struct cluster_message *message, struct error *error);

void cluster_message_clear(struct cluster_message *message);

/* The own clock: monotonic nanoseconds, of which other ranks know nothing. */
int64_t cluster_now_ns(const struct cluster *cluster);

/* Leaves the others; a zeroed one is fine. */
void cluster_close(struct cluster *cluster);

#endif
