/* Load: when a row's requests leave, and how. One event loop per row, or several threads with one
 * each; what is sent does not depend on how many.
 *
 * Closed loop: exactly `concurrent_requests` in flight while requests remain; the next leaves the
 * moment one ends. Open loop: each leaves at its moment on an absolute schedule, whatever the
 * responses do. Records come back one by one; nothing is kept here. A row may send requests ahead
 * of those that count and behind them (phases.h).
 *
 * Where the row has sessions, each stands in the place of a request and is several, one after
 * another: a turn leaves when the pause after the response before it is over, which it holds. In
 * closed loop the session keeps its place meanwhile. One that fails, or whose next turn would leave
 * when the row's time is up, ends. All of it runs in one loop. A trace's turn leaves at its moment,
 * or when the response before it is over where that is later.
 *
 * Where several processes send a row together, each runs a load with its portion of it: with its
 * part of the requests, of the places and of `max_in_flight`. A duration then begins, for each,
 * with its own first request that counts, and of cool-down requests in closed loop each has its
 * part. Turns are numbered so that no two of the row have one number: by the order in which they
 * leave here, among the numbers of the portion.
 *
 * No request is sent again unless `retry` says so; then each attempt is a record. It keeps its
 * place while it waits: as long as the server asks for, else half a second and twice that each
 * time, spread by half. Closed loop, connections that do not get established are not tried again at
 * once: a tenth of a second later, and twice that each time, up to five. */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "load/places.h"
#include "load/start.h"
#include "load/target.h"
#include "record/health.h"
#include "record/request.h"
#include "record/retry.h"
#include "record/row.h"
#include "record/step.h"
#include "traffic/portion.h"

/* How far a row is, for a display. */
struct load_progress {
    size_t started, in_flight;
    uint64_t chunks; /* that came so far */
    double elapsed_s;
    double counted_s; /* since the first request that counts left; NAN: none has */
};

/* A request before it leaves: its own part of the body, and what it asks for. */
struct composed {
    size_t index;
    enum request_phase phase; /* by its place in the row; by its time it may become cool-down */
    double at_s;              /* open loop: when it is to leave, in seconds after the row's start */
    struct text prompt;       /* as it stands inside a body; of a session, with all turns before */
    size_t own_at;            /* where in it the text of this request's own begins */
    const char *shared;       /* in place of it, where many requests have the same one; NULL */
    size_t shared_length;
    struct text tail;         /* what follows all else, in place of the row's; empty: that one */
    const struct body *body;  /* NULL: the row's */
    const struct text *image; /* NULL: the row's */
    struct asked asked;
    bool none; /* set by who composes: there is no such request, and none behind it */
};

/* Whether a record could be kept, and whether more are wanted. */
enum load_decision {
    LOAD_CONTINUE,
    LOAD_STOP_EARLY, /* the row ends: no more is sent, what is in flight may end */
    LOAD_GIVE_UP,    /* it could not be kept: the row ends, and what is in flight is cancelled */
};

struct load {
    const struct target *target;
    const struct row *row;
    const struct retry *retry; /* which failed requests are sent again; NULL: none */
    struct portion portion;    /* what of it is sent here; zeroed: all */
    uint64_t seed, step;       /* what open-loop gaps follow from, with the request's index */
    const struct body *body;   /* the parts of a request's body that all share */
    const struct text *image;  /* base64, shared by all; NULL: none */
    double request_timeout_s;  /* an attempt at a request is cancelled after this long; 0: none */
    double timeout_s;    /* the row stops after this long, and what is in flight is cancelled */
    double stop_grace_s; /* how long a stopped row waits for what is in flight */
    bool preconnect;
    bool precise;   /* spin the last 100 µs before a send that is due, instead of sleeping */
    size_t threads; /* loops, at least 1 */
    struct places *places;    /* closed loop: those it shares with others (places.h); NULL: own */
    size_t member;            /* … among whom it is this one */
    struct load_start *start; /* begins at one moment with others (start.h); NULL: once it can */
    /* 0: go on; 1: send no more, let what is in flight end; 2: cancel it. Set by a signal handler.
     */
    const atomic_int *stop;
    /* Set to true: no more is sent, and what is in flight may end, as with LOAD_STOP_EARLY. NULL:
     * nobody sets it. */
    const atomic_bool *enough;
    bool keep_texts; /* hand over texts */

    void *context;
    /* Composes request `composed->index`; all else but its moment and phase is empty. The moment
     * may be set to a later one, for requests whose moments are not drawn. Called in a thread of
     * its own, in the order of the requests. */
    void (*compose)(void *context, struct composed *composed);
    /* Of a row of sessions: adds to a request's prompt what came in response to it and the user's
     * next text, so that it is the session's next turn; of a trace also sets its moment. Called in
     * any of the loops' threads. NULL: the row has no sessions. */
    void (*compose_turn)(void *context, struct composed *composed, const char *response);
    /* The prompt is about to leave and may still be made shorter, by what responses have taught
     * since it was composed. Called in any of the loops' threads. NULL: nothing is to be done. */
    void (*fit)(void *context, struct composed *composed);
    /* A request has ended; what it teaches counts for the next, which leaves after this. Called in
     * any of the loops' threads. NULL: nothing is learned. */
    void (*learn)(void *context, const struct request *request);
    /* An attempt at a request has ended, completed or not; one call at a time, but from any of the
     * threads. The record is only valid during the call, and so are the texts: NULL without
     * keep_texts. */
    enum load_decision (*on_request_done)(void *context, const struct request *request,
                                          const struct request_texts *texts);
    /* More of a response's content came: `text` is all of it so far, as the server sent it, secrets
     * not struck out, and only valid during the call. Called in any of the loops' threads, only
     * with keep_texts; one at a time for each request. NULL: nobody reads along. */
    void (*on_text)(void *context, const struct text *text);
    /* About ten times a second, in one of the threads, while others may be in on_request_done. */
    void (*on_progress)(void *context, const struct load_progress *progress);
};

/* What a row's load came to. */
struct load_result {
    enum step_end end;
    size_t connections_opened_ahead;
    bool idle_silent; /* requests that touch no model were not responded to */
    struct health health;
};

/* How many files a load with so many requests in flight and threads has open at most: connections,
 * and what its loops wait with. */
size_t load_files(size_t in_flight, size_t threads);

/* Runs one row to its end. False, with a sentence, only where the machine refuses what it needs, or
 * where a load that was to start with it will not come. */
bool load_run(const struct load *load, struct load_result *result, struct error *error);

#endif
