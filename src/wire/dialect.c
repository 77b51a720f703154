#include "wire/dialect.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api.h"
#include "core/memory.h"
#include "wire/anthropic.h"
#include "wire/listed.h"
#include "wire/ollama.h"
#include "wire/openai.h"
#include "wire/openai_completions.h"
#include "wire/openai_responses.h"
#include "wire/payload.h"
#include "wire/sambastudio.h"
#include "wire/tgi.h"

static const struct dialect *const dialects[] = {
    &dialect_openai,           &dialect_openai_completions,
    &dialect_openai_responses, &dialect_anthropic,
    &dialect_ollama,           &dialect_tgi,
    &dialect_sambastudio_v2,   &dialect_sambastudio_v1,
};

static bool speaks(const struct dialect *dialect, const struct api *api, const char *address)
{
    if (api->dialect)
        return strcmp(api->dialect, dialect->name) == 0;
    return dialect->fits && dialect->fits(address);
}

const struct dialect *dialect_find(const char *api, const char *address)
{
    const struct api *known = api_find(api);

    for (size_t i = 0; known && i < sizeof dialects / sizeof *dialects; i++) {
        if (speaks(dialects[i], known, address))
            return dialects[i];
    }
    return NULL;
}

void body_clear(struct body *body)
{
    text_clear(&body->head);
    text_clear(&body->middle);
    text_clear(&body->tail);
}

void event_reset(struct event *event)
{
    memset(event, 0, offsetof(struct event, usage));
}

void dialect_take_event(const struct dialect *dialect, const char *payload, size_t length,
                        struct scan_previous *before, struct event *event)
{
    if (!dialect->fast_parse_event(payload, length, before, event))
        dialect->read_event(payload, length, event);
}

void dialect_add_text(struct text *body, const char *prompt)
{
    struct text quoted = {0};

    text_add_json(&quoted, prompt);
    text_add(body, quoted.bytes + 1, quoted.length - 2);
    text_clear(&quoted);
}

size_t dialect_add_turn(struct text *body, const char *response, const char *prompt)
{
    size_t begins;

    text_add_string(body, "\"},{\"role\":\"assistant\",\"content\":\"");
    dialect_add_text(body, response);
    text_add_string(body, "\"},{\"role\":\"user\",\"content\":\"");
    begins = body->length;
    dialect_add_text(body, prompt);
    return begins;
}

void dialect_read_failure(const char *body, size_t length, char *message, size_t size)
{
    cJSON *response = payload_read(body, length);

    if (!payload_error(response, message, size))
        payload_excerpt(body, length, message, size);
    cJSON_Delete(response);
}

static void add_model(struct listed_models *models, const cJSON *item)
{
    struct listed_model model;

    if (!listed_model_read(item, &model))
        return;
    models->model = memory_grow(models->model, models->count, sizeof *models->model);
    models->model[models->count++] = model;
}

bool dialect_read_models(const char *body, size_t length, struct listed_models *models)
{
    cJSON *response = cJSON_ParseWithLength(body, length);
    const cJSON *data = listed_models_of(response);

    for (const cJSON *item = data ? data->child : NULL; item; item = item->next)
        add_model(models, item);
    if (cJSON_IsString(cJSON_GetObjectItemCaseSensitive(response, "model_id")))
        add_model(models, response); /* a server of one */
    cJSON_Delete(response);
    return models->count > 0;
}

void listed_models_clear(struct listed_models *models)
{
    for (size_t i = 0; i < models->count; i++) {
        free(models->model[i].id);
        free(models->model[i].owned_by);
        free(models->model[i].says);
    }
    free(models->model);
    *models = (struct listed_models){0};
}
