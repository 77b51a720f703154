#include "wire/ollama.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/delta.h"
#include "wire/endpoint.h"
#include "wire/json_scan.h"
#include "wire/messages.h"
#include "wire/payload.h"
#include "wire/usage.h"

/* --- Endpoints -------------------------------------------------------------------------------- */

static char *chat_url(const char *address)
{
    return endpoint_at_root(address, "/api/chat");
}

static char *models_url(const char *address)
{
    return endpoint_at_root(address, "/api/tags");
}

static char *idle_url(const char *address)
{
    return endpoint_at_root(address, "/api/version");
}

/* --- Bodies ----------------------------------------------------------------------------------- */

/* What of the user's sampling parameters stands beside `options`, by Ollama's documents. */
static bool is_beside(const char *name)
{
    static const char *const names[] = {"format", "keep_alive", "think", "tools", "truncate"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static void write_parameters(const struct ask *ask, struct text *tail)
{
    cJSON *parameters = cJSON_CreateObject(), *options = cJSON_CreateObject();

    cJSON_AddBoolToObject(parameters, "stream", !ask->whole);
    cJSON_AddNumberToObject(options, "num_predict", (double)ask->output_tokens);
    payload_merge(options, ask->sampling_params);
    for (cJSON *option = options->child, *next; option; option = next) {
        next = option->next;
        if (is_beside(option->string)) {
            cJSON_DetachItemViaPointer(options, option);
            cJSON_AddItemToObject(parameters, option->string, option);
        }
    }
    cJSON_AddItemToObject(parameters, "options", options);
    payload_add_parameters(parameters, "{}", tail);
}

static const struct picture_form picture = {"\"", "\",\"images\":[\"", NULL, "\"]"};

static void write_body(const struct ask *ask, struct body *body)
{
    text_add_string(&body->head, "{\"model\":");
    text_add_json(&body->head, ask->model);
    text_add_string(&body->head, ",\"messages\":");
    messages_write(ask, ask->prefix, &picture, body);
    write_parameters(ask, &body->tail);
}

/* --- Responses, read whole -------------------------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

/* Where there is a message, only `error` is one. */
static bool may_be_error(const cJSON *line)
{
    const cJSON *error = member(line, "error");

    return !cJSON_IsObject(member(line, "message")) ||
           (error && !cJSON_IsNull(error) && !cJSON_IsFalse(error));
}

static void read_line(const cJSON *line, struct event *event, struct text *text)
{
    struct delta_kinds kinds = delta_read(member(line, "message"), text);

    if (may_be_error(line))
        event->failed = payload_error(line, event->message, sizeof event->message);
    event->content = kinds.content;
    event->reasoning = kinds.reasoning;
    event->done = event->has_usage = cJSON_IsTrue(member(line, "done"));
    if (!event->done)
        return;
    event->usage = usage_read(line);
    event->alone = true;
    event->id[0] = '\0';
    payload_finish_reason(member(line, "done_reason"), event->finish_reason,
                          sizeof event->finish_reason);
}

static void read_any(const char *payload, size_t length, struct event *event, struct text *text)
{
    cJSON *line = payload_parse(payload, length, event);

    if (line && !cJSON_IsObject(line)) {
        event->malformed = true;
        payload_excerpt(payload, length, event->message, sizeof event->message);
    } else if (line) {
        read_line(line, event, text);
    }
    cJSON_Delete(line);
}

static void read_event(const char *payload, size_t length, struct event *event)
{
    read_any(payload, length, event, NULL);
}

static void add_content(const char *payload, size_t length, struct text *response)
{
    struct event event;

    read_any(payload, length, &event, response);
}

/* A response that was not streamed is one such line. */
static bool read_page(const char *body, size_t length, struct event *event, struct text *response)
{
    read_any(body, length, event, response);
    return !event->failed && (event->content || event->reasoning);
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

enum { LINE, ERROR, DONE, MESSAGE, CONTENT, THINKING, WANTS };

/* What says something without being a string (wire/delta.h), or under another name. */
static const char *const rare_names[] = {
    "tool_calls",        "refusal",       "reasoning", "reasoning_content",
    "reasoning_details", "function_call", "audio",
};
static const struct scan_rare rare = {
    SCAN_LENGTH("tool_calls") | SCAN_LENGTH("refusal") | SCAN_LENGTH("reasoning") |
        SCAN_LENGTH("reasoning_content") | SCAN_LENGTH("reasoning_details") |
        SCAN_LENGTH("function_call") | SCAN_LENGTH("audio"),
    sizeof rare_names / sizeof *rare_names,
    rare_names,
};

static const struct scan_want wants[WANTS] = {
    [ERROR] = SCAN_MEMBER(LINE, "error"),
    [DONE] = SCAN_MEMBER(LINE, "done"),
    [MESSAGE] = SCAN_OBJECT(LINE, "message", &rare),
    [CONTENT] = SCAN_STRING(MESSAGE, "content"),
    [THINKING] = SCAN_STRING(MESSAGE, "thinking"),
};

static bool fast_parse_event(const char *payload, size_t length, struct scan_previous *before,
                             struct event *event)
{
    const struct scan_value *found = scan_like(before, payload, length, wants, WANTS);

    if (!found || !scan_is_object(&found[MESSAGE]) || scan_is_true(&found[DONE]) ||
        !scan_is_nothing(&found[ERROR]))
        return false;
    event_reset(event);
    event->content = scan_is_some_text(&found[CONTENT]);
    event->reasoning = scan_is_some_text(&found[THINKING]);
    return true;
}

const struct dialect dialect_ollama = {
    .name = "ollama",
    .framing = STREAM_LINES,
    .images = true,
    .converses = true,
    .picture = &picture,
    .chat_url = chat_url,
    .models_url = models_url,
    .health_url = idle_url,
    .idle_url = idle_url,
    .write_body = write_body,
    .read_event = read_event,
    .read_page = read_page,
    .fast_parse_event = fast_parse_event,
    .add_content = add_content,
};
