#include "wire/openai.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "wire/delta.h"
#include "wire/endpoint.h"
#include "wire/json_scan.h"
#include "wire/messages.h"
#include "wire/openai_parts.h"

/* Of SambaStudio's addresses, those that say so. */
static bool fits(const char *address)
{
    return strstr(address, "chat/completions") != NULL;
}

static char *chat_url(const char *address)
{
    return endpoint_url(address, "/chat/completions");
}

static const struct picture_form picture = {
    "[{\"type\":\"text\",\"text\":\"",
    "\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:",
    ";base64,",
    "\"}}]",
};

static void write_body(const struct ask *ask, struct body *body)
{
    text_add_string(&body->head, "{\"model\":");
    text_add_json(&body->head, ask->model);
    text_add_string(&body->head, ",\"messages\":");
    messages_write(ask, ask->prefix, &picture, body);
    openai_write_parameters(ask, &body->tail);
}

/* --- Responses, read whole -------------------------------------------------------------------- */

static struct delta_kinds read_delta(const cJSON *choice, struct text *text)
{
    return delta_read(cJSON_GetObjectItemCaseSensitive(choice, "delta"), text);
}

/* What servers that know no streams send: the choice holds a message. */
static struct delta_kinds read_message(const cJSON *choice, struct text *text)
{
    return delta_read(cJSON_GetObjectItemCaseSensitive(choice, "message"), text);
}

static void read_event(const char *payload, size_t length, struct event *event)
{
    openai_read_event(payload, length, read_delta, event);
}

static bool read_page(const char *body, size_t length, struct event *event, struct text *response)
{
    return openai_read_page(body, length, "message", read_message, event, response);
}

static void add_content(const char *payload, size_t length, struct text *response)
{
    openai_add_content(payload, length, read_delta, response);
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

enum {
    CHUNK,
    CHOICES,
    USAGE,
    ERROR,
    CHOICE,
    DELTA,
    FINISH_REASON,
    CONTENT,
    REASONING,
    REASONING_CONTENT,
    WANTS
};

/* What says something without being a string (wire/delta.h). */
static const char *const rare_in_delta_names[] = {
    "thinking", "reasoning_details", "refusal", "tool_calls", "function_call", "audio",
};
static const struct scan_rare rare_in_delta = {
    SCAN_LENGTH("thinking") | SCAN_LENGTH("reasoning_details") | SCAN_LENGTH("refusal") |
        SCAN_LENGTH("tool_calls") | SCAN_LENGTH("function_call") | SCAN_LENGTH("audio"),
    sizeof rare_in_delta_names / sizeof *rare_in_delta_names,
    rare_in_delta_names,
};

static const struct scan_want wants[WANTS] = {
    [CHUNK] = SCAN_WHOLE(&openai_rare_in_chunk),
    [CHOICES] = SCAN_MEMBER(CHUNK, "choices"),
    [USAGE] = SCAN_MEMBER(CHUNK, "usage"),
    [ERROR] = SCAN_MEMBER(CHUNK, "error"),
    [CHOICE] = SCAN_FIRST(CHOICES),
    [DELTA] = SCAN_OBJECT(CHOICE, "delta", &rare_in_delta),
    [FINISH_REASON] = SCAN_MEMBER(CHOICE, "finish_reason"),
    [CONTENT] = SCAN_STRING(DELTA, "content"),
    [REASONING] = SCAN_STRING(DELTA, "reasoning"),
    [REASONING_CONTENT] = SCAN_STRING(DELTA, "reasoning_content"),
};

/* A chunk with choices, without error or usage, its texts as strings: nearly every event of a
 * response. */
static bool fast_parse_event(const char *payload, size_t length, struct scan_previous *before,
                             struct event *event)
{
    const struct scan_value *found = scan_like(before, payload, length, wants, WANTS);

    if (!found || !found[CHOICES].at || !scan_is_nothing(&found[ERROR]) ||
        scan_is_object(&found[USAGE]))
        return false;
    event_reset(event);
    event->content = scan_is_some_text(&found[CONTENT]);
    event->reasoning =
        scan_is_some_text(&found[REASONING]) || scan_is_some_text(&found[REASONING_CONTENT]);
    return openai_fast_parse_finish(&found[FINISH_REASON], event);
}

const struct dialect dialect_openai = {
    .name = "openai",
    .framing = STREAM_EVENTS,
    .images = true,
    .converses = true,
    .picture = &picture,
    .asks_ignore_eos = true,
    .takes_choices = true,
    .fits = fits,
    .chat_url = chat_url,
    .models_url = endpoint_models_url,
    .count_endpoints = count_endpoints,
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
