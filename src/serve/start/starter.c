#include "serve/start/starter.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/thread.h"
#include "serve/runs/run_folder.h"
#include "serve/start/same_endpoint.h"
#include "serve/start/starter_inside.h"
#include "serve/start/under_way.h"
#include "serve/workbench.h"
#include "store/index/list.h"
#include "store/run.h"

enum { NAMES_MOST = 10000 };

/* The file in a run's folder that says so (store/manifest.h). */
static const char shared_name[] = "shared_endpoint";

void starter_keep(struct starter *starter)
{
    struct error error;

    waiting_write(starter->workbench, starter->queue, starter->queued, &error);
}

/* --- One that is asked for ------------------------------------------------------------------- */

static bool is_used(const struct starter *starter, const char *name)
{
    const char *root = starter->workbench->root;
    struct error error;

    return run_is_taken(root, root, name, &error);
}

static bool is_promised(const struct starter *starter, const char *path)
{
    for (size_t i = 0; i < starter->queued; i++) {
        if (strcmp(starter->queue[i].path, path) == 0)
            return true;
    }
    for (size_t i = 0; i < starter->starts; i++) {
        if (!starter->started[i]->ended && strcmp(starter->started[i]->waiting.path, path) == 0)
            return true;
    }
    return false;
}

static char *name_by_date(const struct starter *starter)
{
    char date[CLOCK_TEXT], *name = NULL;

    clock_format_name(clock_wall_ns(), date);
    for (int i = 1; i <= NAMES_MOST && !name; i++) {
        name = i == 1 ? memory_text(date) : memory_printf("%s-%d", date, i);
        if (is_used(starter, name) || is_promised(starter, name)) {
            free(name);
            name = NULL;
        }
    }
    return name ? name : memory_text(date);
}

/* The lock is held. */
static bool name_it(const struct starter *starter, struct starter_asked *asked, struct error *error)
{
    struct waiting *waiting = &asked->waiting;

    if (!waiting->resumes) {
        waiting->name = asked->name ? memory_text(asked->name) : name_by_date(starter);
        waiting->path = memory_text(waiting->name);
        index_id_of(waiting->path, waiting->id);
    }
    if (is_promised(starter, waiting->path))
        return error_set(error, waiting->resumes
                                    ? "the run waits already, or is under way"
                                    : "a run of this name waits already; choose another name");
    return true;
}

static bool has_queue(const struct starter *starter, const char *endpoint)
{
    for (size_t i = 0; i < starter->queued; i++) {
        if (!starter->queue[i].error && same_endpoint(starter->queue[i].endpoint, endpoint))
            return true;
    }
    return false;
}

/* Marks a run under way: it takes that into its manifest at its end. */
static void mark(const struct workbench *workbench, const struct under_way_run *run)
{
    int folder = run->path ? run_folder_open(workbench->folder, run->path) : -1;
    int file = folder >= 0 ? openat(folder, shared_name,
                                    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0666)
                           : -1;

    if (file >= 0)
        close(file);
    if (folder >= 0)
        close(folder);
}

/* Whether anything measures the endpoint; with `marks` it is marked. */
static bool is_measured(struct starter *starter, const char *endpoint, bool marks)
{
    size_t count;
    struct under_way_run *runs =
        under_way_all(starter->workbench->under_way, endpoint, UNDER_WAY_NOW_S, &count);

    for (size_t i = 0; i < count; i++) {
        if (marks)
            mark(starter->workbench, &runs[i]);
        under_way_run_clear(&runs[i]);
    }
    free(runs);
    return count > 0;
}

static void wait_a_little(struct starter *starter)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += STARTER_BEGINNING_MS * 1000000L;
    until.tv_sec += until.tv_nsec / CLOCK_NS_PER_S;
    until.tv_nsec %= CLOCK_NS_PER_S;
    pthread_cond_timedwait(&starter->changed, &starter->lock, &until);
    starter_look(starter);
}

/* A run that has not begun has no folder to be marked in. */
static void wait_for_beginnings(struct starter *starter, const char *endpoint,
                                const atomic_bool *stop)
{
    while (starter_is_beginning(starter, endpoint) && !atomic_load(stop))
        wait_a_little(starter);
}

static enum starter_end put_into_queue(struct starter *starter, struct waiting *waiting,
                                       struct starter_made *made, struct error *error)
{
    if (starter->queued == WAITING_MOST) {
        error_set(error, "%d runs wait already; remove one of them first", WAITING_MOST);
        return STARTER_FULL;
    }
    clock_format_utc(clock_wall_ns(), waiting->since_utc);
    starter->queue = memory_resize(starter->queue, starter->queued + 1, sizeof *starter->queue);
    starter->queue[starter->queued++] = *waiting;
    *waiting = (struct waiting){0};
    made->position = starter->queued;
    starter_keep(starter);
    starter_look_again(starter);
    return STARTER_QUEUED;
}

/* Waits until it has begun; forgets it where it has ended before. */
static enum starter_end watch(struct starter *starter, struct started *started,
                              const atomic_bool *stop, struct error *error)
{
    enum starter_end end = STARTER_STARTED;

    started->watched = true;
    while (!started->begun && !started->ended && !atomic_load(stop))
        wait_a_little(starter);
    started->watched = false;
    if (started->ended && !started->begun) {
        char *sentence = starter_sentence(starter, started);

        error_set(error, "%s", sentence);
        free(sentence);
        starter_forget(starter, started);
        end = STARTER_FAILED;
    }
    starter_look_again(starter);
    return end;
}

/* Both locks are held. */
static enum starter_end decide(struct starter *starter, struct starter_asked *asked,
                               struct starter_made *made, struct started **started,
                               struct error *error)
{
    struct waiting *waiting = &asked->waiting;
    bool measured;

    wait_for_beginnings(starter, waiting->endpoint, asked->stop);
    if (!name_it(starter, asked, error))
        return STARTER_TAKEN;
    memcpy(made->id, waiting->id, sizeof made->id);
    made->name = memory_text(waiting->name);
    measured = is_measured(starter, waiting->endpoint, asked->anyway);
    if (!asked->anyway && (measured || has_queue(starter, waiting->endpoint)))
        return put_into_queue(starter, waiting, made, error);
    *started = starter_launch(starter, waiting, asked->anyway && measured, error);
    return *started ? STARTER_STARTED : STARTER_FAILED;
}

enum starter_end starter_do(struct starter *starter, struct starter_asked *asked,
                            struct starter_made *made, struct error *error)
{
    struct started *started = NULL;
    enum starter_end end;

    *made = (struct starter_made){0};
    pthread_mutex_lock(&starter->deciding);
    pthread_mutex_lock(&starter->lock);
    end = decide(starter, asked, made, &started, error);
    pthread_mutex_unlock(&starter->deciding);
    if (started)
        end = watch(starter, started, asked->stop, error);
    if (end != STARTER_STARTED && end != STARTER_QUEUED)
        waiting_remove_draft(starter->workbench, &asked->waiting);
    pthread_mutex_unlock(&starter->lock);
    waiting_clear(&asked->waiting);
    return end;
}

/* --- The queue ------------------------------------------------------------------------------- */

void starter_list(struct starter *starter,
                  void (*each)(void *context, const struct waiting *waiting, const char *blocker_id,
                               const char *blocker_name),
                  void *context)
{
    pthread_mutex_lock(&starter->lock);
    for (size_t i = 0; i < starter->queued; i++) {
        struct under_way_run run = {0};
        bool blocked = under_way_find(starter->workbench->under_way, starter->queue[i].endpoint,
                                      UNDER_WAY_GLANCE_S, &run);

        each(context, &starter->queue[i], blocked ? run.id : NULL, run.name);
        under_way_run_clear(&run);
    }
    pthread_mutex_unlock(&starter->lock);
}

static size_t find(const struct starter *starter, const char *id)
{
    size_t at = 0;

    while (at < starter->queued && strcmp(starter->queue[at].id, id) != 0)
        at++;
    return at;
}

/* The lock is held, and all of them wait. */
static void reorder(struct starter *starter, const char *const *ids, size_t count)
{
    struct waiting *made = memory_new(count + 1, sizeof *made);

    for (size_t i = 0; i < count; i++)
        made[i] = waiting_take(starter->queue, &starter->queued, find(starter, ids[i]));
    for (size_t i = 0; i < starter->queued; i++) {
        waiting_remove_draft(starter->workbench, &starter->queue[i]);
        waiting_clear(&starter->queue[i]);
    }
    free(starter->queue);
    starter->queue = made;
    starter->queued = count;
    starter_keep(starter);
}

/* Whether all of them wait, each named once. */
static bool all_wait(const struct starter *starter, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (find(starter, ids[i]) == starter->queued)
            return false;
        for (size_t j = 0; j < i; j++) {
            if (strcmp(ids[i], ids[j]) == 0)
                return false;
        }
    }
    return true;
}

bool starter_reorder(struct starter *starter, const char *const *ids, size_t count)
{
    bool done;

    pthread_mutex_lock(&starter->lock);
    done = count <= starter->queued && all_wait(starter, ids, count);
    if (done)
        reorder(starter, ids, count);
    pthread_mutex_unlock(&starter->lock);
    starter_look_again(starter);
    return done;
}

void starter_look_again(struct starter *starter)
{
    eventfd_write(starter->wake, 1);
}
