#include "store/results.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "stats/exposure.h"
#include "store/responses.h"
#include "store/summary_file.h"

/* So many requests at a step's beginning tell of the switch; and some waves, where that is more. */
enum { LOOK_AT = 200, LOOK_AT_WAVES = 4, LOOK_AT_OPEN = 5000 };

size_t results_look_at(const struct row *row)
{
    size_t waves = LOOK_AT_WAVES * (size_t)row->concurrent_requests;

    if (row->concurrent_requests == 0)
        return LOOK_AT_OPEN; /* more may have left before the first answer */
    return waves > LOOK_AT ? waves : LOOK_AT;
}

/* A report is made without it where requests cannot be read: then that is the reason. */
static void read_evidence(const char *folder, struct step *step)
{
    struct responses load = {0}, probe = {0};
    struct error error;

    if (!responses_read(folder, step->name, STEP_LOAD, results_look_at(&step->row), &load,
                        &error) ||
        (step->probe_started > 0 &&
         !responses_read(folder, step->name, STEP_PROBE, SIZE_MAX, &probe, &error)))
        step->evidence = (struct switch_evidence){.reason = SWITCH_UNREAD};
    else
        step->evidence = exposure_of(step, (struct exposure_part){load.outcome, load.count},
                                     (struct exposure_part){probe.outcome, probe.count});
    responses_clear(&load);
    responses_clear(&probe);
}

static bool read_step(const char *folder, const char *name, struct step *step, struct error *error)
{
    char *path = memory_printf("%s/%s_summary.json", folder, name);
    bool done = summary_file_read(path, step, error);

    free(path);
    if (done)
        read_evidence(folder, step);
    return done;
}

static int by_line(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

/* By the lines of the CSV; 0 is not known. */
static bool any_repeats(const struct results *results)
{
    int *line = memory_new(results->count, sizeof *line);
    bool repeats = false;

    for (size_t i = 0; i < results->count; i++)
        line[i] = results->step[i].row.line;
    if (results->count > 0)
        qsort(line, results->count, sizeof *line, by_line);
    for (size_t i = 1; i < results->count && !repeats; i++)
        repeats = line[i] > 0 && line[i] == line[i - 1];
    free(line);
    return repeats;
}

/* The last part of the path. */
static char *name_of(const char *folder)
{
    size_t length = strlen(folder), from;

    while (length > 1 && folder[length - 1] == '/')
        length--;
    for (from = length; from > 0 && folder[from - 1] != '/';)
        from--;
    return memory_bytes(folder + from, length - from);
}

bool results_read(const char *folder, struct results *results, struct error *error)
{
    const struct manifest_content *manifest = &results->manifest;

    if (!manifest_read(folder, &results->manifest, error))
        return false;
    results->folder = memory_text(folder);
    results->name = name_of(folder);
    results->planned = manifest->planned;
    results->step = memory_new(manifest->steps, sizeof *results->step);
    results->count = manifest->steps;
    for (size_t i = 0; i < manifest->steps; i++) {
        if (!read_step(folder, manifest->step[i], &results->step[i], error))
            return false;
    }
    results->repeats = any_repeats(results);
    return true;
}

void results_clear(struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        step_clear(&results->step[i]);
    free(results->step);
    free(results->name);
    free(results->folder);
    manifest_content_clear(&results->manifest);
    *results = (struct results){0};
}
