#include "wire/openai_completions.h"

#include <cjson/cJSON.h>

#include "wire/endpoint.h"
#include "wire/openai_parts.h"
#include "wire/payload.h"

static char *chat_url(const char *address)
{
    return endpoint_url(address, "/completions");
}

static void write_body(const struct ask *ask, struct body *body)
{
    text_add_string(&body->head, "{\"model\":");
    text_add_json(&body->head, ask->model);
    text_add_string(&body->head, ",\"prompt\":\"");
    text_add_string(&body->tail, "\",");
    openai_write_parameters(ask, &body->tail);
}

/* --- Responses, read whole -------------------------------------------------------------------- */

/* A page's choice is like a chunk's. */
static struct delta_kinds read_text(const cJSON *choice, struct text *text)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(choice, "text");
    struct delta_kinds kinds = {.content = cJSON_IsString(item) && item->valuestring[0] != '\0'};

    if (text)
        payload_add_string(item, text);
    return kinds;
}

static void read_event(const char *payload, size_t length, struct event *event)
{
    openai_read_event(payload, length, read_text, event);
}

static bool read_page(const char *body, size_t length, struct event *event, struct text *response)
{
    return openai_read_page(body, length, "text", read_text, event, response);
}

static void add_content(const char *payload, size_t length, struct text *response)
{
    openai_add_content(payload, length, read_text, response);
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

enum { CHUNK, CHOICES, USAGE, ERROR, CHOICE, FINISH_REASON, TEXT, WANTS };

static const struct scan_want wants[WANTS] = {
    [CHUNK] = SCAN_WHOLE(&openai_rare_in_chunk),
    [CHOICES] = SCAN_MEMBER(CHUNK, "choices"),
    [USAGE] = SCAN_MEMBER(CHUNK, "usage"),
    [ERROR] = SCAN_MEMBER(CHUNK, "error"),
    [CHOICE] = SCAN_FIRST(CHOICES),
    [FINISH_REASON] = SCAN_MEMBER(CHOICE, "finish_reason"),
    [TEXT] = SCAN_STRING(CHOICE, "text"),
};

static bool fast_parse_event(const char *payload, size_t length, struct scan_previous *before,
                             struct event *event)
{
    const struct scan_value *found = scan_like(before, payload, length, wants, WANTS);

    if (!found || !found[CHOICES].at || !scan_is_nothing(&found[ERROR]) ||
        scan_is_object(&found[USAGE]))
        return false;
    event_reset(event);
    event->content = scan_is_some_text(&found[TEXT]);
    return openai_fast_parse_finish(&found[FINISH_REASON], event);
}

const struct dialect dialect_openai_completions = {
    .name = "openai-completions",
    .framing = STREAM_EVENTS,
    .asks_ignore_eos = true,
    .takes_choices = true,
    .chat_url = chat_url,
    .models_url = endpoint_models_url,
    .health_url = endpoint_health_url,
    .idle_url = endpoint_models_url,
    .key_header = endpoint_bearer,
    .write_body = write_body,
    .read_event = read_event,
    .read_page = read_page,
    .fast_parse_event = fast_parse_event,
    .identifies = openai_identifies,
    .add_content = add_content,
};
