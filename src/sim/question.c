#include "sim/question.h"

#include <cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool wrong_type(struct refusal *refusal, const char *param, const char *wanted)
{
    return refuse(refusal, 400, "invalid_type", param, "'%s' must be %s.", param, wanted);
}

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNull(item) ? NULL : item;
}

static int64_t count_words(const char *text)
{
    static const char space[] = " \t\r\n\v\f";
    int64_t words = 0;

    for (text += strspn(text, space); *text; text += strspn(text, space)) {
        words++;
        text += strcspn(text, space);
    }
    return words;
}

/* One part of a list of contents. */
static bool read_part(const cJSON *part, int64_t *tokens, struct refusal *refusal)
{
    const char *type = cJSON_GetStringValue(member(part, "type"));
    const char *text = cJSON_GetStringValue(member(part, "text"));
    const cJSON *url = member(member(part, "image_url"), "url");

    if (type && strcmp(type, "text") == 0 && text)
        *tokens += count_words(text);
    else if (type && strcmp(type, "image_url") == 0 && cJSON_IsString(url))
        *tokens += QUESTION_IMAGE_TOKENS;
    else
        return wrong_type(refusal, "messages",
                          "contents of {type: text, text} or {type: image_url, image_url: {url}}");
    return true;
}

static bool read_message(const cJSON *message, int64_t *tokens, struct refusal *refusal)
{
    const cJSON *content = member(message, "content");
    const cJSON *part;

    if (!cJSON_IsString(member(message, "role")))
        return wrong_type(refusal, "messages", "a list of {role, content}");
    if (cJSON_IsString(content)) {
        *tokens += count_words(content->valuestring);
        return true;
    }
    if (content && !cJSON_IsArray(content))
        return wrong_type(refusal, "messages", "a list of contents that are text or parts");
    cJSON_ArrayForEach(part, content)
    {
        if (!read_part(part, tokens, refusal))
            return false;
    }
    return true;
}

static bool read_messages(const cJSON *body, struct question *question, struct refusal *refusal)
{
    const cJSON *messages = member(body, "messages");
    const cJSON *message;

    if (!cJSON_IsArray(messages) || cJSON_GetArraySize(messages) == 0)
        return wrong_type(refusal, "messages", "a list of at least one {role, content}");
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
    const cJSON *given = member(body, "max_tokens");
    double tokens;

    if (!given)
        given = member(body, "max_completion_tokens");
    tokens = given ? cJSON_GetNumberValue(given) : QUESTION_DEFAULT_TOKENS;
    if (!(tokens >= 1 && tokens <= 1e9 && tokens == floor(tokens)))
        return wrong_type(refusal, "max_tokens", "a whole number, at least 1");
    question->max_tokens = (int64_t)tokens;
    return true;
}

static bool read_truth(const cJSON *object, const char *name, bool *truth, struct refusal *refusal)
{
    const cJSON *given = member(object, name);

    if (given && !cJSON_IsBool(given))
        return wrong_type(refusal, name, "true or false");
    *truth = cJSON_IsTrue(given);
    return true;
}

static bool read_expert(const struct bundle *bundle, const cJSON *body, struct question *question,
                        struct refusal *refusal)
{
    const char *model = cJSON_GetStringValue(member(body, "model"));

    if (!model)
        return wrong_type(refusal, "model", "a text");
    question->expert = bundle_find_expert(bundle, model);
    if (!question->expert)
        return refuse(refusal, 404, "model_not_found", "model",
                      "There is no model '%.100s' here; GET /v1/models lists those there are.",
                      model);
    return true;
}

static bool choose_tier(struct question *question, struct refusal *refusal)
{
    const struct bundle_expert *expert = question->expert;

    question->tier = bundle_find_tier(expert, question->prompt_tokens + question->max_tokens);
    if (!question->tier)
        return refuse(refusal, 400, "context_length_exceeded", "messages",
                      "The prompt's %" PRId64 " tokens and max_tokens %" PRId64
                      " exceed the %" PRId64 " tokens of %.100s.",
                      question->prompt_tokens, question->max_tokens,
                      bundle_tier(expert, expert->tiers.count - 1)->tokens, expert->name);
    return true;
}

static bool read_body(const struct bundle *bundle, const cJSON *body, struct question *question,
                      struct refusal *refusal)
{
    return read_expert(bundle, body, question, refusal) &&
           read_truth(body, "stream", &question->stream, refusal) &&
           read_truth(member(body, "stream_options"), "include_usage", &question->include_usage,
                      refusal) &&
           read_max_tokens(body, question, refusal) && read_messages(body, question, refusal) &&
           choose_tier(question, refusal);
}

bool question_read(const struct bundle *bundle, const char *body, size_t length,
                   struct question *question, struct refusal *refusal)
{
    cJSON *json = cJSON_ParseWithLength(body, length);
    struct question read = {0};
    bool done = cJSON_IsObject(json)
                    ? read_body(bundle, json, &read, refusal)
                    : refuse(refusal, 400, "invalid_json", NULL, "The body is not a JSON object.");

    if (done)
        *question = read;
    cJSON_Delete(json);
    return done;
}
