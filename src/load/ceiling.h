/* How many requests of an open-loop row run at once, at most: `max_in_flight`; inside this room.
 *
 * A request takes a place when it leaves and gives it back when it has ended, with all its attempts
 * and the waits between them. One ceiling for all of a row's loops; who finds it reached is woken
 * when a place is given back. */
#ifndef LOAD_CEILING_H
#define LOAD_CEILING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ceiling {
    size_t most;           /* 0: none */
    atomic_size_t taken;   /* places */
    atomic_bool waited;    /* a loop found none */
    atomic_llong freed_ns; /* when one was given back last */
    const int *wake;       /* the loops' eventfds */
    size_t wakes;
};

/* `wake` must outlive it. */
void ceiling_init(struct ceiling *ceiling, int64_t most, const int *wake, size_t wakes);

/* Takes a place for a request that was due at `due_ns`. True: `*let_go_ns` is when it could leave,
 * `due_ns` where there was a place by then, CLOCK_NEVER without a ceiling. False: there is none;
 * `*held` tells the next call for the request that it had to wait. */
bool ceiling_take(struct ceiling *ceiling, int64_t due_ns, bool *held, int64_t *let_go_ns);

/* Gives a place back at `now_ns`. */
void ceiling_give(struct ceiling *ceiling, int64_t now_ns);

#endif
