#include "store/summary_state.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "store/json.h"

static const char *const loaded_keys[STATE_MOMENTS] = {
    "state_loaded_before", "state_loaded_after_probe", "state_loaded_after"};
static const char *const models_keys[STATE_MOMENTS] = {
    "state_models_before", "state_models_after_probe", "state_models_after"};
static const char source_key[] = "state_source", load_key[] = "state_load_s";
static const char control_key[] = "before_step", took_key[] = "before_step_s",
                  error_key[] = "before_step_error";

/* --- Writing ---------------------------------------------------------------------------------- */

static void add_moment(cJSON *object, const struct server_state *state, enum state_moment moment)
{
    enum state_word word = state->loaded[moment];

    if (!state->models[moment])
        return;
    if (word == STATE_UNKNOWN)
        cJSON_AddNullToObject(object, loaded_keys[moment]);
    else
        cJSON_AddBoolToObject(object, loaded_keys[moment], word == STATE_LOADED);
    cJSON_AddItemToObject(object, models_keys[moment], cJSON_Parse(state->models[moment]));
}

void summary_state_add(cJSON *object, const struct server_state *state)
{
    if (state->source != STATE_SOURCE_NONE) {
        json_add_text(object, source_key, state_source_words[state->source]);
        for (int i = 0; i < STATE_MOMENTS; i++)
            add_moment(object, state, (enum state_moment)i);
        json_add_number(object, load_key, state->load_s);
    }
    if (state->control == STATE_CONTROL_NONE)
        return;
    json_add_text(object, control_key, state_control_words[state->control]);
    json_add_number(object, took_key, state->control_s);
    json_add_text(object, error_key, state->control_error);
}

void summary_state_add_control(cJSON *object, const struct server_state *state)
{
    cJSON *done;

    if (state->control == STATE_CONTROL_NONE)
        return;
    done = cJSON_AddObjectToObject(object, control_key);
    json_add_text(done, "did", state_control_words[state->control]);
    json_add_number(done, "took_s", state->control_s);
    json_add_text(done, "error", state->control_error);
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* 0 where it is none of them. */
static int read_word(const struct members *object, const char *key, const char *const *words)
{
    const char *text = cJSON_GetStringValue(members_find(object, key));

    for (int i = 0; text && words[i]; i++) {
        if (strcmp(words[i], text) == 0)
            return i;
    }
    return 0;
}

static enum state_word read_loaded(const cJSON *item)
{
    if (cJSON_IsTrue(item))
        return STATE_LOADED;
    return cJSON_IsFalse(item) ? STATE_NOT_LOADED : STATE_UNKNOWN;
}

void summary_state_read(const struct members *object, struct server_state *state)
{
    const char *error = cJSON_GetStringValue(members_find(object, error_key));

    *state = server_state_none;
    state->source = (enum state_source)read_word(object, source_key, state_source_words);
    for (int i = 0; i < STATE_MOMENTS; i++)
        state->loaded[i] = read_loaded(members_find(object, loaded_keys[i]));
    state->load_s = json_number(members_find(object, load_key));
    state->control = (enum state_control)read_word(object, control_key, state_control_words);
    state->control_s = json_number(members_find(object, took_key));
    state->control_error = error ? memory_text(error) : NULL;
}
