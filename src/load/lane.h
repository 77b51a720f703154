/* A lane: one loop thread's share of a row; inside this room.
 *
 * All lanes of a row take their requests from one composer, in order, and report to one place. In
 * closed loop each has its share of the concurrency as places; a place that becomes free takes the
 * next request. In open loop each holds the next request until its moment. */
#ifndef LOAD_LANE_H
#define LOAD_LANE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "load/again.h"
#include "load/ahead.h"
#include "load/composer.h"
#include "load/load.h"
#include "load/loop.h"

/* What the lanes of a row have in common. */
struct share {
    const struct load *load;
    struct composer composer;
    struct curl_slist *headers;
    pthread_mutex_t reporting; /* on_request_done is called by one at a time */
    pthread_mutex_t gate;      /* where lanes wait for each other before the start */
    pthread_cond_t opened;
    size_t arrived;
    bool abandoned;
    int64_t start_ns;
    atomic_size_t started, in_flight;
    atomic_ullong chunks;
    atomic_int end;     /* enum step_end */
    atomic_bool unkept; /* a record could not be kept */
    size_t lanes;
};

struct lane {
    struct share *share;
    size_t number;
    struct loop loop;
    size_t places;      /* closed loop: how many requests it has in flight */
    struct slot **slot; /* as many as were ever needed at once */
    struct slot **idle; /* those with nothing to do */
    struct slot **wave; /* composed before the start */
    size_t slots, idle_count, wave_count, wave_at;
    struct slot *held;    /* open loop: composed, waits for its moment */
    struct spare spare;   /* opens a connection for it where the server closed the idle ones */
    int64_t spare_due_ns; /* none is opened before this */
    int64_t *freed_ns;    /* closed loop: since when places are free, a ring */
    size_t freed_at, freed;
    struct slot **again; /* those whose request waits to be sent again */
    size_t agains;
    struct quiet quiet;       /* closed loop: no request leaves during it */
    size_t in_flight, starts; /* starts: in this turn */
    uint64_t chunks_told;     /* of the loop's chunks, those in the share's count */
    int64_t deadline_ns, tick_due_ns;
    int64_t cancel_ns; /* a stopped row's end; CLOCK_NEVER while it is not stopped */
    size_t connections_opened_ahead, connections_opened, connections_reopened;
    double cpu_share;
    pthread_t thread;
};

/* Makes the lane's loop. False with a sentence where the machine refuses it; clear it either way.
 */
bool lane_init(struct lane *lane, struct share *share, size_t number, struct error *error);

/* Opens connections, composes the first wave, waits until all lanes have, and runs to the end. */
void *lane_run(void *lane);

/* Lets the lanes that wait for others go home: not all could be started. */
void lane_abandon(struct share *share);

void lane_clear(struct lane *lane);

#endif
