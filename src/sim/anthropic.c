/* Anthropic's Messages API (docs.anthropic.com/en/api/messages and messages-streaming): POST
 * /v1/messages with x-api-key and anthropic-version; blocks of thinking and text; cumulative usage
 * in message_delta. The prompt's tokens are those that no cache took part in and those read from
 * it. */
#include <cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "sim/anthropic.h"
#include "sim/dialect.h"
#include "sim/openai.h"
#include "sim/openai_parts.h"

const char *sim_anthropic_key(const struct http_request *request)
{
    return *request->api_key ? request->api_key : sim_bearer_key(request);
}

static bool accepts(const struct http_request *request, struct refusal *refusal)
{
    return request->has_version || refuse(refusal, 400, "invalid_request_error", NULL,
                                          "anthropic-version: header is required");
}

/* --- What is asked ---------------------------------------------------------------------------- */

static bool read_block(const cJSON *block, struct question *question, struct refusal *refusal)
{
    const char *type = cJSON_GetStringValue(question_member(block, "type"));
    const char *text = cJSON_GetStringValue(question_member(block, "text"));
    const cJSON *source = question_member(block, "source");
    const char *media = cJSON_GetStringValue(question_member(source, "media_type"));
    const char *data = cJSON_GetStringValue(question_member(source, "data"));

    if (type && strcmp(type, "text") == 0 && text)
        question_add_text(text, question);
    else if (type && strcmp(type, "image") == 0 && media && data)
        question_add_image(data, question);
    else
        return question_wrong_type(refusal, "messages",
                                   "blocks of {type: text, text} or {type: image, source: {type: "
                                   "base64, media_type, data}}");
    return true;
}

static bool read_content(const cJSON *content, struct question *question, struct refusal *refusal)
{
    const cJSON *block;

    if (cJSON_IsString(content)) {
        question_add_text(content->valuestring, question);
        return true;
    }
    if (cJSON_GetArraySize(content) == 0)
        return question_wrong_type(refusal, "messages", "a list of {role, content}");
    cJSON_ArrayForEach(block, content)
    {
        if (!read_block(block, question, refusal))
            return false;
    }
    return true;
}

bool sim_anthropic_read_prompt(const struct node_file *file, const cJSON *body,
                               struct question *question, struct refusal *refusal)
{
    const cJSON *messages = question_member(body, "messages"), *message;
    const char *system = cJSON_GetStringValue(question_member(body, "system"));

    if (!openai_read_expert(file, body, question, refusal))
        return false;
    if (!cJSON_IsArray(messages) || cJSON_GetArraySize(messages) == 0)
        return question_wrong_type(refusal, "messages", "a list of at least one {role, content}");
    question_begin_prompt(file, true, question);
    if (system)
        question_add_text(system, question);
    cJSON_ArrayForEach(message, messages)
    {
        const char *role = cJSON_GetStringValue(question_member(message, "role"));

        if (!role)
            return question_wrong_type(refusal, "messages", "a list of {role, content}");
        if (!read_content(question_member(message, "content"), question, refusal))
            return false;
    }
    return true;
}

/* Unlike others, Anthropic wants to be told how many tokens. */
static bool read_question(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    const cJSON *tokens = question_member(body, "max_tokens");

    if (!tokens)
        return refuse(refusal, 400, "missing_field", "max_tokens", "max_tokens: Field required");
    return question_read_truth(body, "stream", false, &question->stream, refusal) &&
           question_read_max_tokens(tokens, "max_tokens", question, refusal) &&
           sim_anthropic_read_prompt(file, body, question, refusal) &&
           question_choose_tier("messages", question, refusal);
}

/* --- What is sent ----------------------------------------------------------------------------- */

/* The counts when so many tokens are out. */
static void add_usage(struct text *json, const struct token_text *token_text, int64_t tokens)
{
    const struct node_request *request = token_text->request;
    int64_t reasoning = sim_reasoning_tokens(token_text);

    if (sim_manner(token_text)->usage == BUNDLE_USAGE_NEVER) {
        text_add_string(json, "\"usage\":{}");
        return;
    }
    text_printf(json,
                "\"usage\":{\"input_tokens\":%" PRId64 ",\"cache_creation_input_tokens\":0,"
                "\"cache_read_input_tokens\":%" PRId64 ",\"output_tokens\":%" PRId64
                ",\"output_tokens_details\":{\"thinking_tokens\":%" PRId64 "}}",
                request->prompt_tokens - request->cached_tokens, request->cached_tokens, tokens,
                tokens < reasoning ? tokens : reasoning);
}

static const char *stop_reason(const struct token_text *token_text)
{
    return sim_manner(token_text)->no_finish_reason ? "null" : "\"max_tokens\"";
}

/* A message as it begins, its content left open. */
static void add_message(struct text *json, const struct token_text *token_text)
{
    text_printf(json, "{\"id\":\"%s\",\"type\":\"message\",\"role\":\"assistant\",\"model\":",
                token_text->id);
    text_add_json(json, token_text->request->expert->name);
    text_add_string(json, ",\"content\":[");
}

static void add_start(struct text *event, const struct token_text *token_text)
{
    text_add_string(event, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
    add_message(event, token_text);
    text_add_string(event, "],\"stop_reason\":null,\"stop_sequence\":null,");
    add_usage(event, token_text, 1);
    text_add_string(event, "}}\n\n");
}

/* Which block token `k` is in: thinking is the first where there is any. */
static int block_of(const struct token_text *token_text, int64_t k)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);

    return reasoning > 0 && k >= reasoning;
}

static void stop_block(struct text *event, int block)
{
    text_printf(event,
                "event: content_block_stop\n"
                "data: {\"type\":\"content_block_stop\",\"index\":%d}\n\n",
                block);
}

static void start_block(struct text *event, int block, bool reasons)
{
    text_printf(event,
                "event: content_block_start\n"
                "data: {\"type\":\"content_block_start\",\"index\":%d,\"content_block\":%s}\n\n",
                block,
                reasons ? "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"
                        : "{\"type\":\"text\",\"text\":\"\"}");
}

static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);
    bool reasons = first < reasoning;
    int block = block_of(token_text, first);

    if (first == 0)
        add_start(event, token_text);
    else if (first == reasoning)
        stop_block(event, block - 1);
    if (first == 0 || first == reasoning)
        start_block(event, block, reasons);
    text_printf(event,
                "event: content_block_delta\n"
                "data: {\"type\":\"content_block_delta\",\"index\":%d,\"delta\":{\"type\":\"%s\",",
                block, reasons ? "thinking_delta" : "text_delta");
    sim_add_words(event, token_text, reasons ? "thinking" : "text", first, count);
    text_add_string(event, "}}\n\n");
}

static void add_last(struct text *event, const struct token_text *token_text)
{
    text_printf(event,
                "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"
                "{\"stop_reason\":%s,\"stop_sequence\":null},",
                stop_reason(token_text));
    add_usage(event, token_text, token_text->request->completion_tokens);
    text_add_string(event, "}\n\n");
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    if (k == 0)
        stop_block(event, block_of(token_text, token_text->request->completion_tokens - 1));
    else if (k == 1)
        add_last(event, token_text);
    else if (k == 2 && !sim_manner(token_text)->no_done)
        text_add_string(event, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    else
        return false;
    return true;
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);

    add_message(json, token_text);
    if (reasoning > 0) {
        text_add_string(json, "{\"type\":\"thinking\",\"signature\":\"\",");
        sim_add_words(json, token_text, "thinking", 0, reasoning);
        text_add_string(json, "},");
    }
    text_add_string(json, "{\"type\":\"text\",");
    sim_add_words(json, token_text, "text", reasoning,
                  token_text->request->completion_tokens - reasoning);
    text_printf(json, "}],\"stop_reason\":%s,\"stop_sequence\":null,", stop_reason(token_text));
    add_usage(json, token_text, token_text->request->completion_tokens);
    text_add_char(json, '}');
}

static const char *error_type(int status)
{
    static const struct {
        int status;
        const char *type;
    } types[] = {
        {401, "authentication_error"}, {403, "permission_error"}, {404, "not_found_error"},
        {413, "request_too_large"},    {429, "rate_limit_error"}, {529, "overloaded_error"},
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].status == status)
            return types[i].type;
    }
    return status >= 500 ? "api_error" : "invalid_request_error";
}

static void add_refusal(struct text *json, const struct refusal *refusal)
{
    text_printf(json, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":",
                error_type(refusal->status));
    text_add_json(json, refusal->message);
    text_add_string(json, "}}");
}

static const char *const fields[] = {
    "model", "messages", "max_tokens", "stream",      "system",   "stop_sequences", "temperature",
    "top_p", "top_k",    "tools",      "tool_choice", "metadata", "thinking",       NULL,
};

const struct sim_dialect sim_anthropic = {
    .api = "anthropic",
    .path = "/v1/messages",
    .stream_type = "text/event-stream; charset=utf-8",
    .key_form = "x-api-key: KEY or Authorization: Bearer KEY",
    .fields = fields,
    .event_start = "data: ",
    .error_start = "event: error\ndata: ",
    .event_end = "\n\n",
    .comment = "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    .key = sim_anthropic_key,
    .accepts = accepts,
    .read = read_question,
    .add_tokens = add_tokens,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = add_refusal,
};
