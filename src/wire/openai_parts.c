#include "wire/openai_parts.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "wire/finish.h"
#include "wire/payload.h"
#include "wire/usage.h"

/* --- Bodies ----------------------------------------------------------------------------------- */

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

void openai_write_parameters(const struct ask *ask, struct text *tail)
{
    cJSON *parameters = cJSON_CreateObject();

    cJSON_AddNumberToObject(parameters,
                            ask->output_tokens_as ? ask->output_tokens_as : "max_tokens",
                            (double)ask->output_tokens);
    cJSON_AddBoolToObject(parameters, "stream", !ask->whole);
    if (!ask->whole)
        add_stream_options(parameters, ask->usage);
    if (ask->ignore_eos)
        cJSON_AddTrueToObject(parameters, "ignore_eos");
    payload_add_parameters(parameters, ask->sampling_params, tail);
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

static void read_chunk(const cJSON *chunk, openai_read_choice *read, struct event *event,
                       struct text *text)
{
    const cJSON *choice = find_choice(chunk);
    struct delta_kinds kinds;
    struct usage usage;

    event->failed = payload_error(chunk, event->message, sizeof event->message);
    event->has_usage = usage_read_chunk(chunk, &usage);
    if (event->has_usage) {
        event->usage = usage;
        event->id[0] = '\0';
        payload_word(cJSON_GetObjectItemCaseSensitive(chunk, "id"), event->id, sizeof event->id);
    }
    event->alone = choice == NULL;
    kinds = read(choice, text);
    event->content = kinds.content;
    event->reasoning = kinds.reasoning;
    read_finish(choice, event);
}

void openai_read_event(const char *payload, size_t length, openai_read_choice *read,
                       struct event *event)
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
        read_chunk(chunk, read, event, NULL);
    }
    cJSON_Delete(chunk);
}

bool openai_read_page(const char *body, size_t length, const char *member, openai_read_choice *read,
                      struct event *event, struct text *response)
{
    cJSON *page = payload_read(body, length);

    event_reset(event);
    if (cJSON_GetObjectItemCaseSensitive(find_choice(page), member))
        read_chunk(page, read, event, response);
    cJSON_Delete(page);
    return !event->failed && (event->content || event->reasoning);
}

void openai_add_content(const char *payload, size_t length, openai_read_choice *read,
                        struct text *response)
{
    struct event event;
    cJSON *chunk = payload_parse(payload, length, &event);

    read(find_choice(chunk), response);
    cJSON_Delete(chunk);
}

/* --- Responses, parsed fast ------------------------------------------------------------------- */

static const char *const rare_in_chunk_names[] = {
    "x_groq", "timings", "details", "prompt_eval_count", "eval_count", "load_duration",
};

const struct scan_rare openai_rare_in_chunk = {
    SCAN_LENGTH("x_groq") | SCAN_LENGTH("timings") | SCAN_LENGTH("details") |
        SCAN_LENGTH("prompt_eval_count") | SCAN_LENGTH("eval_count") | SCAN_LENGTH("load_duration"),
    sizeof rare_in_chunk_names / sizeof *rare_in_chunk_names,
    rare_in_chunk_names,
};

bool openai_fast_parse_finish(const struct scan_value *reason, struct event *event)
{
    if (!scan_is_some_text(reason))
        return true;
    return payload_copy_word(reason, event->finish_reason, sizeof event->finish_reason) &&
           finish_is_real(event->finish_reason) && !finish_is_failure(event->finish_reason);
}

/* --- Whose chunk it is ------------------------------------------------------------------------ */

static bool is_some_text(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(item) && item->valuestring[0] != '\0';
}

static bool names_itself(const char *payload, size_t length)
{
    cJSON *chunk = payload_read(payload, length);
    const cJSON *choices = cJSON_GetObjectItemCaseSensitive(chunk, "choices");
    bool named = cJSON_IsArray(choices) && choices->child &&
                 (is_some_text(chunk, "id") || is_some_text(chunk, "model"));

    cJSON_Delete(chunk);
    return named;
}

bool openai_identifies(const char *payload, size_t length)
{
    enum { CHUNK, ID, MODEL, CHOICE_LIST, FIRST_CHOICE, NAMES };
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
