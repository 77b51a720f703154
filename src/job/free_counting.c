#include "job/free_counting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clean.h"
#include "core/clock.h"
#include "core/memory.h"
#include "job/calibrating.h"
#include "job/interrupt.h"
#include "job/listing.h"
#include "job/prompter.h"

/* --- Where it is free ------------------------------------------------------------------------- */

/* By the `owned_by` of its models. Ollama lists what is on its disk. */
static const char simulator[] = "coebench-simulator", on_demand[] = "library";

static bool is_study(const struct settings *settings)
{
    return settings->order != ORDER_AS_LISTED || settings->probe.steady > 0;
}

/* Of the only model that is listed. */
static enum free_counting of_only_model(const struct settings *settings,
                                        const struct listed_models *listed)
{
    const struct listed_model *model = &listed->model[0];

    if (model->status == MODEL_LOADED)
        return FREE_COUNTING_REQUESTS;
    if (model->status != MODEL_STATUS_UNKNOWN)
        return FREE_COUNTING_NOT;
    return is_study(settings) || strcmp(model->owned_by, on_demand) == 0 ? FREE_COUNTING_ENDPOINTS
                                                                         : FREE_COUNTING_REQUESTS;
}

enum free_counting free_counting_of(const struct settings *settings,
                                    const struct listed_models *listed, const char *model)
{
    const struct listed_model *found = listed_models_find(listed, model);

    if (settings->prompt.count_free || listed_models_owned_by(listed, simulator))
        return FREE_COUNTING_ENDPOINTS;
    if (!found)
        return FREE_COUNTING_NOT;
    if (listed->count == 1)
        return of_only_model(settings, listed);
    return found->status == MODEL_LOADED ? FREE_COUNTING_ENDPOINTS : FREE_COUNTING_NOT;
}

/* --- What is counted -------------------------------------------------------------------------- */

struct counted {
    struct calibrating calibrating;
    size_t models, unknown; /* that were counted; of which nothing is known */
    const char *unknown_name;
    bool requests; /* were sent to a model */
    bool over;     /* nothing more is counted */
    char by[64];
    struct progress *progress;
};

/* Rows of a data set need no length. */
static bool makes_prompts(const struct calibrating *calibrating, const char *model)
{
    const struct rows *rows = &calibrating->preparation->rows;

    for (size_t i = 0; i < rows->count; i++) {
        if (!rows->row[i].dataset &&
            listed_models_same(calibrating->listed, rows->row[i].model_name, model))
            return true;
    }
    return false;
}

static bool is_known(const struct preparation *preparation, const char *model)
{
    return learned_counting(preparation->learned, model, "").samples > 0 &&
           (!counter_wants_prefix(preparation, model) ||
            learned_counting(preparation->learned, model, prompter_prefix_kind).samples > 0);
}

static bool tells_status(const struct listed_models *listed)
{
    for (size_t i = 0; i < listed->count; i++) {
        if (listed->model[i].status != MODEL_STATUS_UNKNOWN)
            return true;
    }
    return false;
}

/* The name of a model that is loaded now and was not; NULL: none. It stands as long as `now`. */
static const char *newly_loaded(const struct listed_models *before, const struct listed_models *now)
{
    for (size_t i = 0; i < now->count; i++) {
        const struct listed_model *model = &now->model[i];
        const struct listed_model *was = listed_models_find(before, model->id);

        if ((model->status == MODEL_LOADED || model->status == MODEL_LOADING) &&
            !(was && was->status == MODEL_LOADED))
            return model->id;
    }
    return NULL;
}

/* Says something of a model, whose name may hold anything. */
static void say_named(const struct counted *counted, const char *before, const char *name,
                      const char *behind)
{
    char *clean = clean_copy(name, CLEAN_LINE);
    char *line = memory_printf("%s'%.200s'%s", before, clean, behind);

    progress_say(counted->progress, line);
    free(line);
    free(clean);
}

/* Where the endpoint says how models stand, it has the last word. */
static void look_again(struct counted *counted)
{
    const struct listed_models *before = counted->calibrating.listed;
    struct listed_models now = {0};
    const char *loaded = NULL;
    struct error error;

    if (!tells_status(before))
        return;
    counted->over = !prepare_list_models(counted->calibrating.preparation, &now, NULL, &error);
    if (!counted->over)
        loaded = newly_loaded(before, &now);
    if (loaded) {
        counted->over = true;
        say_named(counted, "", loaded,
                  " was loaded while prompts were counted; no more are counted");
    }
    listed_models_clear(&now);
}

static bool keep(struct counted *counted, const struct counter *counter, struct error *error)
{
    counted->models++;
    snprintf(counted->by, sizeof counted->by, "%s", counter->by);
    return calibrating_keep(&counted->calibrating, counter, error);
}

/* Where an endpoint is silent once, it is not asked again. */
static bool count_one(struct counted *counted, const struct row *row, struct error *error)
{
    const struct preparation *preparation = counted->calibrating.preparation;
    enum free_counting free =
        free_counting_of(&preparation->settings, counted->calibrating.listed, row->model_name);
    struct counter counter = {
        .preparation = preparation, .row = row, .without_requests = free != FREE_COUNTING_REQUESTS};
    int64_t began = clock_monotonic_ns();
    bool learned, done = true;

    if (free == FREE_COUNTING_NOT || counted->over)
        return true;
    learned = counter_learn(&counter, false);
    faults_clear(&counter.notes);
    counted->over = !learned && clock_seconds(began, clock_monotonic_ns()) >=
                                    preparation->settings.connection.connect_timeout_s;
    if (learned)
        done = keep(counted, &counter, error);
    counted->requests |= counter.requested;
    look_again(counted);
    return done;
}

static bool count_all(struct counted *counted, struct error *error)
{
    const struct calibrating *calibrating = &counted->calibrating;

    for (size_t i = 0; i < calibrating->models && !interrupt_asked; i++) {
        const char *model = calibrating->model[i]->model_name;

        if (!makes_prompts(calibrating, model) || is_known(calibrating->preparation, model))
            continue;
        if (!count_one(counted, calibrating->model[i], error))
            return false;
        if (learned_counting(calibrating->preparation->learned, model, "").samples > 0)
            continue;
        if (counted->unknown++ == 0)
            counted->unknown_name = model;
    }
    return true;
}

/* --- What is said of it ----------------------------------------------------------------------- */

static void say_counted(const struct counted *counted, struct manifest *manifest)
{
    const struct manifest_counted record = {counted->models, counted->by, counted->requests};
    char line[200];

    if (counted->models == 0)
        return;
    snprintf(line, sizeof line, "calibrated before the first row: %zu model%s, counted by %s",
             counted->models, counted->models == 1 ? "" : "s", counted->by);
    progress_say(counted->progress, line);
    manifest_set_counted(manifest, &record);
}

static void say_unknown(const struct counted *counted)
{
    const struct preparation *preparation = counted->calibrating.preparation;
    char *behind, *address, others[40] = "";

    if (counted->unknown == 0)
        return;
    if (counted->unknown > 1)
        snprintf(others, sizeof others, " and %zu more", counted->unknown - 1);
    address = endpoint_repeat(&preparation->endpoint);
    behind = memory_printf("%s counts tokens is not known: first prompts may miss their length; "
                           "'coebench calibrate %s%s' learns it before a run, but may load models",
                           others, preparation->config_path, address);
    say_named(counted, "how ", counted->unknown_name, behind);
    free(behind);
    free(address);
}

bool free_counting_run(const struct preparation *preparation, struct progress *progress,
                       struct manifest *manifest, bool advise, struct error *error)
{
    struct counted counted = {.progress = progress};
    bool done;

    if (interrupt_asked)
        return true;
    calibrating_init(&counted.calibrating, preparation);
    done = count_all(&counted, error);
    say_counted(&counted, manifest);
    if (advise)
        say_unknown(&counted);
    calibrating_clear(&counted.calibrating);
    return done;
}
