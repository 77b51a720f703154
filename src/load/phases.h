/* The phases of a row's load: warm-up requests, then those that count, then cool-down requests, one
 * behind another without a pause; inside this room.
 *
 * A row of a duration counts what leaves within so many seconds of the first request that counts;
 * what leaves later is cool-down, and behind that nothing leaves. In open loop all of it follows
 * from the schedule. In closed loop a request's place in time is known when it leaves. */
#ifndef LOAD_PHASES_H
#define LOAD_PHASES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/request.h"
#include "record/row.h"
#include "traffic/portion.h"

struct phases {
    size_t warmup, counted, cooldown; /* requests, at most */
    size_t cooldown_here;             /* of those, what is sent here */
    double duration_s;                /* 0: none */
    bool open;
    /* The composer's: */
    double counted_at_s; /* open loop: when the first request that counts is to leave */
    size_t cooling;      /* requests that came before the cool-down's; SIZE_MAX: it has not begun */
    /* Shared by the workers: */
    atomic_llong from_ns; /* when the first request that counts left; CLOCK_NEVER: it has not */
    atomic_size_t cooled; /* closed loop: cool-down requests that left */
    atomic_bool over;     /* closed loop: nothing leaves any more, whatever is composed */
};

/* Of a row whose requests are sent here as far as they belong to the portion. */
void phases_init(struct phases *phases, const struct row *row, const struct portion *portion);

/* The phase of request `index`, which in open loop leaves at `at_s`; indices come in order. False:
 * the row has no such request. For the composer alone. */
bool phases_place(struct phases *phases, size_t index, double at_s, enum request_phase *phase);

/* The time of those that count begins, where it has not: other loads have begun theirs. */
void phases_begin(struct phases *phases, int64_t at_ns);

/* A request is about to leave; its phase may have become another. False: it is not to, and none
 * behind it. */
bool phases_admit(struct phases *phases, enum request_phase *phase, int64_t now_ns);

/* Whether a request of that phase may still be sent, again, at `at_ns`. */
bool phases_allow(struct phases *phases, enum request_phase phase, int64_t at_ns);

/* Looks whether the row's time is up, so that no new request leaves any more. */
void phases_keep_time(struct phases *phases, int64_t now_ns);

/* Seconds since the first request that counts left; NAN: it has not. */
double phases_counted_s(struct phases *phases, int64_t now_ns);

#endif
