/* The thread that starts what waits, once its endpoint is free. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/thread.h"
#include "serve/start/same_endpoint.h"
#include "serve/start/starter_inside.h"
#include "serve/start/under_way.h"
#include "serve/workbench.h"

enum { LOOK_MS = 30000 }; /* while something waits: what ended is known at once, keys are typed */

/* --- What starts next ------------------------------------------------------------------------ */

/* The key that was typed for it, where it is known still, or again. */
static bool has_key(const struct starter *starter, struct waiting *waiting)
{
    struct typed_endpoint typed;

    if (!waiting->needs_key)
        return true;
    if (!endpoints_find(starter->workbench->endpoints, waiting->typed.api, waiting->typed.address,
                        &typed))
        return false;
    typed_endpoint_clear(&waiting->typed);
    waiting->typed = typed;
    waiting->needs_key = false;
    return true;
}

/* Whether one before it waits for the same endpoint. */
static bool is_behind(const struct starter *starter, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (!starter->queue[i].error && !starter->queue[i].needs_key &&
            same_endpoint(starter->queue[i].endpoint, starter->queue[at].endpoint))
            return true;
    }
    return false;
}

static bool is_measured(const struct starter *starter, const char *endpoint, double age_s)
{
    struct under_way_run run;
    bool found = under_way_find(starter->workbench->under_way, endpoint, age_s, &run);

    if (found)
        under_way_run_clear(&run);
    return found;
}

/* Starts one; false where none may start. The locks are held. */
static bool start_one(struct starter *starter)
{
    double age_s = UNDER_WAY_NOW_S;

    for (size_t i = 0; i < starter->queued; i++) {
        struct waiting *waiting = &starter->queue[i];
        struct waiting taken;
        struct error error;

        if (waiting->error || !has_key(starter, waiting) || is_behind(starter, i))
            continue;
        if (is_measured(starter, waiting->endpoint, age_s)) {
            age_s = UNDER_WAY_GLANCE_S; /* one look at all runs is enough */
            continue;
        }
        if (!starter_launch(starter, waiting, false, &error)) {
            waiting->error = memory_text(error.text);
            starter_keep(starter);
            continue;
        }
        taken = waiting_take(starter->queue, &starter->queued, i); /* which was emptied */
        waiting_clear(&taken);
        starter_keep(starter);
        return true;
    }
    return false;
}

/* --- Waiting --------------------------------------------------------------------------------- */

/* What ends a wait: a word from another thread, the end of a run. */
struct ends {
    struct pollfd *look;
    size_t count;
};

static void add_end(struct ends *ends, int file)
{
    ends->look = memory_grow(ends->look, ends->count, sizeof *ends->look);
    ends->look[ends->count++] = (struct pollfd){.fd = file, .events = POLLIN};
}

/* Others may forget a run meanwhile, so these are copies. */
static void add_started(const struct starter *starter, struct ends *ends)
{
    for (size_t i = 0; i < starter->starts; i++) {
        int copy = starter->started[i]->ended
                       ? -1
                       : fcntl(starter->started[i]->process.process, F_DUPFD_CLOEXEC, 0);

        if (copy >= 0)
            add_end(ends, copy);
    }
}

static void add_under_way(const struct starter *starter, struct ends *ends)
{
    size_t count;
    int *processes = under_way_processes(starter->workbench->under_way, &count);

    for (size_t i = 0; i < count; i++)
        add_end(ends, processes[i]);
    free(processes);
}

static bool something_waits(const struct starter *starter)
{
    for (size_t i = 0; i < starter->queued; i++) {
        if (!starter->queue[i].error)
            return true;
    }
    return false;
}

static void wait_for(struct starter *starter, struct ends *ends, int most_ms)
{
    eventfd_t woken;

    poll(ends->look, ends->count, most_ms);
    eventfd_read(starter->wake, &woken);
    for (size_t i = 1; i < ends->count; i++)
        close(ends->look[i].fd);
    free(ends->look);
}

/* Starts what may start, and says what to wait for, and how long. */
static int look_around(struct starter *starter, struct ends *ends)
{
    int most_ms = -1;

    pthread_mutex_lock(&starter->deciding);
    pthread_mutex_lock(&starter->lock);
    starter_look(starter);
    while (start_one(starter))
        continue;
    add_end(ends, starter->wake);
    add_started(starter, ends);
    if (something_waits(starter)) {
        add_under_way(starter, ends);
        most_ms = LOOK_MS;
    }
    if (starter_is_beginning(starter, NULL))
        most_ms = STARTER_BEGINNING_MS;
    pthread_mutex_unlock(&starter->lock);
    pthread_mutex_unlock(&starter->deciding);
    return most_ms;
}

static void *work(void *context)
{
    struct starter *starter = context;

    while (!atomic_load(&starter->stop)) {
        struct ends ends = {0};
        int most_ms = look_around(starter, &ends);

        wait_for(starter, &ends, most_ms);
    }
    return NULL;
}

/* --- Its life -------------------------------------------------------------------------------- */

struct starter *starter_start(struct workbench *workbench)
{
    struct starter *starter = memory_new(1, sizeof *starter);

    starter->workbench = workbench;
    pthread_mutex_init(&starter->deciding, NULL);
    pthread_mutex_init(&starter->lock, NULL);
    pthread_cond_init(&starter->changed, NULL);
    starter->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    starter->queue = waiting_read(workbench, &starter->queued);
    starter->runs = starter->wake >= 0 && thread_start(&starter->thread, "starter", work, starter);
    if (starter->runs)
        return starter;
    starter_free(starter);
    return NULL;
}

void starter_stop(struct starter *starter)
{
    if (!starter || !starter->runs)
        return;
    atomic_store(&starter->stop, true);
    starter_look_again(starter);
    pthread_join(starter->thread, NULL);
    starter->runs = false;
}

/* What runs goes on, and keeps the log that it has open. */
void starter_free(struct starter *starter)
{
    if (!starter)
        return;
    starter_stop(starter);
    for (size_t i = 0; i < starter->starts; i++) {
        waiting_clear(&starter->started[i]->waiting);
        close(starter->started[i]->process.process);
        free(starter->started[i]);
    }
    for (size_t i = 0; i < starter->queued; i++)
        waiting_clear(&starter->queue[i]);
    free(starter->started);
    free(starter->queue);
    if (starter->wake >= 0)
        close(starter->wake);
    pthread_cond_destroy(&starter->changed);
    pthread_mutex_destroy(&starter->lock);
    pthread_mutex_destroy(&starter->deciding);
    free(starter);
}
