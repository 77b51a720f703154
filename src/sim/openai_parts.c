#include "sim/openai_parts.h"

#include <inttypes.h>
#include <string.h>

#include "sim/behaviour.h"

const char *sim_bearer_key(const struct http_request *request)
{
    static const char scheme[] = "Bearer ";
    const size_t length = sizeof scheme - 1;

    return strncmp(request->authorization, scheme, length) == 0 ? request->authorization + length
                                                                : NULL;
}

const struct bundle_behaviour *sim_manner(const struct token_text *token_text)
{
    return &token_text->file->behaviour;
}

void sim_openai_add_head(struct text *json, const struct token_text *token_text, const char *object)
{
    text_printf(json, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%" PRId64 ",\"model\":",
                token_text->id, object, token_text->created_s);
    text_add_json(json, token_text->request->expert->name);
    text_add_string(json, ",\"system_fingerprint\":\"coebench-simulator\"");
}

void sim_add_words(struct text *json, const struct token_text *token_text, const char *name,
                   int64_t first, int64_t count)
{
    text_add_char(json, '"');
    text_add_string(json, name);
    text_add_string(json, "\":\"");
    for (int64_t k = first; k < first + count; k++)
        token_text_add_word(json, token_text, k);
    text_add_char(json, '"');
}

int64_t sim_reasoning_tokens(const struct token_text *token_text)
{
    return behaviour_reasoning_tokens(sim_manner(token_text),
                                      token_text->request->completion_tokens);
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
    int64_t reasoning = sim_reasoning_tokens(token_text);

    json_add_count(json, "prompt_tokens", request->prompt_tokens);
    json_add_count(json, "completion_tokens", tokens);
    json_add_count(json, "total_tokens", request->prompt_tokens + tokens);
    if (reasoning > 0)
        text_printf(json, "\"completion_tokens_details\":{\"reasoning_tokens\":%" PRId64 "},",
                    tokens < reasoning ? tokens : reasoning);
    text_printf(json, "\"prompt_tokens_details\":{\"cached_tokens\":%" PRId64 "}",
                request->cached_tokens);
}

/* By llama.cpp's server (tools/server/README.md): what reading the prompt took, up to the first
 * token, and what came from there to the last; a cached part of the prompt is counted apart. */
void sim_openai_add_timings(struct text *json, const struct token_text *token_text)
{
    const struct node_request *request = token_text->request;
    double first_s = node_time_to_first_token_s(request->batch);

    if (!sim_manner(token_text)->timings)
        return;
    text_add_string(json, ",\"timings\":{");
    json_add_count(json, "cache_n", request->cached_tokens);
    json_add_count(json, "prompt_n", request->prompt_tokens - request->cached_tokens);
    json_add_figure(json, "prompt_ms", 1e3 * first_s);
    json_add_figure(json, "predicted_ms", 1e3 * (node_total_latency_s(request) - first_s));
    text_printf(json, "\"predicted_n\":%" PRId64 "}", request->completion_tokens);
}

static void add_usage(struct text *json, const struct token_text *token_text)
{
    text_add_string(json, ",\"usage\":{");
    if (sim_manner(token_text)->usage != BUNDLE_USAGE_PLAIN) {
        add_measurements(json, token_text);
        text_add_string(json, "\"stop_reason\":\"length\",\"is_last_response\":true,");
    }
    add_counts(json, token_text, token_text->request->completion_tokens);
    text_add_char(json, '}');
}

void sim_openai_add_usage_beside(struct text *event, const struct token_text *token_text,
                                 int64_t tokens)
{
    const struct bundle_behaviour *behaviour = sim_manner(token_text);
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

static void add_usage_event(struct text *event, const struct token_text *token_text,
                            const char *object)
{
    text_add_string(event, "data: ");
    sim_openai_add_head(event, token_text, object);
    text_add_string(event, ",\"choices\":[]");
    add_usage(event, token_text);
    sim_openai_add_timings(event, token_text);
    text_add_string(event, "}\n\n");
}

/* What of usage rides on the chunk that says why it ends. */
static void add_usage_at_finish(struct text *event, const struct token_text *token_text)
{
    if (!token_text->question->include_usage)
        return;
    if (sim_manner(token_text)->usage == BUNDLE_USAGE_EVERY_CHUNK)
        add_usage(event, token_text);
    else if (sim_manner(token_text)->null_usage)
        text_add_string(event, ",\"usage\":null");
}

/* Whether usage was asked for and has an event of its own. */
static bool usage_stands_apart(const struct token_text *token_text)
{
    const int usage = sim_manner(token_text)->usage;

    return token_text->question->include_usage &&
           (usage == BUNDLE_USAGE_FULL || usage == BUNDLE_USAGE_PLAIN);
}

static void add_finish(struct text *event, const struct token_text *token_text, const char *object,
                       const char *nothing)
{
    text_add_string(event, "data: ");
    sim_openai_add_head(event, token_text, object);
    text_printf(event, ",\"choices\":[{\"index\":0,%s,\"finish_reason\":%s}]", nothing,
                sim_finish_reason(token_text));
    add_usage_at_finish(event, token_text);
    if (!usage_stands_apart(token_text))
        sim_openai_add_timings(event, token_text);
    text_add_string(event, "}\n\n");
}

const char *sim_finish_reason(const struct token_text *token_text)
{
    return sim_manner(token_text)->no_finish_reason ? "null" : "\"length\"";
}

/* Why it ends, the measurements where they were asked for and stand apart, the mark of the end. */
bool sim_openai_add_end(struct text *event, const struct token_text *token_text, int k,
                        const char *object, const char *nothing)
{
    const bool apart = usage_stands_apart(token_text);

    if (k == 0)
        add_finish(event, token_text, object, nothing);
    else if (k == 1 && apart)
        add_usage_event(event, token_text, object);
    else if (k == 1 + apart && !sim_manner(token_text)->no_done)
        text_add_string(event, sim_openai_done);
    else
        return false;
    return true;
}

void sim_openai_add_last_usage(struct text *json, const struct token_text *token_text)
{
    if (sim_manner(token_text)->usage != BUNDLE_USAGE_NEVER)
        add_usage(json, token_text);
    sim_openai_add_timings(json, token_text);
}

const char sim_openai_done[] = "data: [DONE]\n\n";

static const char *error_type(int status)
{
    if (status >= 500)
        return "server_error";
    return status == 401   ? "authentication_error"
           : status == 429 ? "rate_limit_error"
                           : "invalid_request_error";
}

void sim_openai_add_refusal(struct text *json, const struct refusal *refusal)
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
