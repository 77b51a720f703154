/* SambaStudio's generic API, version 1 (formats.md, 4c): parameters that come as text beside their
 * type, responded to with one JSON object a line. Several prompts in one request are more than the
 * simulator does. */
#include <cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/generic.h"

static bool matches(const char *path, bool *stream)
{
    return sim_generic_matches(path, "/api/predict/generic/", stream);
}

/* --- What is asked ---------------------------------------------------------------------------- */

/* A text of nothing but these characters, read to its end as a finite number; else NULL. */
static cJSON *read_number(const char *value, const char *characters)
{
    char *end;
    double number = strtod(value, &end);

    if (end == value || *end || !isfinite(number) || value[strspn(value, characters)])
        return NULL;
    return cJSON_CreateNumber(number);
}

static cJSON *read_int(const char *value)
{
    return read_number(value, "+-0123456789");
}

static cJSON *read_float(const char *value)
{
    return read_number(value, "+-0123456789.eE");
}

static cJSON *read_bool(const char *value)
{
    bool is_true = strcmp(value, "True") == 0;

    return is_true || strcmp(value, "False") == 0 ? cJSON_CreateBool(is_true) : NULL;
}

static cJSON *read_str(const char *value)
{
    return cJSON_CreateString(value);
}

/* The types that a parameter may have; each reads a value, or gives NULL. */
static const struct type {
    const char *name;
    cJSON *(*read)(const char *value);
} types[] = {
    {"int", read_int},
    {"float", read_float},
    {"bool", read_bool},
    {"str", read_str},
};

static const struct type *find_type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    }
    return NULL;
}

/* The plain value of a parameter, for the caller to delete; NULL and a refusal where it has none.
 */
static cJSON *read_param(const cJSON *param, struct refusal *refusal)
{
    const char *name = cJSON_GetStringValue(question_member(param, "type"));
    const char *value = cJSON_GetStringValue(question_member(param, "value"));
    const struct type *type = name ? find_type(name) : NULL;
    cJSON *plain = type && value ? type->read(value) : NULL;

    if (!name || !value)
        refuse(refusal, 400, "invalid_type", "params",
               "'%.100s' must be {type, value}, both of them texts.", param->string);
    else if (!type)
        refuse(refusal, 400, "invalid_type", "params",
               "The type of '%.100s' must be int, float, bool or str, not '%.100s'.", param->string,
               name);
    else if (!plain)
        refuse(refusal, 400, "invalid_type", "params", "'%.100s' is no %s: '%.100s'.",
               param->string, name, value);
    return plain;
}

/* Adds all parameters to `plain` as plain values. */
static bool read_params(const cJSON *params, cJSON *plain, struct refusal *refusal)
{
    const cJSON *param;

    if (params && !cJSON_IsObject(params))
        return question_wrong_type(refusal, "params", "an object");
    cJSON_ArrayForEach(param, params)
    {
        cJSON *value = read_param(param, refusal);

        if (!value)
            return false;
        cJSON_AddItemToObject(plain, param->string, value);
    }
    return true;
}

/* A stream takes one instance, any other request a list of them. */
static const cJSON *find_prompt(const cJSON *body, const struct question *question,
                                struct refusal *refusal)
{
    const cJSON *instances = question_member(body, "instances");
    const cJSON *prompt =
        question->stream ? question_member(body, "instance") : cJSON_GetArrayItem(instances, 0);
    bool right = question->stream || cJSON_GetArraySize(instances) == 1;

    if (cJSON_IsString(prompt) && right)
        return prompt;
    if (question->stream)
        question_wrong_type(refusal, "instance", "a text");
    else
        question_wrong_type(refusal, "instances", "a list of one text");
    return NULL;
}

static bool read_question(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    const cJSON *prompt = find_prompt(body, question, refusal);
    cJSON *plain = cJSON_CreateObject();
    bool done = prompt && read_params(question_member(body, "params"), plain, refusal) &&
                sim_generic_read(file, question->stream ? "instance" : "instances", prompt, plain,
                                 question, refusal);

    cJSON_Delete(plain);
    return done;
}

/* --- What is sent ----------------------------------------------------------------------------- */

static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    text_add_string(event, "{\"result\":{\"responses\":[");
    sim_generic_add_tokens(event, token_text, first, count);
    text_add_string(event, "]}}\n");
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    if (k > 0)
        return false;
    text_add_string(event, "{\"result\":{\"responses\":[");
    sim_generic_add_last(event, token_text);
    text_add_string(event, "]}}\n");
    return true;
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    text_add_string(json, "{\"predictions\":[");
    sim_generic_add_last(json, token_text);
    text_add_string(json, "]}");
}

static const char *const fields[] = {"instance", "instances", "params", NULL};

const struct sim_dialect sim_generic_v1 = {
    .api = "sambastudio",
    .path = "/api/predict/generic/stream/PROJECT/ENDPOINT",
    .stream_type = "application/x-ndjson",
    .key_form = "key: KEY",
    .fields = fields,
    .event_start = "",
    .event_end = "\n",
    .matches = matches,
    .key = sim_generic_key,
    .read = read_question,
    .add_tokens = add_tokens,
    .tokens_alike = true,
    .add_end = add_end,
    .add_whole = add_whole,
    .add_refusal = sim_generic_add_refusal,
};
