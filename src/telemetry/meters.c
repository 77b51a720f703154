#include "telemetry/meters.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/summary.h"
#include "telemetry/snapshot.h"

/* --- What is kept ----------------------------------------------------------------------------- */

struct metered_model {
    char *name;
    double switching_time_s; /* of its last step that has one; NAN: none has */
    struct series *series;
    size_t count;
    struct metered_model *next;
};

struct metered_step {
    struct meters *meters;
    struct metered_model *model;
    struct step_state state;
    struct metered_step *next;
};

struct meters {
    pthread_mutex_t lock;
    char *endpoint, *operation, *provider, *run; /* run NULL: it has no name yet */
    size_t steps_planned, steps_ended;
    struct metered_model *models;
    struct metered_step *steps;
};

struct meters *meters_new(const struct meters_about *about)
{
    struct meters *meters = memory_new(1, sizeof *meters);

    *meters = (struct meters){.lock = PTHREAD_MUTEX_INITIALIZER,
                              .endpoint = memory_text(about->endpoint),
                              .operation = memory_text(about->operation),
                              .provider = memory_text(about->provider),
                              .steps_planned = about->steps};
    return meters;
}

static void free_models(struct metered_model *model)
{
    while (model) {
        struct metered_model *next = model->next;

        free(model->name);
        free(model->series);
        free(model);
        model = next;
    }
}

void meters_free(struct meters *meters)
{
    if (!meters)
        return;
    while (meters->steps)
        meters_end_step(meters->steps, NAN);
    free_models(meters->models);
    free(meters->endpoint);
    free(meters->operation);
    free(meters->provider);
    free(meters->run);
    pthread_mutex_destroy(&meters->lock);
    free(meters);
}

/* --- Adding ----------------------------------------------------------------------------------- */

void meters_name_run(struct meters *meters, const char *name)
{
    if (!meters)
        return;
    pthread_mutex_lock(&meters->lock);
    free(meters->run);
    meters->run = memory_text(name);
    pthread_mutex_unlock(&meters->lock);
}

/* Under the lock. */
static struct metered_model *model_of(struct meters *meters, const char *name)
{
    struct metered_model **at = &meters->models;

    while (*at && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    if (!*at) {
        *at = memory_new(1, sizeof **at);
        **at = (struct metered_model){.name = memory_text(name), .switching_time_s = NAN};
    }
    return *at;
}

struct metered_step *meters_begin_step(struct meters *meters, const struct row *row, size_t index)
{
    struct metered_step *step;

    if (!meters)
        return NULL;
    step = memory_new(1, sizeof *step);
    pthread_mutex_lock(&meters->lock);
    *step = (struct metered_step){.meters = meters,
                                  .model = model_of(meters, row->model_name),
                                  .state = {.row = row, .index = index},
                                  .next = meters->steps};
    step->state.model = step->model->name;
    meters->steps = step;
    pthread_mutex_unlock(&meters->lock);
    return step;
}

static void add(struct metered_histogram *histogram, enum meter meter, double value)
{
    const double *bounds = meter_table[meter].bounds;
    size_t i = 0;

    if (isnan(value))
        return;
    while (bounds[i] > 0 && value > bounds[i])
        i++;
    histogram->bucket[i]++;
    histogram->count++;
    histogram->sum += value;
}

/* Under the lock. */
static struct series *series_of(struct metered_model *model, const char *part, const char *error)
{
    struct series *series;

    for (size_t i = 0; i < model->count; i++) {
        series = &model->series[i];
        if (strcmp(series->part, part) == 0 && strcmp(series->error, error) == 0)
            return series;
    }
    model->series = memory_resize(model->series, model->count + 1, sizeof *model->series);
    series = &model->series[model->count++];
    *series = (struct series){.model = model->name, .part = part};
    strcpy(series->error, error);
    return series;
}

/* One that never left has the time since it was handed over. */
static double duration_of(const struct request *request, const struct figures *figures)
{
    double seconds = figures->value[METRIC_CLIENT_END_TO_END_LATENCY_S];

    return isnan(seconds) ? clock_seconds(request->started_ns, request->done_ns) : seconds;
}

static void add_completed(struct series *series, const double *value)
{
    static const enum metric metric[METERS] = {
        [METER_INPUT] = METRIC_NUMBER_INPUT_TOKENS,
        [METER_OUTPUT] = METRIC_NUMBER_OUTPUT_TOKENS,
        [METER_TTFT] = METRIC_CLIENT_TTFT_S,
        [METER_PER_TOKEN] = METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S,
    };

    for (int i = METER_INPUT; i <= METER_PER_TOKEN; i++)
        add(&series->histogram[i], (enum meter)i, value[metric[i]]);
}

void meters_take(struct metered_step *step, const char *part, const struct request *request,
                 const struct figures *figures)
{
    char error[ERROR_CODE] = "";
    struct series *series;

    if (!step)
        return;
    if (request->end != REQUEST_COMPLETED)
        summary_error_code(request->end, request->http_status, error, sizeof error);
    pthread_mutex_lock(&step->meters->lock);
    series = series_of(step->model, part, error);
    add(&series->histogram[METER_DURATION], METER_DURATION, duration_of(request, figures));
    add(&series->histogram[METER_DELAY], METER_DELAY,
        figures->value[METRIC_CLIENT_SCHEDULE_DELAY_S]);
    if (request->end == REQUEST_COMPLETED)
        add_completed(series, figures->value);
    pthread_mutex_unlock(&step->meters->lock);
}

void meters_show(struct metered_step *step, size_t in_flight, double elapsed_s)
{
    if (!step)
        return;
    pthread_mutex_lock(&step->meters->lock);
    step->state.in_flight = in_flight;
    step->state.elapsed_s = elapsed_s;
    pthread_mutex_unlock(&step->meters->lock);
}

void meters_end_step(struct metered_step *step, double switching_time_s)
{
    struct metered_step **at;

    if (!step)
        return;
    pthread_mutex_lock(&step->meters->lock);
    for (at = &step->meters->steps; *at != step;)
        at = &(*at)->next;
    *at = step->next;
    step->meters->steps_ended++;
    if (!isnan(switching_time_s))
        step->model->switching_time_s = switching_time_s;
    pthread_mutex_unlock(&step->meters->lock);
    free(step);
}

/* --- A copy ----------------------------------------------------------------------------------- */

/* Under the lock. */
static void copy_models(const struct metered_model *model, struct snapshot *to)
{
    for (; model; model = model->next) {
        to->switched = memory_grow(to->switched, to->models, sizeof *to->switched);
        to->switched[to->models].model = model->name;
        to->switched[to->models++].switching_time_s = model->switching_time_s;
        to->series = memory_resize(to->series, to->count + model->count, sizeof *to->series);
        if (model->count > 0)
            memcpy(to->series + to->count, model->series, model->count * sizeof *model->series);
        to->count += model->count;
    }
}

void snapshot_take(struct meters *meters, struct snapshot *to)
{
    *to = (struct snapshot){0};
    pthread_mutex_lock(&meters->lock);
    to->run = memory_text(meters->run);
    to->endpoint = meters->endpoint;
    to->operation = meters->operation;
    to->provider = meters->provider;
    to->steps_planned = meters->steps_planned;
    to->steps_ended = meters->steps_ended;
    copy_models(meters->models, to);
    for (const struct metered_step *step = meters->steps; step; step = step->next) {
        to->step = memory_grow(to->step, to->steps, sizeof *to->step);
        to->step[to->steps++] = step->state;
    }
    pthread_mutex_unlock(&meters->lock);
}

void snapshot_clear(struct snapshot *snapshot)
{
    free(snapshot->run);
    free(snapshot->series);
    free(snapshot->step);
    free(snapshot->switched);
}
