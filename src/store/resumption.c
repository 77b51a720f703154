#include "store/resumption.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/summary_file.h"

static bool take_step(struct resumption *resumption, const struct run *run, const char *name,
                      struct error *error)
{
    char *path = summary_file_path(run->folder, name);
    struct step step = {0};
    bool done = summary_file_read(path, &step, error);

    if (done && step.index < resumption->steps && step.end != STEP_INTERRUPTED &&
        !resumption->step[step.index].name) {
        resumption->step[step.index] = step;
        resumption->left--;
    } else {
        step_clear(&step);
    }
    free(path);
    return done;
}

static bool read_summaries(struct resumption *resumption, const struct run *run,
                           struct error *error)
{
    size_t count;
    char **names = summary_file_list(run->folder, &count);
    bool done = true;

    for (size_t i = 0; i < count; i++) {
        done = done && take_step(resumption, run, names[i], error);
        free(names[i]);
    }
    free(names);
    return done;
}

bool resumption_read(struct resumption *resumption, const struct run *run, size_t steps,
                     struct error *error)
{
    *resumption = (struct resumption){
        .step = memory_new(steps, sizeof *resumption->step), .steps = steps, .left = steps};
    if (!read_summaries(resumption, run, error) ||
        !attempts_read(run, &resumption->attempts, error))
        return false;
    for (size_t i = 0; i < steps; i++)
        resumption->again += !resumption->step[i].name && attempts_at(&resumption->attempts, i) > 0;
    return true;
}

/* Of a step that has ended, only what came before its last attempt was ever set aside. */
static bool is_left(const struct resumption *resumption, const struct attempt *attempt)
{
    return !resumption_has_ended(resumption, attempt->step) ||
           attempt->number < attempts_at(&resumption->attempts, attempt->step);
}

static void tell(const struct resumption *resumption, struct manifest *manifest)
{
    for (size_t i = 0; i < resumption->steps; i++) {
        if (resumption_has_ended(resumption, i))
            manifest_add_step(manifest, &resumption->step[i]);
        else
            manifest_drop_step(manifest, i);
    }
    for (size_t i = 0; i < resumption->attempts.count; i++) {
        const struct attempt *attempt = &resumption->attempts.attempt[i];

        if (is_left(resumption, attempt))
            manifest_add_attempt(manifest, attempt);
    }
}

bool resumption_begin(const struct resumption *resumption, const struct run *run,
                      struct manifest *manifest, struct error *error)
{
    bool done;

    tell(resumption, manifest);
    done = manifest_write(manifest, run, error);
    for (size_t i = 0; i < resumption->attempts.count && done; i++) {
        const struct attempt *attempt = &resumption->attempts.attempt[i];

        if (is_left(resumption, attempt))
            done = attempts_set_aside(run, attempt, error);
    }
    file_remove_temporaries(run->folder);
    return done;
}

bool resumption_has_ended(const struct resumption *resumption, size_t step)
{
    return step < resumption->steps && resumption->step[step].name;
}

void resumption_clear(struct resumption *resumption)
{
    for (size_t i = 0; i < resumption->steps; i++)
        step_clear(&resumption->step[i]);
    free(resumption->step);
    attempts_clear(&resumption->attempts);
    *resumption = (struct resumption){0};
}
