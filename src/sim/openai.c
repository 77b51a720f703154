/* The OpenAI-compatible dialect (formats.md, 4a): POST /v1/chat/completions, server-sent events,
 * and SambaNova's own measurements in `usage`. */
#include <inttypes.h>
#include <string.h>

#include "sim/behaviour.h"
#include "sim/dialect.h"
#include "sim/openai.h"

static bool matches(const char *path, bool *stream)
{
    (void)stream; /* the body says it */
    return strcmp(path, "/v1/chat/completions") == 0;
}

static const char *borne_key(const struct http_request *request)
{
    static const char scheme[] = "Bearer ";
    const size_t length = sizeof scheme - 1;

    return strncmp(request->authorization, scheme, length) == 0 ? request->authorization + length
                                                                : NULL;
}

/* --- What is sent ----------------------------------------------------------------------------- */

/* The members that every object of a response begins with. */
static void add_head(struct text *json, const struct token_text *token_text, const char *object)
{
    text_printf(json, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%" PRId64 ",\"model\":",
                token_text->id, object, token_text->created_s);
    text_add_json(json, token_text->request->expert->name);
    text_add_string(json, ",\"system_fingerprint\":\"coebench-simulator\"");
}

static const struct bundle_behaviour *manner(const struct token_text *token_text)
{
    return &token_text->file->behaviour;
}

static void begin_event(struct text *event, const struct token_text *token_text)
{
    text_add_string(event, "data: ");
    add_head(event, token_text, "chat.completion.chunk");
}

/* Adds `count` tokens from token `first` as the member of a delta or message. */
static void add_words(struct text *json, const struct token_text *token_text, const char *name,
                      int64_t first, int64_t count)
{
    text_add_char(json, '"');
    text_add_string(json, name);
    text_add_string(json, "\":\"");
    for (int64_t k = first; k < first + count; k++)
        token_text_add_word(json, token_text, k);
    text_add_char(json, '"');
}

static int64_t reasoning_tokens(const struct token_text *token_text)
{
    return behaviour_reasoning_tokens(manner(token_text), token_text->request->completion_tokens);
}

static const char *reasoning_key(const struct token_text *token_text)
{
    return bundle_reasoning_keys[manner(token_text)->reasoning_key];
}

/* Figures of the machine's model, free of how late this process was. */
static void add_measurements(struct text *json, const struct token_text *token_text)
{
    const struct node_request *request = token_text->request;
    const struct node_batch *batch = request->batch;
    double latency_s = node_total_latency_s(request);
    int64_t tokens = request->completion_tokens;

    json_add_figure(json, "time_to_first_token", node_time_to_first_token_s(batch));
    json_add_figure(json, "total_latency", latency_s);
    json_add_figure(json, "completion_tokens_per_sec", (double)tokens / latency_s);
    json_add_figure(json, "total_tokens_per_sec",
                    (double)(request->prompt_tokens + tokens) / latency_s);
    if (tokens > 1) {
        json_add_figure(json, "completion_tokens_after_first_per_sec",
                        node_decode_tokens_per_s(request, tokens));
        json_add_figure(json, "completion_tokens_after_first_per_sec_first_ten",
                        node_decode_tokens_per_s(request, 10));
    }
    json_add_figure(json, "start_time", token_text->started_s);
    json_add_figure(json, "end_time", token_text->started_s + latency_s);
    if (request->expert->acceptance_rate > 0)
        json_add_figure(json, "acceptance_rate", request->expert->acceptance_rate);
    if (token_text->file->bundle.node.reports_batch_size)
        json_add_count(json, "batch_size_used", batch->configuration.batch_size);
}

/* The counts when so many tokens are out. */
static void add_counts(struct text *json, const struct token_text *token_text, int64_t tokens)
{
    const struct node_request *request = token_text->request;
    int64_t reasoning = reasoning_tokens(token_text);

    json_add_count(json, "prompt_tokens", request->prompt_tokens);
    json_add_count(json, "completion_tokens", tokens);
    json_add_count(json, "total_tokens", request->prompt_tokens + tokens);
    if (reasoning > 0)
        text_printf(json, "\"completion_tokens_details\":{\"reasoning_tokens\":%" PRId64 "},",
                    tokens < reasoning ? tokens : reasoning);
    text_printf(json, "\"prompt_tokens_details\":{\"cached_tokens\":%" PRId64 "}",
                request->cached_tokens);
}

static void add_usage(struct text *json, const struct token_text *token_text)
{
    text_add_string(json, ",\"usage\":{");
    if (manner(token_text)->usage != BUNDLE_USAGE_PLAIN) {
        add_measurements(json, token_text);
        text_add_string(json, "\"stop_reason\":\"length\",\"is_last_response\":true,");
    }
    add_counts(json, token_text, token_text->request->completion_tokens);
    text_add_char(json, '}');
}

/* What of usage rides on the chunk with which so many tokens are out. */
static void add_usage_beside(struct text *event, const struct token_text *token_text,
                             int64_t tokens)
{
    const struct bundle_behaviour *behaviour = manner(token_text);
    bool last = tokens == token_text->request->completion_tokens;

    if (!token_text->question->include_usage)
        return;
    if (behaviour->usage == BUNDLE_USAGE_LAST_CONTENT && last) {
        add_usage(event, token_text);
    } else if (behaviour->usage == BUNDLE_USAGE_EVERY_CHUNK) {
        text_add_string(event, ",\"usage\":{");
        add_counts(event, token_text, tokens);
        text_add_char(event, '}');
    } else if (behaviour->null_usage) {
        text_add_string(event, ",\"usage\":null");
    }
}

static void add_opening(struct text *event, const struct token_text *token_text)
{
    const char *text = manner(token_text)->loading_text;

    begin_event(event, token_text);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
                           "\"content\":");
    text_add_json(event, text ? text : "");
    text_add_string(event, "},\"finish_reason\":null}]");
    add_usage_beside(event, token_text, 0);
    text_add_string(event, "}\n\n");
}

/* Without a chunk of its own the role rides on each token, as SambaNova sends it. */
static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    int64_t reasoning = reasoning_tokens(token_text);
    bool reasons = reasoning > 0 && first < reasoning; /* TOKEN_TEXT_MARK is below 0 */

    begin_event(event, token_text);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{");
    if (!manner(token_text)->role_chunk)
        text_add_string(event, "\"role\":\"assistant\",");
    add_words(event, token_text, reasons ? reasoning_key(token_text) : "content", first, count);
    text_add_string(event, "},\"finish_reason\":null}]");
    add_usage_beside(event, token_text, first + count);
    text_add_string(event, "}\n\n");
}

static void add_finish(struct text *event, const struct token_text *token_text)
{
    bool every = token_text->question->include_usage &&
                 manner(token_text)->usage == BUNDLE_USAGE_EVERY_CHUNK;

    begin_event(event, token_text);
    text_printf(event,
                ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":%s}]",
                manner(token_text)->no_finish_reason ? "null" : "\"length\"");
    if (every)
        add_usage(event, token_text);
    else if (token_text->question->include_usage && manner(token_text)->null_usage)
        text_add_string(event, ",\"usage\":null");
    text_add_string(event, "}\n\n");
}

static void add_usage_event(struct text *event, const struct token_text *token_text)
{
    begin_event(event, token_text);
    text_add_string(event, ",\"choices\":[]");
    add_usage(event, token_text);
    text_add_string(event, "}\n\n");
}

static void add_done(struct text *event, const struct token_text *token_text)
{
    (void)token_text;
    text_add_string(event, sim_openai.done);
}

/* Why it ends, the measurements where they were asked for and stand apart, the mark of the end. */
static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    const int usage = manner(token_text)->usage;
    const bool apart = usage == BUNDLE_USAGE_FULL || usage == BUNDLE_USAGE_PLAIN;
    const struct {
        bool text;
        void (*add)(struct text *event, const struct token_text *token_text);
    } parts[] = {
        {true, add_finish},
        {token_text->question->include_usage && apart, add_usage_event},
        {!manner(token_text)->no_done, add_done},
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].text && k-- == 0) {
            parts[i].add(event, token_text);
            return true;
        }
    }
    return false;
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    const int64_t reasoning = reasoning_tokens(token_text);

    add_head(json, token_text, "chat.completion");
    text_add_string(json, ",\"choices\":[{\"index\":0,\"logprobs\":null,"
                          "\"message\":{\"role\":\"assistant\",");
    if (reasoning > 0) {
        add_words(json, token_text, reasoning_key(token_text), 0, reasoning);
        text_add_char(json, ',');
    }
    add_words(json, token_text, "content", reasoning,
              token_text->request->completion_tokens - reasoning);
    text_printf(json, "},\"finish_reason\":%s}]",
                manner(token_text)->no_finish_reason ? "null" : "\"length\"");
    if (manner(token_text)->usage != BUNDLE_USAGE_NEVER)
        add_usage(json, token_text);
    text_add_char(json, '}');
}

static const char *error_type(int status)
{
    if (status >= 500)
        return "server_error";
    return status == 401   ? "authentication_error"
           : status == 429 ? "rate_limit_error"
                           : "invalid_request_error";
}

static void add_refusal(struct text *json, const struct refusal *refusal)
{
    text_add_string(json, "{\"error\":{\"message\":");
    text_add_json(json, refusal->message);
    text_printf(json, ",\"type\":\"%s\",\"param\":", error_type(refusal->status));
    if (*refusal->param)
        text_add_json(json, refusal->param);
    else
        text_add_string(json, "null");
    text_printf(json, ",\"code\":\"%s\"}}", refusal->code);
}

static const char *const fields[] = {
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
    "n",
    "stop",
    "seed",
    "presence_penalty",
    "user",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "tools",
    "tool_choice",
    "response_format",
    "logit_bias",
    "store",
    "metadata",
    "reasoning_effort",
    NULL,
};

const struct sim_dialect sim_openai = {
    .stream_type = "text/event-stream; charset=utf-8",
    .key_form = "Authorization: Bearer KEY",
    .fields = fields,
    .event_start = "data: ",
    .event_end = "\n\n",
    .comment = ": keep-alive\n\n",
    .done = "data: [DONE]\n\n",
    .matches = matches,
    .key = borne_key,
    .read = openai_read,
    .add_opening = add_opening,
    .add_tokens = add_tokens,
    .tokens_alike = true,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = add_refusal,
};
