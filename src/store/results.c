#include "store/results.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "plan/order.h"
#include "stats/exposure.h"
#include "stats/shared.h"
#include "stats/waves.h"
#include "store/kit_step.h"
#include "store/llmperf_file.h"
#include "store/manifest.h"
#include "store/mix_file.h"
#include "store/responses.h"
#include "store/search_file.h"
#include "store/summary_file.h"

/* So many requests at a step's beginning tell of the switch; and some waves, where that is more. */
enum { LOOK_AT = 200, LOOK_AT_WAVES = 4, LOOK_AT_OPEN = 5000, LOOK_AT_TURNS = 16 };

size_t results_look_at(const struct row *row)
{
    size_t waves = LOOK_AT_WAVES * (size_t)row->concurrent_requests;
    size_t turns = row_turns(row) < LOOK_AT_TURNS ? (size_t)row_turns(row) : LOOK_AT_TURNS;

    if (row->concurrent_requests == 0)
        return turns * LOOK_AT_OPEN; /* more may have left before the first response */
    return turns * (waves > LOOK_AT ? waves : LOOK_AT);
}

static struct exposure_part first_of(const struct responses *responses, size_t most)
{
    return (struct exposure_part){responses->outcome,
                                  responses->count < most ? responses->count : most};
}

/* False with a sentence where a file is there and broken. A step whose file is not there is
 * reported without its measurement: then that is the reason. */
static bool read_part(const char *folder, const struct step *step, enum step_part part, size_t most,
                      struct responses *responses, bool *there, struct error *error)
{
    *there = responses_are_there(folder, step->name, part);
    if (!*there)
        return true;
    if (responses_are_cut(folder, step->name, part))
        return error_set(error, "%s/%s_%s.json: is cut off: it does not end as a JSON array does",
                         folder, step->name, responses_ending(part));
    return responses_read(folder, step->name, part, most, responses, error);
}

/* The parts of a step as far as they are read, and whether all that it had are there. */
struct parts {
    struct responses responses[STEP_PARTS];
    bool has_load, has_others;
};

/* Warm-up requests come first in their file, so its beginning tells of them all. */
static bool read_parts(const char *folder, const struct step *step, size_t most,
                       struct parts *parts, struct error *error)
{
    bool has_probe = true, has_phases = true;
    bool done =
        read_part(folder, step, STEP_LOAD, most, &parts->responses[STEP_LOAD], &parts->has_load,
                  error) &&
        (step->probe_started == 0 || read_part(folder, step, STEP_PROBE, SIZE_MAX,
                                               &parts->responses[STEP_PROBE], &has_probe, error)) &&
        (step->phase_started == 0 || read_part(folder, step, STEP_PHASES, most,
                                               &parts->responses[STEP_PHASES], &has_phases, error));

    parts->has_others = has_probe && has_phases;
    return done;
}

/* Lets the warm-up's requests, in start order, come before the load's; the load's may have begun
 * while the last of them were sent. */
static void add_warmup(const struct responses *phases, struct responses *load)
{
    for (size_t i = 0; i < phases->count; i++) {
        if (phases->outcome[i].phase != REQUEST_WARMUP)
            continue;
        load->outcome = memory_grow(load->outcome, load->count, sizeof *load->outcome);
        load->outcome[load->count++] = phases->outcome[i];
    }
    waves_sort(load->outcome, load->count);
}

/* Of a step of the kit's all responses are read, since its figures are computed from them. */
static bool read_measurement(const char *folder, bool of_kit, struct step *step,
                             struct error *error)
{
    size_t look_at = results_look_at(&step->row);
    struct parts parts = {0};
    struct responses *load = &parts.responses[STEP_LOAD], *probe = &parts.responses[STEP_PROBE];
    bool done = read_parts(folder, step, of_kit ? SIZE_MAX : look_at, &parts, error);

    if (done && of_kit) {
        kit_step_complete(step, parts.has_load ? load : NULL);
        done = !parts.has_load || kit_step_count_errors(folder, step, error);
    }
    if (done && parts.has_load && parts.has_others) {
        add_warmup(&parts.responses[STEP_PHASES], load);
        step->measurement =
            exposure_of(step, first_of(load, look_at), first_of(probe, probe->count));
    } else {
        step->measurement = (struct switch_measurement){.reason = SWITCH_UNREAD};
    }
    for (int part = 0; part < STEP_PARTS; part++)
        responses_clear(&parts.responses[part]);
    return done;
}

static bool read_requests(const struct results *results, bool of_kit, struct step *step,
                          struct error *error)
{
    if (results->shared_endpoint)
        shared_strike_step(step);
    if (!results->only_figures || of_kit)
        return read_measurement(results->folder, of_kit, step, error);
    step->measurement = (struct switch_measurement){.reason = SWITCH_UNREAD};
    return true;
}

void results_lose(struct results *results, const struct step *step, const struct error *error)
{
    struct results_loss *loss;

    results->loss = memory_grow(results->loss, results->losses, sizeof *results->loss);
    loss = &results->loss[results->losses++];
    *loss = (struct results_loss){.why = memory_text(error->text)};
    if (step->name)
        loss->row = row_copy(&step->row);
}

/* Reads the step of that name as the next of the run. False where it is left out: a copy with a
 * warning, and one with a broken file as a loss. */
static bool read_step(struct results *results, const char *name, bool of_kit)
{
    char *path = summary_file_path(results->folder, name);
    struct step step = {0};
    struct error error;
    bool read = false;

    if (!summary_file_read(path, &step, &error))
        results_lose(results, &step, &error);
    else if (!summary_file_set_name(&step, name))
        faults_add(&results->warnings, NULL, 0,
                   "%s: is left out: it names another file inside, so it is a copy", path);
    else if (!read_requests(results, of_kit, &step, &error))
        results_lose(results, &step, &error);
    else
        read = true;
    if (read)
        results->step[results->count++] = step;
    else
        step_clear(&step);
    free(path);
    return read;
}

/* By index, below `room`, whether the run has such a step; free it. */
static bool *indices_of(const struct results *results, size_t room)
{
    bool *has = memory_new(room, sizeof *has);

    for (size_t i = 0; i < results->count; i++) {
        if (results->step[i].index < room)
            has[results->step[i].index] = true;
    }
    return has;
}

/* What ran before a step is not known where that was lost. */
static bool settle_losses(struct results *results, struct error *error)
{
    bool *has = results->losses > 0 ? indices_of(results, ORDER_VISITS_MOST) : NULL;

    for (size_t i = 0; i < results->count && has; i++) {
        long before = results->step[i].predecessor;

        if (before < 0 || before >= ORDER_VISITS_MOST || !has[before])
            results->step[i].predecessor = -1;
    }
    free(has);
    return results->losses == 0 || results->count > 0 ||
           error_set(error, "%s", results->loss[0].why);
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

/* The folder's own name, however it was reached. */
static char *name_of(const char *folder)
{
    char *real = realpath(folder, NULL);
    const char *whole = real ? real : folder, *slash = strrchr(whole, '/');
    char *name = memory_text(slash ? slash + 1 : whole);

    free(real);
    return name;
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
    size_t count, llmperf;
    char **names = llmperf_file_list_others(folder, &count, &llmperf);

    if (count == 0) {
        free(names);
        return error_set(error, "%s: is not a run directory: it has %s", folder,
                         llmperf > 0 ? "LLMPerf's summaries"
                                     : "neither manifest.json nor summaries");
    }
    if (llmperf > 0)
        faults_add(&results->warnings, NULL, 0, "%s: LLMPerf's results in it are passed over",
                   folder);
    results->step = memory_new(count, sizeof *results->step);
    for (size_t i = 0; i < count; i++) {
        read_step(results, names[i], true);
        free(names[i]);
    }
    free(names);
    if (!settle_losses(results, error))
        return false;
    qsort(results->step, results->count, sizeof *results->step, by_time);
    for (size_t i = 0; i < results->count; i++) {
        results->step[i].index = i;
        results->step[i].predecessor = -1;
    }
    results->planned = results->count;
    return true;
}

/* --- Runs ------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the summaries that the manifest does not list; free each and the list. */
static char **list_unlisted(const char *folder, const struct manifest_content *manifest,
                            size_t *count)
{
    size_t found, listed = manifest->steps;
    char **names = summary_file_list(folder, &found);
    char **sorted = memory_new(listed, sizeof *sorted);

    for (size_t i = 0; i < listed; i++)
        sorted[i] = manifest->step[i];
    if (listed > 0)
        qsort(sorted, listed, sizeof *sorted, by_text);
    *count = 0;
    for (size_t i = 0; i < found; i++) {
        if (listed > 0 && bsearch(&names[i], sorted, listed, sizeof *sorted, by_text))
            free(names[i]);
        else
            names[(*count)++] = names[i];
    }
    free(sorted);
    return names;
}

static void leave_last_out(struct results *results, const char *why)
{
    struct step *last = &results->step[results->count - 1];

    faults_add(&results->warnings, NULL, 0, "%s/%s_summary.json: is left out: %s", results->folder,
               last->name, why);
    step_clear(last);
    results->count--;
}

/* A run that was cut off may have ended a step that its manifest does not list yet. `has` says of
 * each planned step whether the run has it. */
static void read_unlisted(struct results *results, const char *name, bool *has)
{
    size_t index;

    if (!read_step(results, name, false))
        return;
    index = results->step[results->count - 1].index;
    if (index >= results->planned)
        leave_last_out(results, "the run's plan has no such step");
    else if (has[index])
        leave_last_out(results, "the run has its step already");
    else
        has[index] = true;
}

static void read_others(struct results *results)
{
    const struct manifest_content *manifest = &results->manifest;
    size_t count;
    char **names = list_unlisted(results->folder, manifest, &count);
    bool *has = indices_of(results, results->planned);

    results->step = memory_resize(results->step, manifest->steps + count, sizeof *results->step);
    for (size_t i = 0; i < count; i++) {
        if (manifest->steps < manifest->planned)
            read_unlisted(results, names[i], has);
        else
            faults_add(&results->warnings, NULL, 0,
                       "%s/%s_summary.json: is left out: the run has all its steps without it",
                       results->folder, names[i]);
        free(names[i]);
    }
    free(names);
    free(has);
}

static int by_index(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static bool is_step_of(const struct search_found *found, const struct row *row)
{
    return found->mix[0] ? row->mix && strcmp(row->mix, found->mix) == 0
                         : !row->mix && row->line == found->line;
}

/* To each step of a search, what that came to; those of one follow each other. */
static void link_search(struct results *results)
{
    size_t found = 0;

    for (size_t i = 0; i < results->count && results->searched > 0; i++) {
        size_t tries = 0;

        for (; tries < results->searched; tries++) {
            if (is_step_of(&results->search[found], &results->step[i].row))
                break;
            found = (found + 1) % results->searched;
        }
        if (tries < results->searched)
            results->step[i].search = &results->search[found];
    }
}

static bool read_ours(const char *folder, struct results *results, struct error *error)
{
    struct manifest_content *manifest = &results->manifest;
    size_t listed;

    if (!manifest_read(folder, manifest, error))
        return false;
    results->planned = manifest->planned;
    results->shared_endpoint = manifest_is_shared(folder, manifest);
    results->step = memory_new(manifest->steps, sizeof *results->step);
    for (size_t i = 0; i < manifest->steps; i++)
        read_step(results, manifest->step[i], false);
    listed = results->count;
    read_others(results);
    if (!settle_losses(results, error))
        return false;
    if (results->count > listed)
        qsort(results->step, results->count, sizeof *results->step, by_index);
    results->search = search_found_read(manifest, &results->searched);
    link_search(results);
    results->repeats = results->searched == 0 && any_repeats(results);
    results->mix = mix_file_read_all(folder, results->step, results->count, &results->mixes,
                                     &results->warnings);
    for (size_t i = 0; results->shared_endpoint && i < results->mixes; i++)
        shared_strike_mix(&results->mix[i]);
    return true;
}

static bool has_file(const char *folder, const char *name)
{
    char *path = file_join(folder, name);
    bool there = file_exists(path);

    free(path);
    return there;
}

const char results_export_mark[] = "export.json";

/* One summary that is not LLMPerf's is enough: of a run there may be thousands. */
static bool has_summary(const char *folder, bool of_llmperf)
{
    size_t count;
    char **names = summary_file_list(folder, &count);
    bool has = false;

    for (size_t i = 0; i < count; i++) {
        has = has || llmperf_file_is(folder, names[i]) == of_llmperf;
        free(names[i]);
    }
    free(names);
    return has;
}

bool results_is_run(const char *folder)
{
    return has_file(folder, manifest_file_name) || has_summary(folder, false);
}

bool results_is_llmperf(const char *folder)
{
    return !results_is_run(folder) && has_summary(folder, true);
}

bool results_is_export(const char *folder)
{
    return has_file(folder, results_export_mark);
}

bool results_read(const char *folder, struct results *results, struct error *error)
{
    results->folder = memory_text(folder);
    results->name = name_of(folder);
    return has_file(folder, manifest_file_name) ? read_ours(folder, results, error)
                                                : read_kit(folder, results, error);
}

bool results_read_figures(const char *folder, struct results *results, struct error *error)
{
    results->only_figures = true;
    return results_read(folder, results, error);
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
    for (size_t i = 0; i < results->losses; i++) {
        free(results->loss[i].why);
        row_clear(&results->loss[i].row);
    }
    for (size_t i = 0; i < results->mixes; i++)
        mix_clear(&results->mix[i]);
    free(results->mix);
    free(results->search);
    free(results->loss);
    free(results->step);
    free(results->name);
    free(results->folder);
    faults_clear(&results->warnings);
    manifest_content_clear(&results->manifest);
    *results = (struct results){0};
}
