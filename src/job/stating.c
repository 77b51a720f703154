#include "job/stating.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/child.h"
#include "core/clock.h"
#include "core/memory.h"
#include "job/interrupt.h"
#include "plan/control.h"
#include "telemetry/residents.h"

extern char **environ;

static const double command_most_s = 60;

struct stating {
    const struct preparation *preparation;
    struct progress *progress;
    struct residents *residents; /* NULL: nobody can be asked; why stands in `error` */
    struct error error;
    enum state_control control;
    bool asks;            /* what is loaded is to be recorded */
    pthread_mutex_t lock; /* of … */
    bool was_told;        /* … that it did not respond */
};

/* --- The beginning ---------------------------------------------------------------------------- */

static void find_server(struct stating *stating)
{
    const struct preparation *preparation = stating->preparation;
    int given = preparation->settings.residency_source;
    const struct residents_how how = {
        .target = &preparation->target,
        .address = preparation->endpoint.address,
        .query = preparation->endpoint.query,
        .source = given == STATE_SOURCE_NONE ? STATE_SOURCE_AUTO : (enum state_source)given,
        .stop = &interrupt_asked};
    char *line;

    stating->residents = residents_new(&how, &stating->error);
    if (stating->residents)
        return;
    line = memory_printf("%s: %s", stating->asks ? "residency_source" : "before_step",
                         stating->error.text);
    progress_say(stating->progress, line);
    free(line);
}

struct stating *stating_begin(const struct preparation *preparation, struct progress *progress)
{
    enum state_control control = control_asked(&preparation->settings);
    bool asks = preparation->settings.residency_source != STATE_SOURCE_NONE;
    struct stating *stating;

    if (control == STATE_CONTROL_NONE && !asks)
        return NULL;
    stating = memory_new(1, sizeof *stating);
    *stating = (struct stating){.preparation = preparation,
                                .progress = progress,
                                .control = control,
                                .asks = asks,
                                .lock = PTHREAD_MUTEX_INITIALIZER};
    if (asks || control != STATE_CONTROL_COMMAND)
        find_server(stating);
    return stating;
}

void stating_end(struct stating *stating)
{
    if (!stating)
        return;
    residents_free(stating->residents);
    pthread_mutex_destroy(&stating->lock);
    free(stating);
}

/* --- What is loaded --------------------------------------------------------------------------- */

static void tell_once(struct stating *stating, const struct error *error)
{
    char *line = NULL;

    pthread_mutex_lock(&stating->lock);
    if (!stating->was_told && !interrupt_asked)
        line = memory_printf("residency_source: %s; it is asked on, and nothing waits for it",
                             error->text);
    stating->was_told = true;
    pthread_mutex_unlock(&stating->lock);
    if (line)
        progress_say(stating->progress, line);
    free(line);
}

void stating_ask(struct stating *stating, const struct row *row, enum state_moment moment,
                 struct server_state *state)
{
    struct loaded loaded = {0};
    struct text models = {0};
    struct error error;

    if (!stating || !stating->asks || !stating->residents)
        return;
    state->source = residents_source(stating->residents);
    if (residents_ask(stating->residents, &loaded, &error)) {
        state->loaded[moment] = loaded_find(&loaded, row->model_name);
        loaded_add_json(&loaded, &models);
        state->models[moment] = text_take(&models);
    } else {
        tell_once(stating, &error);
    }
    loaded_clear(&loaded);
}

void stating_after(struct stating *stating, const struct row *row, int64_t from_ns, double told_s,
                   struct server_state *state)
{
    stating_ask(stating, row, STATE_AFTER, state);
    if (stating && stating->asks && stating->residents && from_ns > 0)
        state->load_s =
            residents_load_s(stating->residents, row->model_name, from_ns, clock_monotonic_ns());
    if (isnan(state->load_s) && state->loaded[STATE_BEFORE] == STATE_NOT_LOADED)
        state->load_s = told_s;
}

/* --- What is done before ---------------------------------------------------------------------- */

/* Whether a variable of the environment holds a secret of the endpoint's. */
static bool is_secret(const struct preparation *preparation, const char *variable)
{
    const char *equals = strchr(variable, '='), *key = preparation->endpoint.key;
    char *struck = memory_text(equals ? equals + 1 : "");
    bool is;

    secrets_strike(preparation->secrets, struck, strlen(struck));
    is = equals && (strcmp(struck, equals + 1) != 0 ||
                    (key && !preparation->endpoint.keyless && *key && strstr(equals + 1, key)));
    free(struck);
    return is;
}

/* Those of the program's own, but for secrets, and two that say what comes. */
static char **make_environment(const struct stating *stating, const struct stated_step *step)
{
    size_t count = 0, kept = 0;
    char **variables;

    while (environ[count])
        count++;
    variables = memory_new(count + 3, sizeof *variables);
    for (size_t i = 0; i < count; i++) {
        if (!is_secret(stating->preparation, environ[i]))
            variables[kept++] = memory_text(environ[i]);
    }
    variables[kept++] = memory_printf("COEBENCH_MODEL=%s", step->row->model_name);
    variables[kept] = memory_printf("COEBENCH_STEP=%zu", step->index + 1);
    return variables;
}

static bool run_command(const struct stating *stating, const struct stated_step *step,
                        struct error *error)
{
    const struct setting_list *words = &stating->preparation->settings.before_step;
    char **list = memory_new(words->count + 1, sizeof *list);
    char **environment = make_environment(stating, step);
    const struct child child = {list, environment, command_most_s, &interrupt_asked};
    bool done;

    memcpy(list, words->items, words->count * sizeof *list);
    done = child_run(&child, error);
    for (size_t i = 0; environment[i]; i++)
        free(environment[i]);
    free(environment);
    free(list);
    return done;
}

static bool carry_out(struct stating *stating, const struct stated_step *step, struct error *error)
{
    if (stating->control == STATE_CONTROL_COMMAND)
        return run_command(stating, step, error);
    if (!stating->residents)
        return error_set(error, "%s", stating->error.text);
    return residents_control(stating->residents, stating->control, step->row->model_name, error);
}

static void tell_failure(const struct stating *stating, const struct server_state *state)
{
    char *line = memory_printf("    before_step: %s failed: %s",
                               state_control_words[stating->control], state->control_error);

    progress_say(stating->progress, line);
    free(line);
}

/* What concerns all of a mix is done once, before its first member. */
static bool is_due(const struct stating *stating, const struct stated_step *step)
{
    return step->member == 0 || stating->control == STATE_CONTROL_UNLOAD_THIS ||
           stating->control == STATE_CONTROL_LOAD_THIS;
}

void stating_before(struct stating *stating, const struct stated_step *step,
                    struct server_state *state)
{
    int64_t begun_ns = clock_monotonic_ns();
    struct error error;

    if (!stating)
        return;
    state->control = stating->control;
    if (stating->control != STATE_CONTROL_NONE && is_due(stating, step)) {
        if (!carry_out(stating, step, &error)) {
            state->control_error = memory_text(error.text);
            tell_failure(stating, state);
        }
        state->control_s = clock_seconds(begun_ns, clock_monotonic_ns());
    }
    stating_ask(stating, step->row, STATE_BEFORE, state);
}
