#include "wire/openai.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "wire/delta.h"
#include "wire/finish.h"
#include "wire/json_scan.h"
#include "wire/payload.h"
#include "wire/usage.h"

static const char endpoint[] = "/chat/completions";

static bool speaks(const char *api, const char *address)
{
    return strcmp(api, "sambastudio") != 0 || strstr(address, "chat/completions");
}

static char *chat_url(const char *address)
{
    if (strstr(address, "chat/completions"))
        return memory_text(address);
    return memory_printf("%s%s", address, endpoint);
}

static char *models_url(const char *address)
{
    const char *at = strstr(address, endpoint);
    size_t base = at ? (size_t)(at - address) : strlen(address);

    return memory_printf("%.*s/models", (int)base, address);
}

/* Beside the /v1 root, as vLLM, SGLang, llama-server and TGI have it. */
static char *health_url(const char *address)
{
    static const char version[] = "/v1";
    const char *at = strstr(address, endpoint);
    size_t base = at ? (size_t)(at - address) : strlen(address), end = sizeof version - 1;

    if (base >= end && memcmp(address + base - end, version, end) == 0)
        base -= end;
    return memory_printf("%.*s/health", (int)base, address);
}

static char *key_header(const char *key)
{
    return memory_printf("Authorization: Bearer %s", key);
}

static void add_stream_options(cJSON *parameters, enum ask_usage usage)
{
    cJSON *options;

    if (usage == ASK_USAGE_NOT)
        return;
    options = cJSON_AddObjectToObject(parameters, "stream_options");
    cJSON_AddTrueToObject(options, "include_usage");
    if (usage == ASK_USAGE_EACH)
        cJSON_AddTrueToObject(options, "continuous_usage_stats");
}

/* What follows the messages: "max_tokens":…} with the user's sampling parameters. */
static void write_parameters(const struct ask *ask, struct text *tail)
{
    cJSON *parameters = cJSON_CreateObject();
    char *printed;

    cJSON_AddNumberToObject(parameters,
                            ask->output_tokens_as ? ask->output_tokens_as : "max_tokens",
                            (double)ask->output_tokens);
    cJSON_AddBoolToObject(parameters, "stream", !ask->whole);
    if (!ask->whole)
        add_stream_options(parameters, ask->usage);
    if (ask->ignore_eos)
        cJSON_AddTrueToObject(parameters, "ignore_eos");
    payload_merge(parameters, ask->sampling_params);
    printed = cJSON_PrintUnformatted(parameters);
    text_add_string(tail, printed + 1);
    cJSON_free(printed);
    cJSON_Delete(parameters);
}

static void write_body(const struct ask *ask, struct body *body)
{
    text_add_string(&body->head, "{\"model\":");
    text_add_json(&body->head, ask->model);
    text_add_string(&body->head, ",\"messages\":[{\"role\":\"user\",\"content\":");
    if (ask->image) {
        text_add_string(&body->head, "[{\"type\":\"text\",\"text\":\"");
        text_printf(&body->middle,
                    "\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:%s;base64,",
                    ask->image_type ? ask->image_type : "image/png");
        text_add_string(&body->tail, "\"}}]}],");
    } else {
        text_add_char(&body->head, '"');
        text_add_string(&body->tail, "\"}],");
    }
    write_parameters(ask, &body->tail);
}

/* --- Responses, read whole -------------------------------------------------------------------- */

static const cJSON *find_choice(const cJSON *chunk)
{
    const cJSON *choices = cJSON_GetObjectItemCaseSensitive(chunk, "choices");

    return cJSON_IsArray(choices) ? cJSON_GetArrayItem(choices, 0) : NULL;
}

/* How the choice ended, where it did; some routers put the error beside the reason. */
static void read_finish(const cJSON *choice, struct event *event)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(choice, "error");

    payload_finish_reason(cJSON_GetObjectItemCaseSensitive(choice, "finish_reason"),
                          event->finish_reason, sizeof event->finish_reason);
    if (finish_is_failure(event->finish_reason) && cJSON_IsObject(error) && !event->failed)
        event->failed = payload_error(choice, event->message, sizeof event->message);
}

/* `member` is what the choice says it in: "delta", in a page "message". */
static void read_choice(const cJSON *choice, const char *member, struct event *event,
                        struct text *text)
{
    struct delta_kinds kinds = delta_read(cJSON_GetObjectItemCaseSensitive(choice, member), text);

    event->content = kinds.content;
    event->reasoning = kinds.reasoning;
    read_finish(choice, event);
}

static void read_chunk(const cJSON *chunk, const char *member, struct event *event,
                       struct text *text)
{
    const cJSON *choice = find_choice(chunk);
    struct usage usage;

    event->failed = payload_error(chunk, event->message, sizeof event->message);
    event->has_usage = usage_read_chunk(chunk, &usage);
    if (event->has_usage) {
        event->usage = usage;
        event->id[0] = '\0';
        payload_word(cJSON_GetObjectItemCaseSensitive(chunk, "id"), event->id, sizeof event->id);
    }
    event->alone = choice == NULL;
    read_choice(choice, member, event, text);
}

static void read_event(const char *payload, size_t length, struct event *event)
{
    cJSON *chunk;

    event_reset(event);
    event->done = payload_is_word(payload, length, "[DONE]");
    if (event->done)
        return;
    chunk = payload_parse(payload, length, event);
    if (chunk && !cJSON_IsObject(chunk)) {
        event->malformed = true;
        payload_excerpt(payload, length, event->message, sizeof event->message);
    } else if (chunk) {
        read_chunk(chunk, "delta", event, NULL);
    }
    cJSON_Delete(chunk);
}

/* What servers that know no streams send: the choice holds a message. */
static bool read_page(const char *body, size_t length, struct event *event, struct text *response)
{
    cJSON *page = cJSON_ParseWithLength(body, length);

    event_reset(event);
    if (cJSON_GetObjectItemCaseSensitive(find_choice(page), "message"))
        read_chunk(page, "message", event, response);
    cJSON_Delete(page);
    return !event->failed && (event->content || event->reasoning);
}

static void add_content(const char *payload, size_t length, struct text *response)
{
    struct event event;
    cJSON *chunk = payload_parse(payload, length, &event);

    delta_read(cJSON_GetObjectItemCaseSensitive(find_choice(chunk), "delta"), response);
    cJSON_Delete(chunk);
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

/* Reports beside `usage` (wire/usage.h), and what says something without being a string
 * (wire/delta.h). */
static const char *const rare_in_chunk_names[] = {
    "x_groq", "timings", "details", "prompt_eval_count", "eval_count", "load_duration",
};
static const struct scan_rare rare_in_chunk = {
    SCAN_LENGTH("x_groq") | SCAN_LENGTH("timings") | SCAN_LENGTH("details") |
        SCAN_LENGTH("prompt_eval_count") | SCAN_LENGTH("eval_count") | SCAN_LENGTH("load_duration"),
    sizeof rare_in_chunk_names / sizeof *rare_in_chunk_names,
    rare_in_chunk_names,
};
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
    [CHUNK] = SCAN_WHOLE(&rare_in_chunk),
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

/* False where the word names no reason, or one that read_event has to look at. */
static bool fast_parse_finish(const struct scan_value *reason, struct event *event)
{
    if (!scan_is_some_text(reason))
        return true;
    return payload_copy_word(reason, event->finish_reason, sizeof event->finish_reason) &&
           finish_is_real(event->finish_reason) && !finish_is_failure(event->finish_reason);
}

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
    return fast_parse_finish(&found[FINISH_REASON], event);
}

/* --- Whose chunk it is ------------------------------------------------------------------------ */

static bool is_some_text(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(item) && item->valuestring[0] != '\0';
}

static bool names_itself(const char *payload, size_t length)
{
    cJSON *chunk = cJSON_ParseWithLength(payload, length);
    const cJSON *choices = cJSON_GetObjectItemCaseSensitive(chunk, "choices");
    bool named = cJSON_IsArray(choices) && choices->child &&
                 (is_some_text(chunk, "id") || is_some_text(chunk, "model"));

    cJSON_Delete(chunk);
    return named;
}

static bool identifies(const char *payload, size_t length)
{
    enum { ID = 1, MODEL, CHOICE_LIST, FIRST_CHOICE, NAMES };
    static const struct scan_want names[NAMES] = {
        [ID] = SCAN_MEMBER(CHUNK, "id"),
        [MODEL] = SCAN_MEMBER(CHUNK, "model"),
        [CHOICE_LIST] = SCAN_MEMBER(CHUNK, "choices"),
        [FIRST_CHOICE] = SCAN_FIRST(CHOICE_LIST),
    };
    struct scan_value found[NAMES];

    if (!json_scan(payload, length, names, NAMES, found))
        return names_itself(payload, length);
    return found[FIRST_CHOICE].at &&
           (scan_is_some_text(&found[ID]) || scan_is_some_text(&found[MODEL]));
}

const struct dialect dialect_openai = {
    .name = "openai",
    .framing = STREAM_EVENTS,
    .images = true,
    .asks_ignore_eos = true,
    .speaks = speaks,
    .chat_url = chat_url,
    .models_url = models_url,
    .count_endpoints = count_endpoints,
    .health_url = health_url,
    .idle_url = models_url,
    .key_header = key_header,
    .write_body = write_body,
    .read_event = read_event,
    .read_page = read_page,
    .fast_parse_event = fast_parse_event,
    .identifies = identifies,
    .add_content = add_content,
};
