/* What is asked of an OpenAI-compatible server (formats.md, 4a). */
#include <cJSON.h>
#include <string.h>

#include "sim/openai.h"

/* One part of a list of contents. */
static bool read_part(const cJSON *part, struct question *question, struct refusal *refusal)
{
    const char *type = cJSON_GetStringValue(question_member(part, "type"));
    const char *text = cJSON_GetStringValue(question_member(part, "text"));
    const cJSON *url = question_member(question_member(part, "image_url"), "url");

    if (type && strcmp(type, "text") == 0 && text)
        question_add_text(text, question);
    else if (type && strcmp(type, "image_url") == 0 && cJSON_IsString(url))
        question_add_image(url->valuestring, question);
    else
        return question_wrong_type(
            refusal, "messages",
            "contents of {type: text, text} or {type: image_url, image_url: {url}}");
    return true;
}

static bool read_message(const cJSON *message, struct question *question, struct refusal *refusal)
{
    const cJSON *content = question_member(message, "content");
    const cJSON *part;

    if (!cJSON_IsString(question_member(message, "role")))
        return question_wrong_type(refusal, "messages", "a list of {role, content}");
    if (cJSON_IsString(content)) {
        question_add_text(content->valuestring, question);
        return true;
    }
    if (content && !cJSON_IsArray(content))
        return question_wrong_type(refusal, "messages",
                                   "a list of contents that are text or parts");
    cJSON_ArrayForEach(part, content)
    {
        if (!read_part(part, question, refusal))
            return false;
    }
    return true;
}

static bool read_messages(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    const cJSON *messages = question_member(body, "messages");
    const cJSON *message;

    if (!cJSON_IsArray(messages) || cJSON_GetArraySize(messages) == 0)
        return question_wrong_type(refusal, "messages", "a list of at least one {role, content}");
    question_begin_prompt(file, true, question);
    cJSON_ArrayForEach(message, messages)
    {
        if (!read_message(message, question, refusal))
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

bool openai_read_expert(const struct node_file *file, const cJSON *body, struct question *question,
                        struct refusal *refusal)
{
    const char *model = cJSON_GetStringValue(question_member(body, "model"));

    if (!model)
        return question_wrong_type(refusal, "model", "a text");
    return question_choose_expert(file, model, "model", question, refusal);
}

bool openai_read_prompt(const struct node_file *file, const cJSON *body, struct question *question,
                        struct refusal *refusal)
{
    return openai_read_expert(file, body, question, refusal) &&
           read_messages(file, body, question, refusal);
}

bool openai_read(const struct node_file *file, const cJSON *body, struct question *question,
                 struct refusal *refusal)
{
    return openai_read_expert(file, body, question, refusal) &&
           question_read_truth(body, "stream", false, &question->stream, refusal) &&
           question_read_truth(question_member(body, "stream_options"), "include_usage", false,
                               &question->include_usage, refusal) &&
           read_max_tokens(body, question, refusal) &&
           read_messages(file, body, question, refusal) &&
           question_choose_tier("messages", question, refusal);
}
