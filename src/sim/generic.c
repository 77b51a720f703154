#include "sim/generic.h"

#include <cJSON.h>
#include <inttypes.h>
#include <string.h>

/* --- Where and by whom ------------------------------------------------------------------------ */

/* Whether exactly two segments, neither of them empty, are left. */
static bool names_endpoint(const char *rest)
{
    size_t project = strcspn(rest, "/");
    const char *endpoint = rest[project] ? rest + project + 1 : "";

    return project > 0 && *endpoint && !strchr(endpoint, '/');
}

bool sim_generic_matches(const char *path, const char *root, bool *stream)
{
    static const char streaming[] = "stream/";
    const size_t length = sizeof streaming - 1;
    const char *rest = strstr(path, root);
    bool streams;

    if (!rest)
        return false;
    rest += strlen(root);
    streams = strncmp(rest, streaming, length) == 0;
    if (!names_endpoint(streams ? rest + length : rest))
        return false;
    *stream = streams;
    return true;
}

const char *sim_generic_key(const struct http_request *request)
{
    return request->key;
}

/* --- What is asked ---------------------------------------------------------------------------- */

static bool count_conversation(const cJSON *messages, const char *place, struct question *question,
                               struct refusal *refusal)
{
    static const char wanted[] = "a text, or the JSON of a conversation: {conversation_id, "
                                 "messages: [{message_id, role, content}]}";
    const cJSON *message;

    if (cJSON_GetArraySize(messages) == 0)
        return question_wrong_type(refusal, place, wanted);
    cJSON_ArrayForEach(message, messages)
    {
        const char *content = cJSON_GetStringValue(question_member(message, "content"));

        if (!content || !cJSON_IsString(question_member(message, "role")))
            return question_wrong_type(refusal, place, wanted);
        question_add_text(content, question);
    }
    return true;
}

static bool count_prompt(const cJSON *prompt, const char *place, struct question *question,
                         struct refusal *refusal)
{
    const char *text = cJSON_GetStringValue(prompt);
    cJSON *conversation;
    const cJSON *messages;
    bool counted = true;

    if (!text)
        return question_wrong_type(refusal, place, "a text");
    conversation = cJSON_ParseWithOpts(text, NULL, true);
    messages = question_member(conversation, "messages");
    if (cJSON_IsArray(messages))
        counted = count_conversation(messages, place, question, refusal);
    else
        question_add_text(text, question);
    cJSON_Delete(conversation);
    return counted;
}

static bool read_expert(const struct node_file *file, const cJSON *params,
                        struct question *question, struct refusal *refusal)
{
    static const char param[] = "select_expert";
    const cJSON *name = question_member(params, param);

    if (name && !cJSON_IsString(name))
        return question_wrong_type(refusal, param, "a text");
    return question_choose_expert(file,
                                  name ? name->valuestring : bundle_expert(&file->bundle, 0)->name,
                                  param, question, refusal);
}

static bool read_template(const struct node_file *file, const cJSON *params,
                          struct question *question, struct refusal *refusal)
{
    bool applied;

    if (!question_read_truth(params, "process_prompt", true, &applied, refusal))
        return false;
    question_begin_prompt(file, applied, question);
    return true;
}

bool sim_generic_read(const struct node_file *file, const char *place, const cJSON *prompt,
                      const cJSON *params, struct question *question, struct refusal *refusal)
{
    static const char tokens[] = "max_tokens_to_generate";

    if (params && !cJSON_IsObject(params))
        return question_wrong_type(refusal, "params", "an object");
    return read_expert(file, params, question, refusal) &&
           question_read_max_tokens(question_member(params, tokens), tokens, question, refusal) &&
           read_template(file, params, question, refusal) &&
           count_prompt(prompt, place, question, refusal) &&
           question_choose_tier(place, question, refusal);
}

/* --- What is sent ----------------------------------------------------------------------------- */

void sim_generic_add_tokens(struct text *json, const struct token_text *token_text, int64_t first,
                            int64_t count)
{
    text_add_string(json, "{\"is_last_response\":false,\"stream_token\":\"");
    for (int64_t k = first; k < first + count; k++)
        token_text_add_word(json, token_text, k);
    text_add_string(json, "\"}");
}

static void add_counts(struct text *json, const struct node_request *request)
{
    int64_t prompt = request->prompt_tokens, completion = request->completion_tokens;

    json_add_count(json, "prompt_tokens_count", prompt);
    json_add_count(json, "completion_tokens_count", completion);
    json_add_count(json, "total_tokens_count", prompt + completion);
}

/* Figures of the machine's model, free of how late this process was. */
static void add_measurements(struct text *json, const struct token_text *token_text)
{
    const struct node_request *request = token_text->request;
    double latency_s = node_total_latency_s(request);

    json_add_figure(json, "start_time", token_text->started_s);
    json_add_figure(json, "end_time", token_text->started_s + latency_s);
    json_add_figure(json, "model_execution_time", latency_s);
    json_add_figure(json, "time_to_first_token", node_time_to_first_token_s(request->batch));
    if (request->completion_tokens > 1)
        json_add_figure(json, "throughput_after_first_token",
                        node_decode_tokens_per_s(request, request->completion_tokens));
    json_add_count(json, "batch_size_used", request->batch->configuration.batch_size);
}

void sim_generic_add_last(struct text *json, const struct token_text *token_text)
{
    const struct bundle_behaviour *behaviour = &token_text->file->behaviour;

    text_add_string(json, "{\"is_last_response\":true,\"stream_token\":\"\",");
    if (!behaviour->no_finish_reason)
        text_add_string(json, "\"stop_reason\":\"max_len_reached\",");
    if (behaviour->usage != BUNDLE_USAGE_NEVER)
        add_counts(json, token_text->request);
    if (behaviour->usage != BUNDLE_USAGE_NEVER && behaviour->usage != BUNDLE_USAGE_PLAIN)
        add_measurements(json, token_text);
    text_add_string(json, "\"completion\":\"");
    token_text_add_words(json, token_text);
    text_add_string(json, "\"}");
}

void sim_generic_add_refusal(struct text *json, const struct refusal *refusal)
{
    text_printf(json, "{\"error\":{\"code\":\"%s\",\"message\":", refusal->code);
    text_add_json(json, refusal->message);
    text_add_string(json, ",\"details\":[");
    if (*refusal->param)
        text_add_json(json, refusal->param);
    text_add_string(json, "]}}");
}
