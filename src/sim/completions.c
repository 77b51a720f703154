/* OpenAI's completions, from before there was a chat (platform.openai.com/docs/api-reference/
 * completions): POST /v1/completions, a prompt without a template. Reasoning is text like other. */
#include <cJSON.h>

#include "sim/dialect.h"
#include "sim/openai.h"
#include "sim/openai_parts.h"

static const char object[] = "text_completion";

/* --- What is asked ---------------------------------------------------------------------------- */

/* A text, or a list of one. */
static bool read_prompt(const struct node_file *file, const cJSON *body, struct question *question,
                        struct refusal *refusal)
{
    const cJSON *prompt = question_member(body, "prompt");

    if (cJSON_IsArray(prompt) && cJSON_GetArraySize(prompt) == 1)
        prompt = prompt->child;
    if (!cJSON_IsString(prompt))
        return question_wrong_type(refusal, "prompt", "a text");
    question_begin_prompt(file, false, question);
    question_add_text(prompt->valuestring, question);
    return true;
}

static bool read_question(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    return openai_read_expert(file, body, question, refusal) &&
           question_read_truth(body, "stream", false, &question->stream, refusal) &&
           question_read_truth(question_member(body, "stream_options"), "include_usage", false,
                               &question->include_usage, refusal) &&
           question_read_max_tokens(question_member(body, "max_tokens"), "max_tokens", question,
                                    refusal) &&
           read_prompt(file, body, question, refusal) &&
           question_choose_tier("prompt", question, refusal);
}

/* --- What is sent ----------------------------------------------------------------------------- */

static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    text_add_string(event, "data: ");
    sim_openai_add_head(event, token_text, object);
    text_add_string(event, ",\"choices\":[{\"index\":0,");
    sim_add_words(event, token_text, "text", first, count);
    text_add_string(event, ",\"logprobs\":null,\"finish_reason\":null}]");
    sim_openai_add_usage_beside(event, token_text, first + count);
    text_add_string(event, "}\n\n");
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    return sim_openai_add_end(event, token_text, k, object, "\"text\":\"\",\"logprobs\":null");
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    sim_openai_add_head(json, token_text, object);
    text_add_string(json, ",\"choices\":[{\"index\":0,\"logprobs\":null,");
    sim_add_words(json, token_text, "text", 0, token_text->request->completion_tokens);
    text_printf(json, ",\"finish_reason\":%s}]", sim_finish_reason(token_text));
    sim_openai_add_last_usage(json, token_text);
    text_add_char(json, '}');
}

static const char *const fields[] = {
    "model",
    "prompt",
    "max_tokens",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
    "n",
    "stop",
    "seed",
    "presence_penalty",
    "user",
    "echo",
    "logprobs",
    "best_of",
    "frequency_penalty",
    "logit_bias",
    "suffix",
    NULL,
};

const struct sim_dialect sim_completions = {
    .api = "openai-completions",
    .path = "/v1/completions",
    .stream_type = "text/event-stream; charset=utf-8",
    .key_form = "Authorization: Bearer KEY",
    .fields = fields,
    .event_start = "data: ",
    .event_end = "\n\n",
    .comment = ": keep-alive\n\n",
    .done = sim_openai_done,
    .key = sim_bearer_key,
    .read = read_question,
    .add_tokens = add_tokens,
    .tokens_alike = true,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = sim_openai_add_refusal,
};
