/* Who starts runs: at once where their endpoint is free, in their turn where it is being measured.
 * A thread of its own waits for the ends of runs under way, and starts what waits for them. Any
 * thread may call these. */
#ifndef SERVE_START_STARTER_H
#define SERVE_START_STARTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "serve/start/waiting.h"

struct starter;
struct workbench;

/* Takes up the queue that the last server left. NULL where the machine starts no more threads. */
struct starter *starter_start(struct workbench *workbench);

/* Starts nothing more; what runs goes on. */
void starter_stop(struct starter *starter);
void starter_free(struct starter *starter);

enum starter_end {
    STARTER_STARTED,
    STARTER_QUEUED,
    STARTER_TAKEN,  /* a run of that name is there, or waits */
    STARTER_FULL,   /* the queue has no more room */
    STARTER_FAILED, /* the program did not begin the run, and says why */
};

/* Starts the run or puts it into the queue, and waits until it has begun, or `*stop` is true. With
 * `anyway` it starts beside whatever measures its endpoint, and both are marked. `waiting` lacks
 * id, path and name where `name` is NULL, and gets those of the date; it is taken in either case.
 * `position` counts in the queue from 1. Whatever else has a sentence. */
struct starter_asked {
    struct waiting waiting;
    const char *name; /* NULL: by the date */
    bool anyway;
    atomic_bool *stop;
};
struct starter_made {
    char id[ROUTE_RUN];
    char *name; /* owned */
    size_t position;
};
enum starter_end starter_do(struct starter *starter, struct starter_asked *asked,
                            struct starter_made *made, struct error *error);

/* Calls `each` with every entry of the queue, and the run that it waits for, NULL where none. */
void starter_list(struct starter *starter,
                  void (*each)(void *context, const struct waiting *waiting, const char *blocker_id,
                               const char *blocker_name),
                  void *context);

/* Puts the queue into that order; those that are not named are removed. False where one does not
 * wait, or is named twice: then it stays as it is. */
bool starter_reorder(struct starter *starter, const char *const *ids, size_t count);

/* What waits may be able to start now: a key was typed. */
void starter_look_again(struct starter *starter);

#endif
