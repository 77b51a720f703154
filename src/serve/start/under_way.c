#include "serve/start/under_way.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "serve/runs/run_table.h"
#include "serve/start/same_endpoint.h"
#include "serve/workbench.h"
#include "store/run_pid.h"

struct known {
    struct under_way_run run;
    char *endpoint;
    int process;
};

struct under_way {
    struct workbench *workbench;
    pthread_mutex_t lock;
    struct known *known;
    size_t count;
    int64_t looked_ns; /* CLOCK_NEVER: not yet */
};

void under_way_run_clear(struct under_way_run *run)
{
    free(run->path);
    free(run->name);
    *run = (struct under_way_run){0};
}

struct under_way *under_way_new(struct workbench *workbench)
{
    struct under_way *under_way = memory_new(1, sizeof *under_way);

    under_way->workbench = workbench;
    under_way->looked_ns = CLOCK_NEVER;
    pthread_mutex_init(&under_way->lock, NULL);
    return under_way;
}

static void forget(struct known *known)
{
    under_way_run_clear(&known->run);
    free(known->endpoint);
    close(known->process);
}

void under_way_free(struct under_way *under_way)
{
    if (!under_way)
        return;
    for (size_t i = 0; i < under_way->count; i++)
        forget(&under_way->known[i]);
    free(under_way->known);
    pthread_mutex_destroy(&under_way->lock);
    free(under_way);
}

/* --- What is known --------------------------------------------------------------------------- */

static bool has_ended(const struct known *known)
{
    struct pollfd look = {.fd = known->process, .events = POLLIN};

    return poll(&look, 1, 0) > 0;
}

static void drop_ended(struct under_way *under_way)
{
    size_t kept = 0;

    for (size_t i = 0; i < under_way->count; i++) {
        if (has_ended(&under_way->known[i]))
            forget(&under_way->known[i]);
        else
            under_way->known[kept++] = under_way->known[i];
    }
    under_way->count = kept;
}

static struct under_way_run copy_of(const struct under_way_run *run)
{
    struct under_way_run copy = {.path = memory_text(run->path), .name = memory_text(run->name)};

    memcpy(copy.id, run->id, sizeof copy.id);
    return copy;
}

/* Takes the descriptor. */
static void add(struct under_way *under_way, const struct under_way_run *run, const char *endpoint,
                int process)
{
    for (size_t i = 0; i < under_way->count; i++) {
        if (strcmp(under_way->known[i].run.id, run->id) == 0) {
            close(process);
            return;
        }
    }
    under_way->known = memory_grow(under_way->known, under_way->count, sizeof *under_way->known);
    under_way->known[under_way->count++] =
        (struct known){copy_of(run), memory_text(endpoint), process};
}

void under_way_add(struct under_way *under_way, const struct under_way_run *run,
                   const char *endpoint, int process)
{
    int own = fcntl(process, F_DUPFD_CLOEXEC, 0);

    if (own < 0)
        return;
    pthread_mutex_lock(&under_way->lock);
    drop_ended(under_way);
    add(under_way, run, endpoint, own);
    pthread_mutex_unlock(&under_way->lock);
}

static void add_listed(void *context, const struct run_table_running *listed)
{
    struct under_way *under_way = context;
    char *folder = file_join(under_way->workbench->root, listed->path);
    struct under_way_run run = {.path = memory_text(listed->path),
                                .name = memory_text(run_table_name(listed->path))};
    pid_t pid;
    int process = run_pid_open(folder, &pid);

    snprintf(run.id, sizeof run.id, "%s", listed->id);
    if (process >= 0)
        add(under_way, &run, listed->endpoint, process);
    under_way_run_clear(&run);
    free(folder);
}

/* Looks at the runs again where that was longer ago. */
static void look(struct under_way *under_way, double age_s)
{
    int64_t now_ns = clock_monotonic_ns();
    struct error error;

    drop_ended(under_way);
    if (under_way->looked_ns != CLOCK_NEVER && clock_seconds(under_way->looked_ns, now_ns) < age_s)
        return;
    run_table_running(under_way->workbench, add_listed, under_way, &error);
    under_way->looked_ns = clock_monotonic_ns();
}

/* --- What is asked --------------------------------------------------------------------------- */

struct under_way_run *under_way_all(struct under_way *under_way, const char *endpoint, double age_s,
                                    size_t *count)
{
    struct under_way_run *found = NULL;

    *count = 0;
    pthread_mutex_lock(&under_way->lock);
    look(under_way, age_s);
    for (size_t i = 0; i < under_way->count; i++) {
        if (!same_endpoint(under_way->known[i].endpoint, endpoint))
            continue;
        found = memory_grow(found, *count, sizeof *found);
        found[(*count)++] = copy_of(&under_way->known[i].run);
    }
    pthread_mutex_unlock(&under_way->lock);
    return found;
}

bool under_way_find(struct under_way *under_way, const char *endpoint, double age_s,
                    struct under_way_run *run)
{
    size_t count;
    struct under_way_run *found = under_way_all(under_way, endpoint, age_s, &count);

    if (count > 0)
        *run = found[0];
    for (size_t i = 1; i < count; i++)
        under_way_run_clear(&found[i]);
    free(found);
    return count > 0;
}

int *under_way_processes(struct under_way *under_way, size_t *count)
{
    int *processes = NULL;

    *count = 0;
    pthread_mutex_lock(&under_way->lock);
    drop_ended(under_way);
    for (size_t i = 0; i < under_way->count; i++) {
        int copy = fcntl(under_way->known[i].process, F_DUPFD_CLOEXEC, 0);

        if (copy < 0)
            continue;
        processes = memory_grow(processes, *count, sizeof *processes);
        processes[(*count)++] = copy;
    }
    pthread_mutex_unlock(&under_way->lock);
    return processes;
}
