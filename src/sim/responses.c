/* OpenAI's Responses API (platform.openai.com/docs/api-reference/responses and
 * responses-streaming): POST /v1/responses, typed events that are numbered. Usage is always
 * reported at the end, unless the server's manner is to report none. */
#include <cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "sim/dialect.h"
#include "sim/openai.h"
#include "sim/openai_parts.h"

/* --- What is asked ---------------------------------------------------------------------------- */

static bool read_part(const cJSON *part, struct question *question, struct refusal *refusal)
{
    const char *type = cJSON_GetStringValue(question_member(part, "type"));
    const char *text = cJSON_GetStringValue(question_member(part, "text"));
    const char *url = cJSON_GetStringValue(question_member(part, "image_url"));

    if (type && strcmp(type, "input_text") == 0 && text)
        question_add_text(text, question);
    else if (type && strcmp(type, "input_image") == 0 && url)
        question_add_image(url, question);
    else
        return question_wrong_type(
            refusal, "input",
            "contents of {type: input_text, text} or {type: input_image, image_url}");
    return true;
}

static bool read_item(const cJSON *item, struct question *question, struct refusal *refusal)
{
    const cJSON *content = question_member(item, "content"), *part;

    if (!cJSON_IsString(question_member(item, "role")) ||
        !(cJSON_IsString(content) || cJSON_IsArray(content)))
        return question_wrong_type(refusal, "input", "a text, or a list of {role, content}");
    if (cJSON_IsString(content))
        question_add_text(content->valuestring, question);
    cJSON_ArrayForEach(part, content)
    {
        if (!read_part(part, question, refusal))
            return false;
    }
    return true;
}

static bool read_input(const struct node_file *file, const cJSON *body, struct question *question,
                       struct refusal *refusal)
{
    const cJSON *input = question_member(body, "input"), *item;
    const char *instructions = cJSON_GetStringValue(question_member(body, "instructions"));

    if (!cJSON_IsString(input) && cJSON_GetArraySize(input) == 0)
        return question_wrong_type(refusal, "input", "a text, or a list of {role, content}");
    question_begin_prompt(file, true, question);
    if (instructions)
        question_add_text(instructions, question);
    if (cJSON_IsString(input))
        question_add_text(input->valuestring, question);
    cJSON_ArrayForEach(item, input)
    {
        if (!read_item(item, question, refusal))
            return false;
    }
    return true;
}

static bool read_question(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    static const char tokens[] = "max_output_tokens";

    return openai_read_expert(file, body, question, refusal) &&
           question_read_truth(body, "stream", false, &question->stream, refusal) &&
           question_read_max_tokens(question_member(body, tokens), tokens, question, refusal) &&
           read_input(file, body, question, refusal) &&
           question_choose_tier("input", question, refusal);
}

/* --- The response ----------------------------------------------------------------------------- */

static void add_usage(struct text *json, const struct token_text *token_text)
{
    const struct node_request *request = token_text->request;

    if (sim_manner(token_text)->usage == BUNDLE_USAGE_NEVER) {
        text_add_string(json, "null");
        return;
    }
    text_printf(
        json,
        "{\"input_tokens\":%" PRId64 ",\"input_tokens_details\":{\"cached_tokens\":%" PRId64
        "},\"output_tokens\":%" PRId64 ",\"output_tokens_details\":{\"reasoning_tokens\":%" PRId64
        "},\"total_tokens\":%" PRId64 "}",
        request->prompt_tokens, request->cached_tokens, request->completion_tokens,
        sim_reasoning_tokens(token_text), request->prompt_tokens + request->completion_tokens);
}

/* The item of reasoning: what it is, and `content`, which is its text in quotes or nothing. */
static void add_reasoning_item(struct text *json, const struct token_text *token_text, bool filled)
{
    text_printf(json, "{\"type\":\"reasoning\",\"id\":\"rs_%s\",\"summary\":[],\"content\":[",
                token_text->id);
    if (filled) {
        text_add_string(json, "{\"type\":\"reasoning_text\",");
        sim_add_words(json, token_text, "text", 0, sim_reasoning_tokens(token_text));
        text_add_char(json, '}');
    }
    text_add_string(json, "]}");
}

static void add_text_part(struct text *json, const struct token_text *token_text, bool filled)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);

    text_add_string(json, "{\"type\":\"output_text\",\"annotations\":[],");
    sim_add_words(json, token_text, "text", reasoning,
                  filled ? token_text->request->completion_tokens - reasoning : 0);
    text_add_char(json, '}');
}

static const char *final_status(const struct token_text *token_text)
{
    return sim_manner(token_text)->always_completed ? "completed" : "incomplete";
}

static void add_message_item(struct text *json, const struct token_text *token_text, bool filled)
{
    text_printf(json,
                "{\"type\":\"message\",\"id\":\"msg_%s\",\"status\":\"%s\","
                "\"role\":\"assistant\",\"content\":[",
                token_text->id, filled ? final_status(token_text) : "in_progress");
    if (filled)
        add_text_part(json, token_text, true);
    text_add_string(json, "]}");
}

static void add_output(struct text *json, const struct token_text *token_text)
{
    if (sim_reasoning_tokens(token_text) > 0) {
        add_reasoning_item(json, token_text, true);
        text_add_char(json, ',');
    }
    add_message_item(json, token_text, true);
}

/* As it begins, or as it ends: by its length, as all of the simulator's do. */
static void add_response(struct text *json, const struct token_text *token_text, bool ended)
{
    const struct bundle_behaviour *behaviour = sim_manner(token_text);
    bool says_why = ended && !behaviour->no_finish_reason && !behaviour->always_completed;

    text_printf(json,
                "{\"id\":\"%s\",\"object\":\"response\",\"created_at\":%" PRId64
                ",\"status\":\"%s\",\"error\":null,\"incomplete_details\":%s,"
                "\"instructions\":null,\"metadata\":{},\"parallel_tool_calls\":true,"
                "\"temperature\":1,\"tool_choice\":\"auto\",\"tools\":[],\"top_p\":1,\"model\":",
                token_text->id, token_text->created_s,
                ended ? final_status(token_text) : "in_progress",
                says_why ? "{\"reason\":\"max_output_tokens\"}" : "null");
    text_add_json(json, token_text->request->expert->name);
    text_add_string(json, ",\"output\":[");
    if (ended)
        add_output(json, token_text);
    text_add_string(json, "],\"usage\":");
    if (ended)
        add_usage(json, token_text);
    else
        text_add_string(json, "null");
    text_add_char(json, '}');
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    add_response(json, token_text, true);
}

/* --- Events ----------------------------------------------------------------------------------- */

/* Numbers of events: of the tokens, those of the tokens themselves, behind these many. */
enum { BEFORE_TOKENS = 8, BETWEEN = 4 };

static void begin(struct text *event, const char *type, int64_t number)
{
    text_printf(event, "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%" PRId64, type, type,
                number);
}

static void finish(struct text *event)
{
    text_add_string(event, "}\n\n");
}

static void add_state(struct text *event, const struct token_text *token_text, const char *type,
                      int64_t number, bool ended)
{
    begin(event, type, number);
    text_add_string(event, ",\"response\":");
    add_response(event, token_text, ended);
    if (ended)
        sim_openai_add_timings(event, token_text);
    finish(event);
}

static void add_item(struct text *event, const struct token_text *token_text, const char *type,
                     bool reasons, bool filled, int64_t number)
{
    begin(event, type, number);
    text_printf(event,
                ",\"output_index\":%d,\"item\":", !reasons && sim_reasoning_tokens(token_text) > 0);
    (reasons ? add_reasoning_item : add_message_item)(event, token_text, filled);
    finish(event);
}

/* The members that say where a text belongs. */
static void add_place(struct text *event, const struct token_text *token_text, bool reasons)
{
    text_printf(event, ",\"item_id\":\"%s_%s\",\"output_index\":%d,\"content_index\":0",
                reasons ? "rs" : "msg", token_text->id,
                !reasons && sim_reasoning_tokens(token_text) > 0);
}

static void add_part(struct text *event, const struct token_text *token_text, const char *type,
                     bool filled, int64_t number)
{
    begin(event, type, number);
    add_place(event, token_text, false);
    text_add_string(event, ",\"part\":");
    add_text_part(event, token_text, filled);
    finish(event);
}

/* Opens the item that token `first` is the first of, behind what was before it. */
static void open_item(struct text *event, const struct token_text *token_text, int64_t first,
                      bool reasons)
{
    if (first == 0) {
        add_state(event, token_text, "response.created", 0, false);
        add_state(event, token_text, "response.in_progress", 1, false);
    } else {
        add_item(event, token_text, "response.output_item.done", true, true, BEFORE_TOKENS + first);
    }
    add_item(event, token_text, "response.output_item.added", reasons, false,
             first == 0 ? 2 : BEFORE_TOKENS + first + 1);
    if (!reasons)
        add_part(event, token_text, "response.content_part.added", false,
                 first == 0 ? 3 : BEFORE_TOKENS + first + 2);
}

static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);
    bool reasons = first < reasoning;

    if (first == 0 || first == reasoning)
        open_item(event, token_text, first, reasons);
    begin(event, reasons ? "response.reasoning_text.delta" : "response.output_text.delta",
          BEFORE_TOKENS + first + (reasons ? 0 : BETWEEN));
    add_place(event, token_text, reasons);
    if (!reasons)
        text_add_string(event, ",\"logprobs\":[]");
    text_add_char(event, ',');
    sim_add_words(event, token_text, "delta", first, count);
    finish(event);
}

static void add_text_done(struct text *event, const struct token_text *token_text, int64_t number)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);

    begin(event, "response.output_text.done", number);
    add_place(event, token_text, false);
    text_add_string(event, ",\"logprobs\":[],");
    sim_add_words(event, token_text, "text", reasoning,
                  token_text->request->completion_tokens - reasoning);
    finish(event);
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    int64_t number = BEFORE_TOKENS + BETWEEN + token_text->request->completion_tokens + k;
    bool has_text = token_text->request->completion_tokens > sim_reasoning_tokens(token_text);

    if (k == 0 && has_text)
        add_text_done(event, token_text, number);
    else if (k == 1 && has_text)
        add_part(event, token_text, "response.content_part.done", true, number);
    else if (k <= 2)
        add_item(event, token_text, "response.output_item.done", !has_text, true, number);
    else if (k == 3 && !sim_manner(token_text)->no_done)
        add_state(event, token_text,
                  sim_manner(token_text)->always_completed ? "response.completed"
                                                           : "response.incomplete",
                  number, true);
    else
        return false;
    return true;
}

static void add_failure(struct text *json, const struct refusal *refusal)
{
    text_printf(json, "{\"type\":\"error\",\"sequence_number\":0,\"code\":\"%s\",\"message\":",
                refusal->code);
    text_add_json(json, refusal->message);
    text_add_string(json, ",\"param\":null}");
}

static const char *const fields[] = {
    "model",
    "input",
    "max_output_tokens",
    "stream",
    "instructions",
    "temperature",
    "top_p",
    "reasoning",
    "store",
    "tools",
    "tool_choice",
    "metadata",
    "text",
    "include",
    "truncation",
    "user",
    "parallel_tool_calls",
    NULL,
};

const struct sim_dialect sim_responses = {
    .api = "openai-responses",
    .path = "/v1/responses",
    .stream_type = "text/event-stream; charset=utf-8",
    .key_form = "Authorization: Bearer KEY",
    .fields = fields,
    .event_start = "data: ",
    .error_start = "event: error\ndata: ",
    .event_end = "\n\n",
    .comment = ": keep-alive\n\n",
    .key = sim_bearer_key,
    .read = read_question,
    .add_tokens = add_tokens,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_failure = add_failure,
    .add_refusal = sim_openai_add_refusal,
};
