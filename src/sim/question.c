#include "sim/question.h"

#include <cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/dialect.h"
#include "sim/tokenizer.h"

bool question_wrong_type(struct refusal *refusal, const char *param, const char *wanted)
{
    return refuse(refusal, 400, "invalid_type", param, "'%s' must be %s.", param, wanted);
}

const cJSON *question_member(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNull(item) ? NULL : item;
}

int64_t question_count(const struct bundle_expert *expert, const char *text, bool template)
{
    return (template ? expert->template_tokens : 0) + tokenizer_count(expert->tokenizer, text);
}

static void add_token(const void *token, size_t length, struct question *question)
{
    question->prompt_tokens++;
    if (question->has_prefix)
        prefix_add(&question->prefix, token, length);
}

void question_begin_prompt(const struct node_file *file, bool template, struct question *question)
{
    int64_t tokens = template ? question->expert->template_tokens : 0;

    question->prompt_tokens = tokens;
    question->has_prefix = file->noise.prefix_cache;
    if (!question->has_prefix)
        return;
    prefix_begin(&question->prefix, (uint64_t)(question->expert - bundle_expert(&file->bundle, 0)));
    for (int64_t i = 0; i < tokens; i++)
        prefix_add(&question->prefix, "", 0);
}

void question_add_text(const char *text, struct question *question)
{
    size_t length;

    while ((text = tokenizer_next(question->expert->tokenizer, text, &length))) {
        add_token(text, length, question);
        text += length;
    }
}

void question_add_image(const char *url, struct question *question)
{
    add_token(url, strlen(url), question);
    for (int i = 1; i < QUESTION_IMAGE_TOKENS; i++)
        add_token("", 0, question);
}

bool question_read_truth(const cJSON *object, const char *name, bool otherwise, bool *truth,
                         struct refusal *refusal)
{
    const cJSON *given = question_member(object, name);

    if (given && !cJSON_IsBool(given))
        return question_wrong_type(refusal, name, "true or false");
    *truth = given ? cJSON_IsTrue(given) : otherwise;
    return true;
}

bool question_read_max_tokens(const cJSON *given, const char *param, struct question *question,
                              struct refusal *refusal)
{
    double tokens = given ? cJSON_GetNumberValue(given) : QUESTION_DEFAULT_TOKENS;

    if (!(tokens >= 1 && tokens <= 1e9 && tokens == floor(tokens)))
        return question_wrong_type(refusal, param, "a whole number, at least 1");
    question->max_tokens = (int64_t)tokens;
    return true;
}

bool question_choose_expert(const struct node_file *file, const char *name, const char *param,
                            struct question *question, struct refusal *refusal)
{
    question->expert = bundle_find_expert(&file->bundle, name);
    if (!question->expert)
        return refuse(refusal, 404, "model_not_found", param,
                      "There is no model '%.100s' here; GET /v1/models lists those there are.",
                      name);
    return true;
}

bool question_choose_tier(const char *param, struct question *question, struct refusal *refusal)
{
    const struct bundle_expert *expert = question->expert;

    question->tier = bundle_find_tier(expert, question->prompt_tokens + question->max_tokens);
    if (!question->tier)
        return refuse(refusal, 400, "context_length_exceeded", param,
                      "The prompt's %" PRId64 " tokens and the response's %" PRId64
                      " exceed the %" PRId64 " tokens of %.100s.",
                      question->prompt_tokens, question->max_tokens,
                      bundle_tier(expert, expert->tiers.count - 1)->tokens, expert->name);
    return true;
}

static bool is_known(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

static bool knows_fields(const struct node_file *file, const struct sim_dialect *dialect,
                         const cJSON *body, struct refusal *refusal)
{
    const cJSON *field;

    cJSON_ArrayForEach(field, body)
    {
        if (file->behaviour.reject_unknown && !is_known(dialect->fields, field->string))
            return refuse(refusal, 400, "unknown_parameter", field->string,
                          "Unknown parameter: '%.60s'.", field->string);
    }
    return true;
}

bool question_read(const struct node_file *file, const char *body, size_t length,
                   struct question *question, struct refusal *refusal)
{
    cJSON *json = cJSON_ParseWithLength(body, length);
    struct question read = *question;
    bool done = cJSON_IsObject(json)
                    ? knows_fields(file, question->dialect, json, refusal) &&
                          question->dialect->read(file, json, &read, refusal)
                    : refuse(refusal, 400, "invalid_json", NULL, "The body is not a JSON object.");

    if (file->behaviour.whole_answers)
        read.stream = false;
    if (done)
        *question = read;
    else
        question_clear(&read);
    cJSON_Delete(json);
    return done;
}

void question_clear(struct question *question)
{
    prefix_clear(&question->prefix);
}
