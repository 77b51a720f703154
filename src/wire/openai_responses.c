#include "wire/openai_responses.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/endpoint.h"
#include "wire/json_scan.h"
#include "wire/messages.h"
#include "wire/payload.h"
#include "wire/typed.h"
#include "wire/usage.h"

static char *chat_url(const char *address)
{
    return endpoint_url(address, "/responses");
}

/* --- Bodies ----------------------------------------------------------------------------------- */

static void write_parameters(const struct ask *ask, struct text *tail)
{
    cJSON *parameters = cJSON_CreateObject();

    cJSON_AddNumberToObject(parameters, "max_output_tokens", (double)ask->output_tokens);
    cJSON_AddBoolToObject(parameters, "stream", !ask->whole);
    if (ask->ignore_eos)
        cJSON_AddTrueToObject(parameters, "ignore_eos");
    payload_add_parameters(parameters, ask->sampling_params, tail);
}

static const struct picture_form picture = {
    "[{\"type\":\"input_text\",\"text\":\"",
    "\"},{\"type\":\"input_image\",\"image_url\":\"data:",
    ";base64,",
    "\"}]",
};

static void write_body(const struct ask *ask, struct body *body)
{
    text_add_string(&body->head, "{\"model\":");
    text_add_json(&body->head, ask->model);
    if (ask->prefix) {
        text_add_string(&body->head, ",\"instructions\":");
        text_add_json(&body->head, ask->prefix);
    }
    text_add_string(&body->head, ",\"input\":");
    if (ask->image || ask->session) {
        messages_write(ask, NULL, &picture, body);
    } else {
        text_add_char(&body->head, '"');
        text_add_string(&body->tail, "\",");
    }
    write_parameters(ask, &body->tail);
}

/* --- Responses, read whole -------------------------------------------------------------------- */

/* What llama.cpp says of the tokens so far, where it was asked to with each. */
static void read_timings(const cJSON *object, struct event *event)
{
    event->has_usage = usage_read_typed(object, NULL, &event->usage);
    event->alone = false;
    event->id[0] = '\0';
}

static void take_content(const cJSON *object, struct event *event, struct text *text)
{
    event->content = typed_take(object, "delta", text);
    read_timings(object, event);
}

static void take_reasoning(const cJSON *object, struct event *event, struct text *text)
{
    (void)text;
    event->reasoning = typed_take(object, "delta", NULL);
    read_timings(object, event);
}

/* The text again, in one piece; it is all there is where no deltas came. */
static void take_text(const cJSON *object, struct event *event, struct text *text)
{
    event->whole = typed_take(object, "text", text && text->length == 0 ? text : NULL);
}

/* What an item of the output holds: parts of a message, a summary of reasoning, a tool's arguments.
 */
static bool take_parts(const cJSON *item, const char *member, struct text *text)
{
    const cJSON *parts = cJSON_GetObjectItemCaseSensitive(item, member);
    bool some = false;

    for (const cJSON *part = cJSON_IsArray(parts) ? parts->child : NULL; part; part = part->next) {
        some |= typed_take(part, "text", text);
        some |= typed_take(part, "refusal", text);
    }
    return some;
}

static void take_item(const cJSON *item, struct event *event, struct text *text)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "type"));

    if (type && strcmp(type, "reasoning") == 0) {
        event->reasoning |= take_parts(item, "content", NULL);
        event->reasoning |= take_parts(item, "summary", NULL);
        return;
    }
    event->content |= take_parts(item, "content", text);
    event->content |= typed_take(item, "arguments", text);
}

static void take_output(const cJSON *response, struct event *event, struct text *text)
{
    const cJSON *output = cJSON_GetObjectItemCaseSensitive(response, "output");

    for (const cJSON *item = cJSON_IsArray(output) ? output->child : NULL; item; item = item->next)
        take_item(item, event, text);
}

/* Why it ended: the reason where it is incomplete, else how it stands. */
static void read_finish(const cJSON *response, struct event *event)
{
    const cJSON *details = cJSON_GetObjectItemCaseSensitive(response, "incomplete_details");
    const cJSON *reason = cJSON_GetObjectItemCaseSensitive(details, "reason");

    payload_finish_reason(
        cJSON_IsString(reason) ? reason : cJSON_GetObjectItemCaseSensitive(response, "status"),
        event->finish_reason, sizeof event->finish_reason);
}

/* `object` is the event, or the response itself where that came whole. */
static void read_result(const cJSON *object, const cJSON *response, struct event *event)
{
    const cJSON *usage = cJSON_GetObjectItemCaseSensitive(response, "usage");

    read_finish(response, event);
    event->has_usage = usage_read_typed(object, usage, &event->usage);
    if (!event->has_usage)
        return;
    event->alone = true;
    event->id[0] = '\0';
    payload_word(cJSON_GetObjectItemCaseSensitive(response, "id"), event->id, sizeof event->id);
}

static void take_end(const cJSON *object, struct event *event, struct text *text)
{
    const cJSON *response = cJSON_GetObjectItemCaseSensitive(object, "response");
    struct event output = {0};

    take_output(response, &output, text && text->length == 0 ? text : NULL);
    event->whole = output.content;
    event->done = true;
    read_result(object, response, event);
}

static void take_failure(const cJSON *object, struct event *event, struct text *text)
{
    const cJSON *response = cJSON_GetObjectItemCaseSensitive(object, "response");

    event->done = true;
    typed_read_error(response ? response : object, event, text);
}

static const struct typed_kind kinds[] = {
    {"response.output_text.delta", take_content},
    {"response.reasoning_text.delta", take_reasoning},
    {"response.reasoning_summary_text.delta", take_reasoning},
    {"response.refusal.delta", take_content},
    {"response.function_call_arguments.delta", take_content},
    {"response.custom_tool_call_input.delta", take_content},
    {"response.mcp_call_arguments.delta", take_content},
    {"response.output_text.done", take_text},
    {"response.completed", take_end},
    {"response.incomplete", take_end},
    {"response.failed", take_failure},
    {"error", typed_read_error},
    {NULL, NULL},
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

/* A page has no type: its `object` says what it is. */
static bool read_page(const char *body, size_t length, struct event *event, struct text *response)
{
    cJSON *page = payload_read(body, length);

    event_reset(event);
    if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(page, "output"))) {
        take_output(page, event, response);
        read_result(page, page, event);
    }
    cJSON_Delete(page);
    return event->content || event->reasoning;
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

enum { OBJECT, TYPE, DELTA, WANTS };

static const char *const rare_names[] = {"timings"};
static const struct scan_rare rare = {SCAN_LENGTH("timings"), 1, rare_names};

static const struct scan_want wants[WANTS] = {
    [OBJECT] = SCAN_WHOLE(&rare),
    [TYPE] = SCAN_MEMBER(OBJECT, "type"),
    [DELTA] = SCAN_STRING(OBJECT, "delta"),
};

static bool fast_parse_event(const char *payload, size_t length, struct scan_previous *before,
                             struct event *event)
{
    static const char content[] = "response.output_text.delta";
    static const char reasoning[] = "response.reasoning_text.delta";
    const struct scan_value *found = scan_like(before, payload, length, wants, WANTS);
    bool is_content = found && typed_is(&found[TYPE], content, sizeof content - 1);

    if (!is_content && !(found && typed_is(&found[TYPE], reasoning, sizeof reasoning - 1)))
        return false;
    event_reset(event);
    *(is_content ? &event->content : &event->reasoning) = scan_is_some_text(&found[DELTA]);
    return true;
}

const struct dialect dialect_openai_responses = {
    .name = "openai-responses",
    .framing = STREAM_EVENTS,
    .images = true,
    .converses = true,
    .picture = &picture,
    .asks_ignore_eos = true,
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
    .add_content = add_content,
};
