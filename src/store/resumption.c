#include "store/resumption.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "record/step.h"
#include "store/fingerprint.h"
#include "store/mix_file.h"
#include "store/responses.h"
#include "store/summary_file.h"

/* Whether all responses of a part can be read, as reports would read them. */
static bool is_whole(const struct run *run, const struct step *step, enum step_part part)
{
    struct error error = {.text = ""};
    struct response response;
    struct response_reader *reader;

    if (responses_are_cut(run->folder, step->name, part))
        return false;
    reader = response_reader_open(run->folder, step->name, part, &error);
    while (reader && response_reader_next(reader, &response, &error))
        ;
    response_reader_close(reader);
    return !error.text[0];
}

/* The run's last word on a step may still hold: the manifest lists it, and nobody has written to
 * its files since. Then none of them is read. */
static void trust_listed(struct resumption *resumption, const struct run *run,
                         const struct manifest *manifest)
{
    for (size_t i = 0; i < resumption->steps; i++) {
        const struct attempt *last = attempts_last(&resumption->attempts, i);

        resumption->ended[i] = last && manifest_has_ended(manifest, i, last->name) &&
                               fingerprint_holds(run, last->name, last->fingerprint);
        resumption->left -= resumption->ended[i];
    }
}

/* A step that has a broken file has not ended: it starts over. A summary that the run did not
 * write, such as a copy of another run's, is none of its steps. */
static bool is_ended(const struct resumption *resumption, const struct run *run, const char *name,
                     const struct step *step)
{
    return step->index < resumption->steps && !resumption->ended[step->index] &&
           step->end != STEP_INTERRUPTED &&
           attempts_began(&resumption->attempts, step->index, name) &&
           is_whole(run, step, STEP_LOAD) &&
           (step->probe_started == 0 || is_whole(run, step, STEP_PROBE)) &&
           (step->phase_started == 0 || is_whole(run, step, STEP_PHASES));
}

static void read_step(struct resumption *resumption, const struct run *run,
                      struct manifest *manifest, const char *name)
{
    char *path = summary_file_path(run->folder, name);
    struct step step = {0};
    struct error error;

    if (summary_file_read(path, &step, &error) && summary_file_set_name(&step, name) &&
        is_ended(resumption, run, name, &step)) {
        resumption->ended[step.index] = true;
        resumption->left--;
        manifest_add_step(manifest, &step);
    }
    step_clear(&step);
    free(path);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the steps that have ended, as they sort; free the list alone. */
static const char **list_ended(const struct resumption *resumption, size_t *count)
{
    const char **names = memory_new(resumption->steps, sizeof *names);

    *count = 0;
    for (size_t i = 0; i < resumption->steps; i++) {
        if (resumption->ended[i])
            names[(*count)++] = attempts_last(&resumption->attempts, i)->name;
    }
    if (*count > 0)
        qsort(names, *count, sizeof *names, by_text);
    return names;
}

/* Of the summaries those that are not trusted already. */
static void read_summaries(struct resumption *resumption, const struct run *run,
                           struct manifest *manifest)
{
    size_t trusted, count;
    const char **sorted = list_ended(resumption, &trusted);
    char **names = summary_file_list(run->folder, &count);

    for (size_t i = 0; i < count; i++) {
        if (trusted == 0 || !bsearch(&names[i], sorted, trusted, sizeof *sorted, by_text))
            read_step(resumption, run, manifest, names[i]);
        free(names[i]);
    }
    free(names);
    free(sorted);
}

/* Of rows that run together either all have ended, or none has. Whether they have. */
static bool join_visit(struct resumption *resumption, size_t first)
{
    size_t end = order_visit_end(resumption->order, first), ended = 0;

    for (size_t i = first; i < end; i++)
        ended += resumption->ended[i];
    if (ended == end - first)
        return true;
    for (size_t i = first; i < end; i++)
        resumption->ended[i] = false;
    resumption->left += ended;
    return false;
}

static void join_visits(struct resumption *resumption)
{
    for (size_t i = 0; i < resumption->steps; i = order_visit_end(resumption->order, i))
        join_visit(resumption, i);
}

static void drop(struct resumption *resumption, size_t step, struct manifest *manifest)
{
    manifest_drop_step(manifest, step);
    resumption->restarted += attempts_at(&resumption->attempts, step) > 0;
}

bool resumption_join_visit(struct resumption *resumption, size_t first, struct manifest *manifest)
{
    size_t end = order_visit_end(resumption->order, first);
    bool *before = memory_new(end - first, sizeof *before), ended;

    memcpy(before, resumption->ended + first, (end - first) * sizeof *before);
    ended = join_visit(resumption, first);
    for (size_t i = first; i < end && !ended; i++) {
        if (before[i - first])
            drop(resumption, i, manifest);
    }
    free(before);
    return ended;
}

bool resumption_read(struct resumption *resumption, const struct run *run, const struct rows *rows,
                     const struct order *order, size_t steps, struct manifest *manifest,
                     struct error *error)
{
    *resumption = (struct resumption){.rows = rows,
                                      .order = order,
                                      .ended = memory_new(steps, sizeof *resumption->ended),
                                      .steps = steps,
                                      .left = steps};
    if (!attempts_read(run, &resumption->attempts, error))
        return false;
    trust_listed(resumption, run, manifest);
    if (resumption->left > 0)
        read_summaries(resumption, run, manifest);
    join_visits(resumption);
    for (size_t i = 0; i < steps; i++) {
        if (!resumption->ended[i])
            drop(resumption, i, manifest);
    }
    return true;
}

/* Of a step that has ended, only what came before its last attempt was ever set aside. */
static bool is_left(const struct resumption *resumption, const struct attempt *attempt)
{
    return !resumption_has_ended(resumption, attempt->step) ||
           attempt->number < attempts_at(&resumption->attempts, attempt->step);
}

static void note_attempts(const struct resumption *resumption, struct manifest *manifest)
{
    for (size_t i = 0; i < resumption->attempts.count; i++) {
        const struct attempt *attempt = &resumption->attempts.attempt[i];

        if (is_left(resumption, attempt))
            manifest_add_attempt(manifest, attempt);
    }
}

/* With the file of its mix, where it is the first member. */
static bool set_aside(const struct resumption *resumption, const struct run *run,
                      const struct attempt *attempt, struct error *error)
{
    const struct visit *visit =
        attempt->step < resumption->steps ? &resumption->order->visit[attempt->step] : NULL;

    if (visit && visit->mixed && visit->member == 0 &&
        !mix_file_set_aside(run->folder, resumption->rows->row[visit->row].mix, attempt->name,
                            attempt->number, error))
        return false;
    return attempts_set_aside(run, attempt, error);
}

bool resumption_begin(const struct resumption *resumption, const struct run *run,
                      struct manifest *manifest, struct error *error)
{
    bool done;

    note_attempts(resumption, manifest);
    done = manifest_write(manifest, run, error);
    for (size_t i = 0; i < resumption->attempts.count && done; i++) {
        const struct attempt *attempt = &resumption->attempts.attempt[i];

        if (is_left(resumption, attempt))
            done = set_aside(resumption, run, attempt, error);
    }
    file_remove_temporaries(run->folder);
    return done;
}

bool resumption_has_ended(const struct resumption *resumption, size_t step)
{
    return step < resumption->steps && resumption->ended[step];
}

void resumption_clear(struct resumption *resumption)
{
    free(resumption->ended);
    attempts_clear(&resumption->attempts);
    *resumption = (struct resumption){0};
}
