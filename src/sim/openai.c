/* The OpenAI-compatible dialect (formats.md, 4a): POST /v1/chat/completions, server-sent events,
 * and SambaNova's own measurements in `usage`. */
#include <inttypes.h>

#include "sim/behaviour.h"
#include "sim/dialect.h"
#include "sim/openai.h"
#include "sim/openai_parts.h"

/* --- What is sent ----------------------------------------------------------------------------- */

static const char chunk[] = "chat.completion.chunk";

static void begin_event(struct text *event, const struct token_text *token_text)
{
    text_add_string(event, "data: ");
    sim_openai_add_head(event, token_text, chunk);
}

static const char *reasoning_key(const struct token_text *token_text)
{
    return bundle_reasoning_keys[sim_manner(token_text)->reasoning_key];
}

static void add_opening(struct text *event, const struct token_text *token_text)
{
    const char *text = sim_manner(token_text)->loading_text;

    begin_event(event, token_text);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
                           "\"content\":");
    text_add_json(event, text ? text : "");
    text_add_string(event, "},\"finish_reason\":null}]");
    sim_openai_add_usage_beside(event, token_text, 0);
    text_add_string(event, "}\n\n");
}

/* Without a chunk of its own the role rides on each token, as SambaNova sends it. */
static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    int64_t reasoning = sim_reasoning_tokens(token_text);
    bool reasons = reasoning > 0 && first < reasoning; /* TOKEN_TEXT_MARK is below 0 */

    begin_event(event, token_text);
    text_add_string(event, ",\"choices\":[{\"index\":0,\"delta\":{");
    if (!sim_manner(token_text)->role_chunk)
        text_add_string(event, "\"role\":\"assistant\",");
    sim_add_words(event, token_text, reasons ? reasoning_key(token_text) : "content", first, count);
    text_add_string(event, "},\"finish_reason\":null}]");
    sim_openai_add_usage_beside(event, token_text, first + count);
    text_add_string(event, "}\n\n");
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    return sim_openai_add_end(event, token_text, k, chunk, "\"delta\":{\"content\":\"\"}");
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    const int64_t reasoning = sim_reasoning_tokens(token_text);

    sim_openai_add_head(json, token_text, "chat.completion");
    text_add_string(json, ",\"choices\":[{\"index\":0,\"logprobs\":null,"
                          "\"message\":{\"role\":\"assistant\",");
    if (reasoning > 0) {
        sim_add_words(json, token_text, reasoning_key(token_text), 0, reasoning);
        text_add_char(json, ',');
    }
    sim_add_words(json, token_text, "content", reasoning,
                  token_text->request->completion_tokens - reasoning);
    text_printf(json, "},\"finish_reason\":%s}]", sim_finish_reason(token_text));
    sim_openai_add_last_usage(json, token_text);
    text_add_char(json, '}');
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
    .api = "sncloud, openai, litellm",
    .path = "/v1/chat/completions",
    .stream_type = "text/event-stream; charset=utf-8",
    .key_form = "Authorization: Bearer KEY",
    .fields = fields,
    .event_start = "data: ",
    .event_end = "\n\n",
    .comment = ": keep-alive\n\n",
    .done = sim_openai_done,
    .key = sim_bearer_key,
    .read = openai_read,
    .add_opening = add_opening,
    .add_tokens = add_tokens,
    .tokens_alike = true,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = sim_openai_add_refusal,
};
