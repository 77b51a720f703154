#include "store/results.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "plan/order.h"
#include "stats/exposure.h"
#include "store/manifest.h"
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
    char *path = summary_file_path(folder, name);
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

/* --- Folders of the starter kit --------------------------------------------------------------- */

/* By their ends, as far as whole seconds tell, then by name. */
static int by_time(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    if (x->timestamp_s != y->timestamp_s)
        return (x->timestamp_s > y->timestamp_s) - (x->timestamp_s < y->timestamp_s);
    return strcmp(x->name, y->name);
}

/* The kit leaves no manifest: its summaries are the run. What ran before a step is not known, since
 * rows may have run beside each other. */
static bool read_kit(const char *folder, struct results *results, struct error *error)
{
    size_t count;
    char **names = summary_file_list(folder, &count);
    bool done = true;

    if (count == 0) {
        free(names);
        return error_set(
            error, "%s: is no run directory: it has neither manifest.json nor summaries", folder);
    }
    results->step = memory_new(count, sizeof *results->step);
    for (size_t i = 0; i < count; i++) {
        done = done && read_step(folder, names[i], &results->step[results->count], error);
        results->count += done;
        free(names[i]);
    }
    free(names);
    qsort(results->step, results->count, sizeof *results->step, by_time);
    for (size_t i = 0; i < results->count; i++) {
        results->step[i].index = i;
        results->step[i].predecessor = -1;
        if (results->step[i].row.num_requests == 0)
            results->step[i].row.num_requests = (int64_t)results->step[i].started;
    }
    results->planned = results->count;
    return done;
}

/* --- Runs ------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A run that was cut off may have ended a step that its manifest does not yet tell of. */
static void list_unlisted(const char *folder, struct manifest_content *manifest)
{
    size_t count, listed = manifest->steps;
    char **names = summary_file_list(folder, &count);
    char **sorted = memory_new(listed, sizeof *sorted);

    for (size_t i = 0; i < listed; i++)
        sorted[i] = manifest->step[i];
    qsort(sorted, listed, sizeof *sorted, by_text);
    manifest->step = memory_resize(manifest->step, listed + count, sizeof *manifest->step);
    for (size_t i = 0; i < count; i++) {
        if (bsearch(&names[i], sorted, listed, sizeof *sorted, by_text))
            free(names[i]);
        else
            manifest->step[manifest->steps++] = names[i];
    }
    free(sorted);
    free(names);
}

static int by_index(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static bool read_ours(const char *folder, struct results *results, struct error *error)
{
    struct manifest_content *manifest = &results->manifest;
    size_t listed;

    if (!manifest_read(folder, manifest, error))
        return false;
    listed = manifest->steps;
    list_unlisted(folder, manifest);
    results->planned = manifest->planned;
    results->step = memory_new(manifest->steps, sizeof *results->step);
    for (size_t i = 0; i < manifest->steps; i++) {
        results->count++;
        if (!read_step(folder, manifest->step[i], &results->step[i], error))
            return false;
    }
    if (manifest->steps > listed)
        qsort(results->step, results->count, sizeof *results->step, by_index);
    results->repeats = any_repeats(results);
    return true;
}

static bool has_manifest(const char *folder)
{
    char *manifest = file_join(folder, manifest_file_name);
    bool there = file_exists(manifest);

    free(manifest);
    return there;
}

bool results_is_run(const char *folder)
{
    size_t count;
    char **names = summary_file_list(folder, &count);

    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return count > 0 || has_manifest(folder);
}

bool results_read(const char *folder, struct results *results, struct error *error)
{
    results->folder = memory_text(folder);
    results->name = name_of(folder);
    return has_manifest(folder) ? read_ours(folder, results, error)
                                : read_kit(folder, results, error);
}

const char *results_study_end(const struct results *results)
{
    return manifest_find(&results->manifest, "study_end.sentence");
}

size_t results_looks(const struct results *results)
{
    const char *half_width = manifest_find(&results->manifest, "settings.stop_when.half_width");
    const char *most = manifest_find(&results->manifest, "settings.stop_when.at_most_passes");
    double looks;

    if (!half_width || !most || !(strtod(half_width, NULL) > 0))
        return 1;
    looks = strtod(most, NULL);
    return looks >= 1 && looks <= ORDER_VISITS_MOST ? (size_t)looks : 1;
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
