/* Text Generation Inference's own API (huggingface.github.io/text-generation-inference): POST
 * /generate_stream and /generate. A server has one model, here the bundle's first expert; prompts
 * have no template, and pictures stand in them in Markdown. Reasoning is text like other. */
#include <cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "sim/dialect.h"
#include "sim/openai_parts.h"

static bool matches(const char *path, bool *stream)
{
    *stream = strcmp(path, "/generate_stream") == 0;
    return *stream || strcmp(path, "/generate") == 0;
}

/* --- What is asked ---------------------------------------------------------------------------- */

/* Adds the text up to `end` and, where `url` is one, the picture behind it. */
static void add_piece(const char *from, const char *end, const char *url, size_t length,
                      struct question *question)
{
    char *text = memory_bytes(from, (size_t)(end - from));

    question_add_text(text, question);
    free(text);
    if (length == 0)
        return;
    text = memory_bytes(url, length);
    question_add_image(text, question);
    free(text);
}

static void read_inputs(const char *inputs, struct question *question)
{
    static const char mark[] = "![](";
    const char *at = inputs, *found;

    while ((found = strstr(at, mark))) {
        const char *url = found + sizeof mark - 1, *end = strchr(url, ')');

        if (!end)
            break;
        add_piece(at, found, url, (size_t)(end - url), question);
        at = end + 1;
    }
    add_piece(at, at + strlen(at), NULL, 0, question);
}

static bool read_question(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    static const char tokens[] = "max_new_tokens";
    const char *inputs = cJSON_GetStringValue(question_member(body, "inputs"));
    const cJSON *parameters = question_member(body, "parameters");

    if (!inputs)
        return question_wrong_type(refusal, "inputs", "a text");
    question->expert = bundle_expert(&file->bundle, 0);
    question_begin_prompt(file, false, question);
    read_inputs(inputs, question);
    return question_read_truth(parameters, "details", false, &question->include_usage, refusal) &&
           question_read_max_tokens(question_member(parameters, tokens), tokens, question,
                                    refusal) &&
           question_choose_tier("inputs", question, refusal);
}

/* --- What is sent ----------------------------------------------------------------------------- */

static bool tells_details(const struct token_text *token_text)
{
    return token_text->question->include_usage &&
           sim_manner(token_text)->usage != BUNDLE_USAGE_NEVER;
}

static void add_details(struct text *json, const struct token_text *token_text)
{
    if (!tells_details(token_text)) {
        text_add_string(json, "\"details\":null");
        return;
    }
    text_printf(json,
                "\"details\":{\"finish_reason\":%s,\"generated_tokens\":%" PRId64
                ",\"seed\":null,\"input_length\":%" PRId64 "}",
                sim_finish_reason(token_text), token_text->request->completion_tokens,
                token_text->request->prompt_tokens);
}

/* The event of the last token has the whole text too, and the details. */
static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    int64_t all = token_text->request->completion_tokens;

    text_printf(event, "data:{\"index\":%" PRId64 ",\"token\":{\"id\":%" PRId64 ",", first + count,
                first);
    sim_add_words(event, token_text, "text", first, count);
    text_add_string(event, ",\"logprob\":-0.5,\"special\":false},");
    if (first + count < all || sim_manner(token_text)->no_done) {
        text_add_string(event, "\"generated_text\":null,\"details\":null}\n\n");
        return;
    }
    sim_add_words(event, token_text, "generated_text", 0, all);
    text_add_char(event, ',');
    add_details(event, token_text);
    text_add_string(event, "}\n\n");
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    (void)event;
    (void)token_text;
    (void)k;
    return false;
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    text_add_char(json, '{');
    sim_add_words(json, token_text, "generated_text", 0, token_text->request->completion_tokens);
    if (token_text->question->include_usage) {
        text_add_char(json, ',');
        add_details(json, token_text);
    }
    text_add_char(json, '}');
}

static void add_refusal(struct text *json, const struct refusal *refusal)
{
    text_add_string(json, "{\"error\":");
    text_add_json(json, refusal->message);
    text_printf(json, ",\"error_type\":\"%s\"}",
                refusal->status >= 500 ? "generation" : "validation");
}

static const char *const fields[] = {"inputs", "parameters", "stream", NULL};

const struct sim_dialect sim_tgi = {
    .api = "tgi",
    .path = "/generate_stream",
    .stream_type = "text/event-stream",
    .key_form = "Authorization: Bearer KEY",
    .fields = fields,
    .event_start = "data:",
    .error_start = "event:error\ndata:",
    .event_end = "\n\n",
    .comment = ":\n\n",
    .matches = matches,
    .key = sim_bearer_key,
    .read = read_question,
    .add_tokens = add_tokens,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = add_refusal,
};
