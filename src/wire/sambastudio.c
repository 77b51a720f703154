#include "wire/sambastudio.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "wire/json_scan.h"
#include "wire/payload.h"
#include "wire/usage.h"

/* --- Endpoints -------------------------------------------------------------------------------- */

static bool is_generic(const char *address)
{
    return strstr(address, "generic") && !strstr(address, "chat/completions");
}

static bool fits_v2(const char *address)
{
    return is_generic(address) && strstr(address, "/api/v2");
}

static bool fits_v1(const char *address)
{
    return is_generic(address) && !strstr(address, "/api/v2");
}

/* /generic/ becomes /generic/stream/ where it is not that already. */
static char *chat_url(const char *address)
{
    static const char endpoint[] = "/generic/", stream[] = "stream/";
    const char *at = strstr(address, endpoint);
    size_t base = at ? (size_t)(at - address) + strlen(endpoint) : 0;

    if (!at || strncmp(address + base, stream, strlen(stream)) == 0)
        return memory_text(address);
    return memory_printf("%.*s%s%s", (int)base, address, stream, address + base);
}

/* The host's root, whatever it returns: no list of models is known here. */
static char *idle_url(const char *address)
{
    const char *host = strstr(address, "://") + strlen("://");

    return memory_printf("%.*s/", (int)(host + strcspn(host, "/") - address), address);
}

static char *key_header(const char *key)
{
    return memory_printf("key: %s", key);
}

/* --- Bodies ----------------------------------------------------------------------------------- */

/* Whether the model names an expert of a bundle, and which. */
static const char *expert_of(const char *model)
{
    bool bundled = strncmp(model, "Bundle/", 7) == 0 || strncmp(model, "COE/", 4) == 0;

    return bundled ? strrchr(model, '/') + 1 : NULL;
}

static bool names_model(const char *model)
{
    return expert_of(model) != NULL;
}

static const char unnamed[] =
    "on a generic address only a name that begins with 'Bundle/' or 'COE/' chooses a model";

static cJSON *parameters(const struct ask *ask)
{
    cJSON *params = cJSON_CreateObject();
    const char *expert = expert_of(ask->model);

    cJSON_AddNumberToObject(params, "max_tokens_to_generate", (double)ask->output_tokens);
    if (expert) {
        cJSON_AddStringToObject(params, "select_expert", expert);
        cJSON_AddFalseToObject(params, "process_prompt");
        cJSON_AddNumberToObject(params, "top_k", 1);
    }
    payload_merge(params, ask->sampling_params);
    return params;
}

static void finish_body(cJSON *params, struct text *tail)
{
    char *printed = cJSON_PrintUnformatted(params);

    text_add_string(tail, ",\"params\":");
    text_add_string(tail, printed);
    text_add_char(tail, '}');
    cJSON_free(printed);
    cJSON_Delete(params);
}

static void write_body_v2(const struct ask *ask, struct body *body)
{
    text_add_string(&body->head, "{\"items\":[{\"id\":\"item1\",\"value\":\"");
    text_add_string(&body->tail, "\"}]");
    finish_body(parameters(ask), &body->tail);
}

/* Version 1 wants each parameter as its type and its value as text. */
static cJSON *typed(const cJSON *item)
{
    cJSON *object = cJSON_CreateObject();
    bool truth = cJSON_IsBool(item);
    bool number = cJSON_IsNumber(item) || cJSON_IsRaw(item); /* raw: a number as it was written */
    bool whole = cJSON_IsRaw(item) ? !strpbrk(item->valuestring, ".eE") : number;
    char *printed = cJSON_PrintUnformatted(item);

    cJSON_AddStringToObject(object, "type",
                            truth    ? "bool"
                            : whole  ? "int"
                            : number ? "float"
                                     : "str");
    if (truth)
        cJSON_AddStringToObject(object, "value", cJSON_IsTrue(item) ? "True" : "False");
    else
        cJSON_AddStringToObject(object, "value",
                                cJSON_IsString(item) ? item->valuestring : printed);
    cJSON_free(printed);
    return object;
}

static void write_body_v1(const struct ask *ask, struct body *body)
{
    cJSON *plain = parameters(ask);
    cJSON *params = cJSON_CreateObject();

    for (const cJSON *item = plain->child; item; item = item->next)
        cJSON_AddItemToObject(params, item->string, typed(item));
    cJSON_Delete(plain);
    text_add_string(&body->head, "{\"instance\":\"");
    text_add_char(&body->tail, '"');
    finish_body(params, &body->tail);
}

/* --- Responses, read whole -------------------------------------------------------------------- */

static bool is_some_text(const cJSON *value, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(value, name);

    return cJSON_IsString(item) && item->valuestring[0] != '\0';
}

static void read_value(const cJSON *value, struct event *event)
{
    bool last = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(value, "is_last_response"));

    event->content = is_some_text(value, "stream_token");
    event->whole = is_some_text(value, "completion");
    event->done = event->has_usage = last;
    if (!last)
        return;
    event->usage = usage_read(value);
    event->alone = true;
    event->id[0] = '\0';
    payload_finish_reason(cJSON_GetObjectItemCaseSensitive(value, "stop_reason"),
                          event->finish_reason, sizeof event->finish_reason);
}

/* result.items[0].value in version 2, result.responses[0] in version 1. */
static const cJSON *find_value(const cJSON *line, const char *list, const char *member)
{
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(line, "result");
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(result, list), 0);

    return member ? cJSON_GetObjectItemCaseSensitive(first, member) : first;
}

static void read_line(const char *payload, size_t length, const char *list, const char *member,
                      struct event *event)
{
    cJSON *line = payload_parse(payload, length, event);
    const cJSON *value = find_value(line, list, member);

    if (!line)
        return;
    event->failed = payload_error(line, event->message, sizeof event->message);
    event->malformed = !event->failed && !cJSON_IsObject(value);
    if (event->malformed)
        payload_excerpt(payload, length, event->message, sizeof event->message);
    else if (!event->failed)
        read_value(value, event);
    cJSON_Delete(line);
}

static void read_event_v2(const char *payload, size_t length, struct event *event)
{
    read_line(payload, length, "items", "value", event);
}

static void read_event_v1(const char *payload, size_t length, struct event *event)
{
    read_line(payload, length, "responses", NULL, event);
}

/* The token, but the whole text where it comes at once. */
static void add_content(const char *payload, size_t length, const char *list, const char *member,
                        struct text *response)
{
    struct event event;
    cJSON *line = payload_parse(payload, length, &event);
    const cJSON *value = find_value(line, list, member);
    bool whole = response->length == 0 && is_some_text(value, "completion");

    payload_add_string(
        cJSON_GetObjectItemCaseSensitive(value, whole ? "completion" : "stream_token"), response);
    cJSON_Delete(line);
}

static void add_content_v2(const char *payload, size_t length, struct text *response)
{
    add_content(payload, length, "items", "value", response);
}

static void add_content_v1(const char *payload, size_t length, struct text *response)
{
    add_content(payload, length, "responses", NULL, response);
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

enum {
    LINE,
    ERROR,
    DETAIL,
    MESSAGE,
    RESULT,
    LIST,
    ITEM, /* in version 2 only */
    VALUE,
    TOKEN,
    COMPLETION,
    LAST,
    WANTS
};

#define WANTS_OF_LINE                                                                              \
    [ERROR] = SCAN_MEMBER(LINE, "error"), [DETAIL] = SCAN_MEMBER(LINE, "detail"),                  \
    [MESSAGE] = SCAN_MEMBER(LINE, "message"), [RESULT] = SCAN_MEMBER(LINE, "result")

#define WANTS_OF_VALUE                                                                             \
    [TOKEN] = SCAN_STRING(VALUE, "stream_token"), [COMPLETION] = SCAN_MEMBER(VALUE, "completion"), \
    [LAST] = SCAN_MEMBER(VALUE, "is_last_response")

static const struct scan_want wants_v2[WANTS] = {
    WANTS_OF_LINE,
    [LIST] = SCAN_MEMBER(RESULT, "items"),
    [ITEM] = SCAN_FIRST(LIST),
    [VALUE] = SCAN_MEMBER(ITEM, "value"),
    WANTS_OF_VALUE,
};

static const struct scan_want wants_v1[WANTS] = {
    WANTS_OF_LINE,
    [LIST] = SCAN_MEMBER(RESULT, "responses"),
    [VALUE] = SCAN_FIRST(LIST),
    WANTS_OF_VALUE,
};

/* What a line with a token says; not the last, which holds the measurements, and no error. */
static bool fast_parse_value(const struct scan_value *found, struct event *event)
{
    if (!scan_is_object(&found[VALUE]) || scan_is_true(&found[LAST]) ||
        !scan_is_nothing(&found[ERROR]) || scan_is_string(&found[DETAIL]) ||
        scan_is_string(&found[MESSAGE]))
        return false;
    event_reset(event);
    event->content = scan_is_some_text(&found[TOKEN]);
    event->whole = scan_is_some_text(&found[COMPLETION]);
    return true;
}

static bool fast_parse_event_v2(const char *payload, size_t length, struct scan_previous *before,
                                struct event *event)
{
    const struct scan_value *found = scan_like(before, payload, length, wants_v2, WANTS);

    return found && fast_parse_value(found, event);
}

static bool fast_parse_event_v1(const char *payload, size_t length, struct scan_previous *before,
                                struct event *event)
{
    const struct scan_value *found = scan_like(before, payload, length, wants_v1, WANTS);

    return found && fast_parse_value(found, event);
}

const struct dialect dialect_sambastudio_v2 = {
    .name = "sambastudio generic v2",
    .framing = STREAM_LINES,
    .fits = fits_v2,
    .names_model = names_model,
    .unnamed = unnamed,
    .chat_url = chat_url,
    .idle_url = idle_url,
    .key_header = key_header,
    .write_body = write_body_v2,
    .read_event = read_event_v2,
    .fast_parse_event = fast_parse_event_v2,
    .add_content = add_content_v2,
};

const struct dialect dialect_sambastudio_v1 = {
    .name = "sambastudio generic v1",
    .framing = STREAM_LINES,
    .fits = fits_v1,
    .names_model = names_model,
    .unnamed = unnamed,
    .chat_url = chat_url,
    .idle_url = idle_url,
    .key_header = key_header,
    .write_body = write_body_v1,
    .read_event = read_event_v1,
    .fast_parse_event = fast_parse_event_v1,
    .add_content = add_content_v1,
};
