#include "wire/openai.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "wire/answer.h"
#include "wire/usage.h"
#include "wire/walk.h"

static const char door[] = "/chat/completions";

static bool speaks(const char *api, const char *address)
{
    return strcmp(api, "sambastudio") != 0 || strstr(address, "chat/completions");
}

static char *chat_url(const char *address)
{
    if (strstr(address, "chat/completions"))
        return memory_text(address);
    return memory_printf("%s%s", address, door);
}

static char *models_url(const char *address)
{
    const char *at = strstr(address, door);
    size_t base = at ? (size_t)(at - address) : strlen(address);

    return memory_printf("%.*s/models", (int)base, address);
}

static char *key_header(const char *key)
{
    return memory_printf("Authorization: Bearer %s", key);
}

/* What follows the messages: "max_tokens":…} with the user's sampling parameters. */
static void write_parameters(const struct ask *ask, struct text *tail)
{
    cJSON *parameters = cJSON_CreateObject();
    cJSON *options;
    char *printed;

    cJSON_AddNumberToObject(parameters, "max_tokens", (double)ask->output_tokens);
    cJSON_AddTrueToObject(parameters, "stream");
    options = cJSON_AddObjectToObject(parameters, "stream_options");
    cJSON_AddTrueToObject(options, "include_usage");
    if (ask->ignore_eos)
        cJSON_AddTrueToObject(parameters, "ignore_eos");
    answer_merge(parameters, ask->sampling_params);
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

/* --- Answers, read whole --------------------------------------------------------------------- */

static bool is_some_text(const cJSON *delta, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(delta, name);

    return cJSON_IsString(item) && item->valuestring[0] != '\0';
}

static void read_choice(const cJSON *choice, struct event *event)
{
    const cJSON *delta = cJSON_GetObjectItemCaseSensitive(choice, "delta");

    event->content = is_some_text(delta, "content");
    event->reasoning = is_some_text(delta, "reasoning") || is_some_text(delta, "reasoning_content");
    answer_word(cJSON_GetObjectItemCaseSensitive(choice, "finish_reason"), event->finish_reason,
                sizeof event->finish_reason);
}

static void read_chunk(const cJSON *chunk, struct event *event)
{
    const cJSON *usage = cJSON_GetObjectItemCaseSensitive(chunk, "usage");
    const cJSON *choices = cJSON_GetObjectItemCaseSensitive(chunk, "choices");

    event->failed = answer_error(chunk, event->message, sizeof event->message);
    event->has_usage = cJSON_IsObject(usage);
    if (event->has_usage) {
        event->usage = usage_read(usage);
        event->id[0] = '\0';
        answer_word(cJSON_GetObjectItemCaseSensitive(chunk, "id"), event->id, sizeof event->id);
    }
    if (cJSON_IsArray(choices))
        read_choice(cJSON_GetArrayItem(choices, 0), event);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Whether the payload is that word, blanks around it or not. */
static bool is_word(const char *payload, size_t length, const char *word)
{
    for (; length > 0 && is_blank(*payload); payload++)
        length--;
    while (length > 0 && is_blank(payload[length - 1]))
        length--;
    return length == strlen(word) && memcmp(payload, word, length) == 0;
}

static void read_event(const char *payload, size_t length, struct event *event)
{
    cJSON *chunk;

    event_reset(event);
    if (length > 0 && payload[0] == ':') /* a keep-alive comment that some proxies send as data */
        return;
    if (is_word(payload, length, "[DONE]")) {
        event->done = true;
        return;
    }
    if (is_word(payload, length, ""))
        return;
    chunk = cJSON_ParseWithLength(payload, length);
    event->malformed = !cJSON_IsObject(chunk);
    if (event->malformed)
        answer_excerpt(payload, length, event->message, sizeof event->message);
    else
        read_chunk(chunk, event);
    cJSON_Delete(chunk);
}

/* What servers that know no streams answer: the choice holds a message. */
static bool read_page(const char *body, size_t length, struct event *event, struct text *answer)
{
    cJSON *page = cJSON_ParseWithLength(body, length);
    const cJSON *choices = cJSON_GetObjectItemCaseSensitive(page, "choices");
    const cJSON *choice = cJSON_IsArray(choices) ? cJSON_GetArrayItem(choices, 0) : NULL;
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(choice, "message");

    event_reset(event);
    if (message) {
        read_chunk(page, event);
        event->content = is_some_text(message, "content");
        event->reasoning =
            is_some_text(message, "reasoning") || is_some_text(message, "reasoning_content");
        answer_add_string(cJSON_GetObjectItemCaseSensitive(message, "content"), answer);
    }
    cJSON_Delete(page);
    return !event->failed && (event->content || event->reasoning);
}

static void add_content(const char *payload, size_t length, struct text *answer)
{
    cJSON *chunk = cJSON_ParseWithLength(payload, length);
    const cJSON *choices = cJSON_GetObjectItemCaseSensitive(chunk, "choices");
    const cJSON *choice = cJSON_IsArray(choices) ? cJSON_GetArrayItem(choices, 0) : NULL;
    const cJSON *delta = cJSON_GetObjectItemCaseSensitive(choice, "delta");

    answer_add_string(cJSON_GetObjectItemCaseSensitive(delta, "content"), answer);
    cJSON_Delete(chunk);
}

/* --- Answers, skimmed ------------------------------------------------------------------------ */

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

static const struct walk_want wants[WANTS] = {
    [CHOICES] = WALK_MEMBER(CHUNK, "choices"),
    [USAGE] = WALK_MEMBER(CHUNK, "usage"),
    [ERROR] = WALK_MEMBER(CHUNK, "error"),
    [CHOICE] = WALK_FIRST(CHOICES),
    [DELTA] = WALK_MEMBER(CHOICE, "delta"),
    [FINISH_REASON] = WALK_MEMBER(CHOICE, "finish_reason"),
    [CONTENT] = WALK_STRING(DELTA, "content"),
    [REASONING] = WALK_STRING(DELTA, "reasoning"),
    [REASONING_CONTENT] = WALK_STRING(DELTA, "reasoning_content"),
};

/* A chunk with choices, without error or usage: nearly every event of an answer. */
static bool skim_event(const char *payload, size_t length, struct walk_before *before,
                       struct event *event)
{
    struct walk_value found[WANTS];

    if (!walk_like(before, payload, length, wants, WANTS, found) || !found[CHOICES].at ||
        !walk_is_nothing(&found[ERROR]) || walk_is_object(&found[USAGE]))
        return false;
    event_reset(event);
    event->content = walk_is_some_text(&found[CONTENT]);
    event->reasoning =
        walk_is_some_text(&found[REASONING]) || walk_is_some_text(&found[REASONING_CONTENT]);
    return answer_copy_word(&found[FINISH_REASON], event->finish_reason,
                            sizeof event->finish_reason);
}

const struct dialect dialect_openai = {
    .name = "openai",
    .framing = STREAM_EVENTS,
    .images = true,
    .speaks = speaks,
    .chat_url = chat_url,
    .models_url = models_url,
    .count_doors = count_doors,
    .idle_url = models_url,
    .key_header = key_header,
    .write_body = write_body,
    .read_event = read_event,
    .read_page = read_page,
    .skim_event = skim_event,
    .add_content = add_content,
};
