#include "wire/tgi.h"

#include <cjson/cJSON.h>

#include "wire/endpoint.h"
#include "wire/json_scan.h"
#include "wire/payload.h"
#include "wire/typed.h"
#include "wire/usage.h"

/* --- Endpoints -------------------------------------------------------------------------------- */

static char *chat_url(const char *address)
{
    return endpoint_at_root(address, "/generate_stream");
}

/* Says which model there is. */
static char *info_url(const char *address)
{
    return endpoint_at_root(address, "/info");
}

static bool names_model(const char *model)
{
    (void)model;
    return false;
}

/* --- Bodies ----------------------------------------------------------------------------------- */

/* A picture is part of the text, in Markdown. */
static void write_body(const struct ask *ask, struct body *body)
{
    cJSON *parameters = cJSON_CreateObject();

    text_add_string(&body->head, "{\"inputs\":\"");
    if (ask->image)
        text_printf(&body->middle, "![](data:%s;base64,",
                    ask->image_type ? ask->image_type : "image/png");
    text_add_string(&body->tail, ask->image ? ")\",\"parameters\":{" : "\",\"parameters\":{");
    cJSON_AddNumberToObject(parameters, "max_new_tokens", (double)ask->output_tokens);
    cJSON_AddTrueToObject(parameters, "details");
    payload_add_parameters(parameters, ask->sampling_params, &body->tail);
    text_add_char(&body->tail, '}');
}

/* --- Responses, read whole -------------------------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

/* Where there is a token, only `error` is one. */
static bool may_be_error(const cJSON *object)
{
    const cJSON *error = member(object, "error");

    return !cJSON_IsObject(member(object, "token")) ||
           (error && !cJSON_IsNull(error) && !cJSON_IsFalse(error));
}

/* The last event bears the whole text and, where they were asked for, the details. */
static void read_end(const cJSON *object, struct event *event)
{
    const cJSON *details = member(object, "details");

    event->done = cJSON_IsString(member(object, "generated_text")) || cJSON_IsObject(details);
    event->whole = typed_take(object, "generated_text", NULL);
    event->has_usage = cJSON_IsObject(details);
    if (!event->has_usage)
        return;
    event->usage = usage_read(details);
    event->alone = true;
    event->id[0] = '\0';
    payload_finish_reason(member(details, "finish_reason"), event->finish_reason,
                          sizeof event->finish_reason);
}

/* A special token, such as the end of the text, is no part of it. */
static const cJSON *token_of(const cJSON *object)
{
    const cJSON *token = member(object, "token");

    return cJSON_IsTrue(member(token, "special")) ? NULL : token;
}

/* Adds the token's text; the whole text where nothing came before it. */
static void take_text(const cJSON *object, struct event *event, struct text *text)
{
    bool at_once = text && text->length == 0 && typed_take(object, "generated_text", text);

    event->content = typed_take(token_of(object), "text", at_once ? NULL : text);
}

static void read_any(const char *payload, size_t length, struct event *event, struct text *text)
{
    cJSON *object = payload_parse(payload, length, event);

    if (object && !cJSON_IsObject(object)) {
        event->malformed = true;
        payload_excerpt(payload, length, event->message, sizeof event->message);
    } else if (object) {
        if (may_be_error(object))
            event->failed = payload_error(object, event->message, sizeof event->message);
        take_text(object, event, text);
        read_end(object, event);
    }
    cJSON_Delete(object);
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

/* As /generate responds. */
static bool read_page(const char *body, size_t length, struct event *event, struct text *response)
{
    read_any(body, length, event, response);
    event->content |= event->whole;
    return !event->failed && event->content;
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

enum { OBJECT, ERROR, TOKEN, GENERATED, DETAILS, TEXT, SPECIAL, WANTS };

static const struct scan_want wants[WANTS] = {
    [ERROR] = SCAN_MEMBER(OBJECT, "error"),
    [TOKEN] = SCAN_MEMBER(OBJECT, "token"),
    [GENERATED] = SCAN_MEMBER(OBJECT, "generated_text"),
    [DETAILS] = SCAN_MEMBER(OBJECT, "details"),
    [TEXT] = SCAN_STRING(TOKEN, "text"),
    [SPECIAL] = SCAN_MEMBER(TOKEN, "special"),
};

static bool fast_parse_event(const char *payload, size_t length, struct scan_previous *before,
                             struct event *event)
{
    const struct scan_value *found = scan_like(before, payload, length, wants, WANTS);

    if (!found || !scan_is_object(&found[TOKEN]) || !scan_is_nothing(&found[GENERATED]) ||
        !scan_is_nothing(&found[DETAILS]) || !scan_is_nothing(&found[ERROR]))
        return false;
    event_reset(event);
    event->content = scan_is_some_text(&found[TEXT]) && !scan_is_true(&found[SPECIAL]);
    return true;
}

const struct dialect dialect_tgi = {
    .name = "tgi",
    .framing = STREAM_EVENTS,
    .images = true,
    .names_model = names_model,
    .unnamed = "a TGI server has one model",
    .chat_url = chat_url,
    .models_url = info_url,
    .health_url = endpoint_health_url,
    .idle_url = info_url,
    .key_header = endpoint_bearer,
    .write_body = write_body,
    .read_event = read_event,
    .read_page = read_page,
    .fast_parse_event = fast_parse_event,
    .add_content = add_content,
};
