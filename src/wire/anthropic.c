#include "wire/anthropic.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "wire/endpoint.h"
#include "wire/json_scan.h"
#include "wire/messages.h"
#include "wire/payload.h"
#include "wire/typed.h"
#include "wire/usage.h"

/* --- Endpoints -------------------------------------------------------------------------------- */

/* Whether an address is a host alone, as Anthropic's own clients take it: the API is in /v1. */
static bool is_host(const char *address)
{
    const char *host = strstr(address, "://");

    return host && !strchr(host + 3, '/');
}

static char *url_of(const char *address, const char *path)
{
    if (is_host(address))
        return memory_printf("%s/v1%s", address, path);
    return endpoint_beside(address, path);
}

static char *chat_url(const char *address)
{
    return is_host(address) ? url_of(address, "/messages") : endpoint_url(address, "/messages");
}

static char *models_url(const char *address)
{
    return url_of(address, "/models");
}

static char *key_header(const char *key)
{
    return memory_printf("x-api-key: %s", key);
}

/* --- Bodies ----------------------------------------------------------------------------------- */

static void write_parameters(const struct ask *ask, struct text *tail)
{
    cJSON *parameters = cJSON_CreateObject();

    cJSON_AddNumberToObject(parameters, "max_tokens", (double)ask->output_tokens);
    cJSON_AddBoolToObject(parameters, "stream", !ask->whole);
    payload_add_parameters(parameters, ask->sampling_params, tail);
}

static const struct picture_form picture = {
    "[{\"type\":\"text\",\"text\":\"",
    "\"},{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"",
    "\",\"data\":\"",
    "\"}}]",
};

static void write_body(const struct ask *ask, struct body *body)
{
    text_add_string(&body->head, "{\"model\":");
    text_add_json(&body->head, ask->model);
    if (ask->prefix) { /* beside the messages, which are the user's and the model's alone */
        text_add_string(&body->head, ",\"system\":");
        text_add_json(&body->head, ask->prefix);
    }
    text_add_string(&body->head, ",\"messages\":");
    messages_write(ask, NULL, &picture, body);
    write_parameters(ask, &body->tail);
}

/* --- Responses, read whole -------------------------------------------------------------------- */

static double cache_tokens(const cJSON *usage, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(usage, name);

    return cJSON_IsNumber(item) && item->valuedouble >= 0 ? item->valuedouble : NAN;
}

/* `input_tokens` are those that no cache took part in; the prompt is all three. */
static void read_usage(const cJSON *object, struct event *event)
{
    const cJSON *usage = cJSON_GetObjectItemCaseSensitive(object, "usage");
    double read = cache_tokens(usage, "cache_read_input_tokens");
    double created = cache_tokens(usage, "cache_creation_input_tokens");

    if (!cJSON_IsObject(usage))
        return;
    event->has_usage = true;
    event->usage = usage_read(usage);
    event->usage.input_tokens += (isnan(read) ? 0 : read) + (isnan(created) ? 0 : created);
    event->usage.cached_tokens = read;
    event->alone = false;
    event->id[0] = '\0';
}

static void take_start(const cJSON *object, struct event *event, struct text *text)
{
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(object, "message");

    (void)text;
    read_usage(message, event);
    if (event->has_usage)
        payload_word(cJSON_GetObjectItemCaseSensitive(message, "id"), event->id, sizeof event->id);
}

/* A block or a piece of one: text, the arguments of a tool, or thinking. */
static void take_part(const cJSON *part, struct event *event, struct text *text)
{
    event->content |= typed_take(part, "text", text);
    event->content |= typed_take(part, "partial_json", text);
    event->reasoning |= typed_take(part, "thinking", NULL);
}

static void take_block(const cJSON *object, struct event *event, struct text *text)
{
    take_part(cJSON_GetObjectItemCaseSensitive(object, "content_block"), event, text);
}

static void take_delta(const cJSON *object, struct event *event, struct text *text)
{
    take_part(cJSON_GetObjectItemCaseSensitive(object, "delta"), event, text);
}

static void take_end(const cJSON *object, struct event *event, struct text *text)
{
    const cJSON *delta = cJSON_GetObjectItemCaseSensitive(object, "delta");

    (void)text;
    read_usage(object, event);
    payload_finish_reason(cJSON_GetObjectItemCaseSensitive(delta, "stop_reason"),
                          event->finish_reason, sizeof event->finish_reason);
}

static void take_stop(const cJSON *object, struct event *event, struct text *text)
{
    (void)object;
    (void)text;
    event->done = true;
}

static void take_ping(const cJSON *object, struct event *event, struct text *text)
{
    (void)object;
    (void)text;
    event->keep_alive = true;
}

static const struct typed_kind kinds[] = {
    {"content_block_delta", take_delta}, {"message_start", take_start},
    {"content_block_start", take_block}, {"message_delta", take_end},
    {"message_stop", take_stop},         {"ping", take_ping},
    {"error", typed_read_error},         {NULL, NULL},
};

static void read_event(const char *payload, size_t length, struct event *event)
{
    typed_read_event(kinds, payload, length, event, NULL);
}

static void add_content(const char *payload, size_t length, struct text *response)
{
    struct event event;

    typed_read_event(kinds, payload, length, &event, response);
}

static void take_message(const cJSON *object, struct event *event, struct text *text)
{
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(object, "content");

    for (const cJSON *block = cJSON_IsArray(content) ? content->child : NULL; block;
         block = block->next)
        take_part(block, event, text);
    read_usage(object, event);
    if (event->has_usage)
        payload_word(cJSON_GetObjectItemCaseSensitive(object, "id"), event->id, sizeof event->id);
    payload_finish_reason(cJSON_GetObjectItemCaseSensitive(object, "stop_reason"),
                          event->finish_reason, sizeof event->finish_reason);
}

static bool read_page(const char *body, size_t length, struct event *event, struct text *response)
{
    static const struct typed_kind pages[] = {{"message", take_message}, {NULL, NULL}};

    typed_read_event(pages, body, length, event, response);
    return event->content || event->reasoning;
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

enum { OBJECT, TYPE, DELTA, TEXT, THINKING, ARGUMENTS, WANTS };

static const struct scan_want wants[WANTS] = {
    [TYPE] = SCAN_MEMBER(OBJECT, "type"),
    [DELTA] = SCAN_MEMBER(OBJECT, "delta"),
    [TEXT] = SCAN_STRING(DELTA, "text"),
    [THINKING] = SCAN_STRING(DELTA, "thinking"),
    [ARGUMENTS] = SCAN_STRING(DELTA, "partial_json"),
};

static bool fast_parse_event(const char *payload, size_t length, struct scan_previous *before,
                             struct event *event)
{
    static const char delta[] = "content_block_delta";
    const struct scan_value *found = scan_like(before, payload, length, wants, WANTS);

    if (!found || !typed_is(&found[TYPE], delta, sizeof delta - 1))
        return false;
    event_reset(event);
    event->content = scan_is_some_text(&found[TEXT]) || scan_is_some_text(&found[ARGUMENTS]);
    event->reasoning = scan_is_some_text(&found[THINKING]);
    return true;
}

const struct dialect dialect_anthropic = {
    .name = "anthropic",
    .framing = STREAM_EVENTS,
    .images = true,
    .converses = true,
    .picture = &picture,
    .header = "anthropic-version: 2023-06-01",
    .chat_url = chat_url,
    .models_url = models_url,
    .count_endpoints = count_endpoints,
    .idle_url = models_url,
    .key_header = key_header,
    .write_body = write_body,
    .read_event = read_event,
    .read_page = read_page,
    .fast_parse_event = fast_parse_event,
    .add_content = add_content,
};
