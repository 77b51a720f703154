/* A worker: one loop thread's share of a row; inside this room.
 *
 * All workers of a row take their requests from one composer, in order, and report to one place. In
 * closed loop each has its share of the concurrency as places; a place that becomes free takes the
 * next request. In open loop each holds the next request until its moment. */
#ifndef LOAD_WORKER_H
#define LOAD_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "load/ahead.h"
#include "load/ceiling.h"
#include "load/composer.h"
#include "load/load.h"
#include "load/loop.h"
#include "load/phases.h"
#include "load/pool.h"
#include "load/retry.h"
#include "load/thinking.h"

/* What the workers of a row have in common. */
struct share {
    const struct load *load;
    struct composer composer;
    struct phases phases;
    struct ceiling ceiling;
    struct curl_slist *headers;
    pthread_mutex_t reporting; /* on_request_done is called by one at a time */
    pthread_mutex_t gate;      /* where workers wait for each other before the start */
    pthread_cond_t opened;
    size_t arrived;
    bool open, abandoned;
    int64_t start_ns;
    atomic_size_t started, in_flight;
    atomic_size_t left; /* of a row of sessions: requests that left, by their first attempt */
    atomic_ullong chunks;
    atomic_int end;     /* enum step_end */
    atomic_bool unkept; /* a record could not be kept */
    size_t workers;
};

struct worker {
    struct share *share;
    size_t number;
    struct loop loop;
    size_t places;              /* closed loop: how many requests it has in flight */
    struct transfer **transfer; /* as many as were ever needed at once */
    struct transfer **idle;     /* those with nothing to do */
    struct transfer **wave;     /* composed before the start */
    size_t transfers, idle_count, wave_count, wave_at;
    struct transfer *pending; /* open loop: composed, waits for its moment … */
    struct ahead ahead;
    bool held; /* … or, that past, for max_in_flight */
    struct pool pool;
    int64_t *freed_ns; /* closed loop: since when places are free, a ring */
    size_t freed_at, freed;
    struct transfer **retry; /* those whose request waits for its retry */
    size_t retries;
    struct thinking thinking; /* those whose session pauses before its next turn */
    struct quiet quiet;       /* closed loop: no request leaves during it */
    size_t in_flight, starts; /* starts: in this turn */
    uint64_t chunks_reported; /* of the loop's chunks, those in the share's count */
    int64_t deadline_ns, tick_due_ns;
    int64_t tail_due_ns; /* when bodies that are open behind their responses are to be looked at */
    int64_t cancel_ns;   /* a stopped row's end; CLOCK_NEVER while it is not stopped */
    size_t connections_opened; /* by its requests */
    double cpu_share;
    pthread_t thread;
};

/* Makes the worker's loop. False with a sentence where the machine refuses it; clear it either way.
 */
bool worker_init(struct worker *worker, struct share *share, size_t number, struct error *error);

/* Opens connections, composes the first wave, waits until all workers have, and runs to the end. */
void *worker_run(void *worker);

/* Waits until all workers have come here; the last starts the row's clock, together with the loads
 * that it shares its start with (start.h). False: it will not
 * start. */
bool worker_wait_for_all(struct share *share);

/* Lets the workers that wait for others go home: not all could be started. */
void worker_abandon(struct share *share);

void worker_clear(struct worker *worker);

#endif
