/* SambaStudio's generic API, version 2 (formats.md, 4b): a list of items, responded to with one
 * JSON object a line. Several items in one request are more than the simulator does. */
#include <cJSON.h>
#include <string.h>

#include "sim/generic.h"

static bool matches(const char *path, bool *stream)
{
    return sim_generic_matches(path, "/api/v2/predict/generic/", stream);
}

/* --- What is asked ---------------------------------------------------------------------------- */

/* An item without an id goes by its place in the list. */
static bool read_id(const cJSON *item, struct question *question, struct refusal *refusal)
{
    const cJSON *given = question_member(item, "id");
    const char *id = given ? cJSON_GetStringValue(given) : "0";

    if (!id || strlen(id) >= sizeof question->item)
        return refuse(refusal, 400, "invalid_type", "items",
                      "An item's 'id' must be a text of less than %zu bytes.",
                      sizeof question->item);
    if (strchr(id, '#'))
        return refuse(refusal, 400, "invalid_id", "items",
                      "The item's id '%s' holds a '#', which it must not.", id);
    strcpy(question->item, id);
    return true;
}

static bool read_question(const struct node_file *file, const cJSON *body,
                          struct question *question, struct refusal *refusal)
{
    const cJSON *items = question_member(body, "items");
    const cJSON *item = cJSON_GetArrayItem(items, 0);

    if (!cJSON_IsArray(items) || cJSON_GetArraySize(items) != 1 || !cJSON_IsObject(item))
        return question_wrong_type(refusal, "items", "a list of one {id, value}");
    return read_id(item, question, refusal) &&
           sim_generic_read(file, "value", question_member(item, "value"),
                            question_member(body, "params"), question, refusal);
}

/* --- What is sent ----------------------------------------------------------------------------- */

static void open_item(struct text *json, const struct token_text *token_text)
{
    text_add_string(json, "{\"items\":[{\"id\":");
    text_add_json(json, token_text->question->item);
    text_add_string(json, ",\"value\":");
}

static void close_item(struct text *json)
{
    text_add_string(json, "}]}");
}

static void add_tokens(struct text *event, const struct token_text *token_text, int64_t first,
                       int64_t count)
{
    text_add_string(event, "{\"result\":");
    open_item(event, token_text);
    sim_generic_add_tokens(event, token_text, first, count);
    close_item(event);
    text_add_string(event, "}\n");
}

static void add_whole(struct text *json, const struct token_text *token_text)
{
    open_item(json, token_text);
    sim_generic_add_last(json, token_text);
    close_item(json);
}

static bool add_end(struct text *event, const struct token_text *token_text, int k)
{
    if (k > 0)
        return false;
    text_add_string(event, "{\"result\":");
    add_whole(event, token_text);
    text_add_string(event, "}\n");
    return true;
}

static const char *const fields[] = {"items", "params", NULL};

const struct sim_dialect sim_generic_v2 = {
    .api = "sambastudio",
    .path = "/api/v2/predict/generic/stream/PROJECT/ENDPOINT",
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
