/* Places that several loads have in common: a mix in closed loop whose members have a `share`.
 *
 * There are so many places as requests may be in flight, over all loads. One that becomes free is
 * given to the load that the visit's next request is drawn for (traffic/member_draw.h), waits in
 * that load's line, and is taken once a request stands composed. A load that has ended gets none:
 * the draw goes on to the next request. */
#ifndef LOAD_PLACES_H
#define LOAD_PLACES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traffic/member_draw.h"
#include "traffic/portion.h"

/* A load's line. */
struct places_line {
    int64_t *freed_ns; /* since when its places are free, a ring; owned */
    size_t at, count;
    const int *wake; /* eventfds of the load's loops, which are written to when a place comes */
    size_t wakes;
    bool ended;
};

struct places {
    pthread_mutex_t lock;
    struct member_draw draw;
    size_t places;
    size_t requests; /* of the visit, at most */
    struct portion portion;
    size_t next; /* the visit's request that a place is given to next */
    bool open;
    struct places_line *line; /* one for each load; owned */
};

/* The portion's part of `places_in_all` places, for its part of the visit's requests and for as
 * many loads as there are shares. `requests` in all; 0: until their time is up. */
void places_init(struct places *places, size_t places_in_all, const struct portion *portion,
                 const double *share, size_t members, size_t requests, uint64_t seed,
                 uint64_t step);

/* How many of the visit's first `requests` requests are drawn for each member, wherever they are
 * sent. */
void places_count(const struct places *places, size_t requests, size_t *of_member);

/* How many places the member has at the start. */
size_t places_at_start(const struct places *places, size_t member);

/* The member's loops, for when places come; `wake` must stand until it leaves. All join before any
 * opens. */
void places_join(struct places *places, size_t member, const int *wake, size_t wakes);

/* The visit's clock has started: all places are free. What comes after the first call is none. */
void places_open(struct places *places, int64_t at_ns);

/* Takes a place of the member's. False: it has none. */
bool places_take(struct places *places, size_t member, int64_t *freed_ns);

/* A place that was taken is free. */
void places_give(struct places *places, int64_t at_ns);

/* The member sends no more. Its places are the others', since `at_ns`. */
void places_leave(struct places *places, size_t member, int64_t at_ns);

void places_clear(struct places *places);

#endif
