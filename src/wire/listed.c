#include "wire/listed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"

const char *const model_status_words[MODEL_STATUSES] = {"",        "loaded",   "unloaded",
                                                        "loading", "sleeping", "failed"};

/* --- One model -------------------------------------------------------------------------------- */

/* Who tells a context, and where: OpenRouter and SambaNova, vLLM, LM Studio; llama-server;
 * OpenRouter of the provider that serves it; TGI. */
static const struct {
    const char *group; /* NULL: beside the id */
    const char *member;
} contexts[] = {
    {NULL, "context_length"},           {NULL, "max_model_len"},
    {NULL, "max_context_length"},       {"meta", "n_ctx"},
    {"top_provider", "context_length"}, {NULL, "max_total_tokens"},
};

static int64_t read_context(const cJSON *item)
{
    double least = 0;

    for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
        const cJSON *group =
            contexts[i].group ? cJSON_GetObjectItemCaseSensitive(item, contexts[i].group) : item;
        const cJSON *context = cJSON_GetObjectItemCaseSensitive(group, contexts[i].member);

        if (cJSON_IsNumber(context) && context->valuedouble >= 1 && context->valuedouble < 1e12 &&
            (least == 0 || context->valuedouble < least))
            least = context->valuedouble;
    }
    return (int64_t)least;
}

static enum model_status read_status(const cJSON *item)
{
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(item, "status");
    const cJSON *value =
        cJSON_IsObject(status) ? cJSON_GetObjectItemCaseSensitive(status, "value") : status;
    const char *word = cJSON_GetStringValue(value);

    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(status, "failed")))
        return MODEL_FAILED;
    for (int i = MODEL_LOADED; word && i < MODEL_STATUSES; i++) {
        if (strcasecmp(word, model_status_words[i]) == 0)
            return (enum model_status)i;
    }
    return MODEL_STATUS_UNKNOWN;
}

/* Adds a member that is a text or a number, and so no list of what was granted or loaded when. */
static void add_plain(struct text *json, const cJSON *member)
{
    if (!cJSON_IsString(member) && !cJSON_IsNumber(member))
        return;
    text_add_char(json, ',');
    text_add_json(json, member->string);
    text_add_char(json, ':');
    if (cJSON_IsString(member))
        text_add_json(json, member->valuestring);
    else
        text_add_number(json, member->valuedouble);
}

/* What a server may say of a model that another of the same name does not: llama-server has its
 * size in `meta`. `created` is the time of the list at some servers, and so is left out. So are
 * size and context where a model has a status: a router tells them of those that are loaded alone.
 */
static char *read_says(const cJSON *item, const char *id, int64_t context)
{
    bool has_status = read_status(item) != MODEL_STATUS_UNKNOWN;
    const cJSON *meta = has_status ? NULL : cJSON_GetObjectItemCaseSensitive(item, "meta");
    struct text json = {0};

    text_add_string(&json, "{\"id\":");
    text_add_json(&json, id);
    text_printf(&json, ",\"context\":%" PRId64, has_status ? 0 : context);
    add_plain(&json, cJSON_GetObjectItemCaseSensitive(item, "owned_by"));
    add_plain(&json, cJSON_GetObjectItemCaseSensitive(item, "root"));
    for (const cJSON *member = cJSON_IsObject(meta) ? meta->child : NULL; member;
         member = member->next)
        add_plain(&json, member);
    text_add_char(&json, '}');
    return text_take(&json);
}

/* OpenAI and Anthropic, Ollama, TGI. */
static const char *read_id(const cJSON *item)
{
    static const char *const names[] = {"id", "model", "model_id"};
    const char *id = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names && !id; i++)
        id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, names[i]));
    return id;
}

/* Ollama calls its owner "library" in OpenAI's list, and says nothing of it in its own. */
static const char *read_owner(const cJSON *item)
{
    const char *owner = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "owned_by"));
    bool ollama = cJSON_GetObjectItemCaseSensitive(item, "model") &&
                  cJSON_GetObjectItemCaseSensitive(item, "digest");

    return !owner && ollama ? "library" : owner;
}

bool listed_model_read(const cJSON *item, struct listed_model *model)
{
    const char *id = read_id(item);
    const char *owner = read_owner(item);
    int64_t context = read_context(item);

    if (!id)
        return false;
    *model = (struct listed_model){.id = memory_text(id),
                                   .context_length = context,
                                   .status = read_status(item),
                                   .owned_by = memory_text(owner ? owner : ""),
                                   .says = read_says(item, id, context)};
    return true;
}

/* --- The list --------------------------------------------------------------------------------- */

const cJSON *listed_models_of(const cJSON *response)
{
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(response, "data");

    return data ? data : cJSON_GetObjectItemCaseSensitive(response, "models");
}

bool listed_models_owned_by(const struct listed_models *models, const char *owner)
{
    for (size_t i = 0; i < models->count; i++) {
        if (strcmp(models->model[i].owned_by, owner) == 0)
            return true;
    }
    return false;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void listed_models_say(const struct listed_models *models, struct text *line)
{
    const char **says = memory_new(models->count, sizeof *says);
    struct text all = {0};
    char hex[65];

    for (size_t i = 0; i < models->count; i++)
        says[i] = models->model[i].says;
    qsort(says, models->count, sizeof *says, compare_texts);
    for (size_t i = 0; i < models->count; i++) {
        text_add_string(&all, says[i]);
        text_add_char(&all, '\n');
    }
    file_sha256(all.bytes, all.length, hex);
    text_printf(line, "%zu model%s, %.16s", models->count, models->count == 1 ? "" : "s", hex);
    text_clear(&all);
    free(says);
}

/* --- By name ---------------------------------------------------------------------------------- */

static const char tag[] = ":latest";

/* The name without what Ollama adds to one that has no tag. */
static size_t untagged(const char *name)
{
    size_t length = strlen(name), behind = sizeof tag - 1;

    return length > behind && strcmp(name + length - behind, tag) == 0 ? length - behind : length;
}

bool listed_names_alike(const char *a, const char *b)
{
    size_t length = untagged(a);

    return length == untagged(b) && memcmp(a, b, length) == 0;
}

const struct listed_model *listed_models_find(const struct listed_models *models, const char *name)
{
    const struct listed_model *other = NULL;

    for (size_t i = 0; i < models->count; i++) {
        if (strcmp(models->model[i].id, name) == 0)
            return &models->model[i];
        if (!other && listed_names_alike(models->model[i].id, name))
            other = &models->model[i];
    }
    return other;
}

bool listed_models_same(const struct listed_models *models, const char *a, const char *b)
{
    const struct listed_model *found = listed_models_find(models, a);

    return strcmp(a, b) == 0 || (found && found == listed_models_find(models, b));
}
