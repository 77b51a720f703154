/* The OpenAI-compatible dialect (formats.md, 4a): POST /v1/chat/completions, server-sent events,
 * and SambaNova's own measurements in `usage`. */
#include <cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "sim/dialect.h"

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

/* --- What is asked -------------------------------------------------------------------------- */

/* One part of a list of contents. */
static bool read_part(const cJSON *part, int64_t *tokens, struct refusal *refusal)
{
    const char *type = cJSON_GetStringValue(question_member(part, "type"));
    const char *text = cJSON_GetStringValue(question_member(part, "text"));
    const cJSON *url = question_member(question_member(part, "image_url"), "url");

    if (type && strcmp(type, "text") == 0 && text)
        *tokens += question_count_words(text);
    else if (type && strcmp(type, "image_url") == 0 && cJSON_IsString(url))
        *tokens += QUESTION_IMAGE_TOKENS;
    else
        return question_wrong_type(
            refusal, "messages",
            "contents of {type: text, text} or {type: image_url, image_url: {url}}");
    return true;
}

static bool read_message(const cJSON *message, int64_t *tokens, struct refusal *refusal)
{
    const cJSON *content = question_member(message, "content");
    const cJSON *part;

    if (!cJSON_IsString(question_member(message, "role")))
        return question_wrong_type(refusal, "messages", "a list of {role, content}");
    if (cJSON_IsString(content)) {
        *tokens += question_count_words(content->valuestring);
        return true;
    }
    if (content && !cJSON_IsArray(content))
        return question_wrong_type(refusal, "messages",
                                   "a list of contents that are text or parts");
    cJSON_ArrayForEach(part, content)
    {
        if (!read_part(part, tokens, refusal))
            return false;
    }
    return true;
}

static bool read_messages(const cJSON *body, struct question *question, struct refusal *refusal)
{
    const cJSON *messages = question_member(body, "messages");
    const cJSON *message;

    if (!cJSON_IsArray(messages) || cJSON_GetArraySize(messages) == 0)
        return question_wrong_type(refusal, "messages", "a list of at least one {role, content}");
    question->prompt_tokens = question->expert->template_tokens;
    cJSON_ArrayForEach(message, messages)
    {
        if (!read_message(message, &question->prompt_tokens, refusal))
            return false;
    }
    return true;
}

static bool read_max_tokens(const cJSON *body, struct question *question, struct refusal *refusal)
{
    const cJSON *given = question_member(body, "max_tokens");

    if (!given)
        given = question_member(body, "max_completion_tokens");
    return question_read_max_tokens(given, "max_tokens", question, refusal);
}

static bool read_expert(const struct bundle *bundle, const cJSON *body, struct question *question,
                        struct refusal *refusal)
{
    const char *model = cJSON_GetStringValue(question_member(body, "model"));

    if (!model)
        return question_wrong_type(refusal, "model", "a text");
    return question_choose_expert(bundle, model, "model", question, refusal);
}

static bool read_question(const struct bundle *bundle, const cJSON *body, struct question *question,
                          struct refusal *refusal)
{
    return read_expert(bundle, body, question, refusal) &&
           question_read_truth(body, "stream", false, &question->stream, refusal) &&
           question_read_truth(question_member(body, "stream_options"), "include_usage", false,
                               &question->include_usage, refusal) &&
           read_max_tokens(body, question, refusal) && read_messages(body, question, refusal) &&
           question_choose_tier("messages", question, refusal);
}

/* --- What is said --------------------------------------------------------------------------- */

/* The members that every object of an answer begins with. */
static void add_head(struct text *json, const struct speech *speech, const char *object)
{
    text_printf(json,
                "{\"id\":\"%s\",\"object\":\"%s\",\"created\":%" PRId64 ",\"model\":", speech->id,
                object, speech->created_s);
    text_add_json(json, speech->request->expert->name);
    text_add_string(json, ",\"system_fingerprint\":\"coebench-simulator\"");
}

static void begin_event(struct text *event, const struct speech *speech)
{
    text_add_string(event, "data: ");
    add_head(event, speech, "chat.completion.chunk");
}

/* The role rides on each token, as SambaNova sends it. */
static void add_token(struct text *event, const struct speech *speech, int64_t k)
{
    begin_event(event, speech);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
                           "\"content\":\"");
    speech_add_word(event, speech, k);
    text_add_string(event, "\"},\"finish_reason\":null}]}\n\n");
}

/* Figures of the machine's model, free of how late this process was. */
static void add_measurements(struct text *json, const struct speech *speech)
{
    const struct node_request *request = speech->request;
    const struct node_batch *batch = request->batch;
    double latency_s = node_total_latency_s(request);
    int64_t tokens = request->completion_tokens;
    double decode_per_s = request->tier->decode_tokens_per_s;

    speech_add_figure(json, "time_to_first_token", node_time_to_first_token_s(batch));
    speech_add_figure(json, "total_latency", latency_s);
    speech_add_figure(json, "completion_tokens_per_sec", (double)tokens / latency_s);
    speech_add_figure(json, "total_tokens_per_sec",
                      (double)(request->prompt_tokens + tokens) / latency_s);
    if (tokens > 1) {
        speech_add_figure(json, "completion_tokens_after_first_per_sec", decode_per_s);
        speech_add_figure(json, "completion_tokens_after_first_per_sec_first_ten", decode_per_s);
    }
    speech_add_figure(json, "start_time", speech->started_s);
    speech_add_figure(json, "end_time", speech->started_s + latency_s);
    if (request->expert->acceptance_rate > 0)
        speech_add_figure(json, "acceptance_rate", request->expert->acceptance_rate);
    if (speech->bundle->node.reports_batch_size)
        speech_add_count(json, "batch_size_used", batch->configuration.batch_size);
}

static void add_usage(struct text *json, const struct speech *speech)
{
    const struct node_request *request = speech->request;

    text_add_string(json, ",\"usage\":{");
    speech_add_count(json, "prompt_tokens", request->prompt_tokens);
    speech_add_count(json, "completion_tokens", request->completion_tokens);
    speech_add_count(json, "total_tokens", request->prompt_tokens + request->completion_tokens);
    add_measurements(json, speech);
    text_add_string(json, "\"prompt_tokens_details\":{\"cached_tokens\":0},"
                          "\"stop_reason\":\"length\",\"is_last_response\":true}");
}

static void add_finish(struct text *event, const struct speech *speech)
{
    begin_event(event, speech);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},"
                           "\"finish_reason\":\"length\"}]}\n\n");
}

static void add_usage_event(struct text *event, const struct speech *speech)
{
    begin_event(event, speech);
    text_add_string(event, ",\"choices\":[]");
    add_usage(event, speech);
    text_add_string(event, "}\n\n");
}

/* Why it ends, the measurements where they were asked for, and the mark of the end. */
static bool add_end(struct text *event, const struct speech *speech, int k)
{
    enum { FINISH, USAGE, DONE, PARTS };
    int part = k > FINISH && !speech->question->include_usage ? k + 1 : k;

    if (part == FINISH)
        add_finish(event, speech);
    else if (part == USAGE)
        add_usage_event(event, speech);
    else if (part == DONE)
        text_add_string(event, "data: [DONE]\n\n");
    return part < PARTS;
}

static void add_whole(struct text *json, const struct speech *speech)
{
    add_head(json, speech, "chat.completion");
    text_add_string(json, ",\"choices\":[{\"index\":0,\"logprobs\":null,"
                          "\"message\":{\"role\":\"assistant\",\"content\":\"");
    speech_add_words(json, speech);
    text_add_string(json, "\"},\"finish_reason\":\"length\"}]");
    add_usage(json, speech);
    text_add_char(json, '}');
}

static void add_refusal(struct text *json, const struct refusal *refusal)
{
    text_add_string(json, "{\"error\":{\"message\":");
    text_add_json(json, refusal->message);
    text_printf(json, ",\"type\":\"%s\",\"param\":",
                refusal->status == 401 ? "authentication_error" : "invalid_request_error");
    if (refusal->param)
        text_add_json(json, refusal->param);
    else
        text_add_string(json, "null");
    text_printf(json, ",\"code\":\"%s\"}}", refusal->code);
}

const struct sim_dialect sim_openai = {
    .stream_type = "text/event-stream; charset=utf-8",
    .key_form = "Authorization: Bearer KEY",
    .matches = matches,
    .key = borne_key,
    .read = read_question,
    .add_token = add_token,
    .tokens_alike = true,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = add_refusal,
};
