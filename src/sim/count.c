#include "sim/count.h"

#include <cJSON.h>
#include <inttypes.h>

#include "sim/anthropic.h"
#include "sim/openai.h"

bool count_message_tokens(const struct node_file *file, const struct cJSON *body, struct text *json,
                          struct refusal *refusal)
{
    struct question question = {0};
    bool read = sim_anthropic_read_prompt(file, body, &question, refusal);

    if (read)
        text_printf(json, "{\"input_tokens\":%" PRId64 "}", question.prompt_tokens);
    question_clear(&question);
    return read;
}

static bool read_prompt(const struct node_file *file, const cJSON *body, struct question *question,
                        struct refusal *refusal)
{
    const cJSON *prompt = question_member(body, "prompt");

    if (!prompt)
        return openai_read_prompt(file, body, question, refusal);
    if (!cJSON_IsString(prompt))
        return question_wrong_type(refusal, "prompt", "a text");
    if (!openai_read_expert(file, body, question, refusal))
        return false;
    question->prompt_tokens = question_count(question->expert, prompt->valuestring, false);
    return true;
}

static void add_tokens(struct text *json, const struct question *question)
{
    const struct bundle_expert *expert = question->expert;

    text_printf(json, "{\"count\":%" PRId64 ",\"max_model_len\":%" PRId64 ",\"tokens\":[",
                question->prompt_tokens, bundle_tier(expert, expert->tiers.count - 1)->tokens);
    for (int64_t k = 0; k < question->prompt_tokens; k++)
        text_printf(json, "%s%" PRId64, k > 0 ? "," : "", k);
    text_add_string(json, "]}");
}

bool count_tokenize(const struct node_file *file, const struct cJSON *body, struct text *json,
                    struct refusal *refusal)
{
    struct question question = {0};
    bool read = read_prompt(file, body, &question, refusal);

    if (read)
        add_tokens(json, &question);
    question_clear(&question);
    return read;
}
