#include "store/manifest_content.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/json.h"
#include "store/manifest_match.h"

static void collect_names(const cJSON *root, struct manifest_content *content)
{
    const cJSON *steps = cJSON_GetObjectItemCaseSensitive(root, "steps");

    content->step = memory_new((size_t)cJSON_GetArraySize(steps), sizeof *content->step);
    for (const cJSON *item = steps ? steps->child : NULL; item; item = item->next) {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");

        if (cJSON_IsString(name) && !strchr(name->valuestring, '/'))
            content->step[content->steps++] = memory_text(name->valuestring);
    }
}

/* A run of before there were orders had one step for each row; a study that was sure has as many
 * as it took. */
static size_t count_planned(const cJSON *root)
{
    const cJSON *visits = cJSON_GetObjectItemCaseSensitive(root, "visits");
    size_t ended = manifest_ended_steps(root);

    if (ended > 0)
        return ended;
    return (size_t)cJSON_GetArraySize(visits ? visits
                                             : cJSON_GetObjectItemCaseSensitive(root, "rows"));
}

static void add_fact(struct manifest_content *content, const char *key, const cJSON *item)
{
    char *value = cJSON_IsString(item) ? memory_text(item->valuestring) : NULL;

    if (!value) {
        char *printed = cJSON_PrintUnformatted(item);

        value = memory_text(printed);
        cJSON_free(printed);
    }
    content->fact = memory_grow(content->fact, content->facts, sizeof *content->fact);
    content->fact[content->facts++] = (struct manifest_fact){memory_text(key), value};
}

/* What is not known is null, and no fact; lists tell of rows and steps. */
static void collect_facts(const cJSON *object, const char *prefix, struct manifest_content *content)
{
    for (const cJSON *item = object->child; item; item = item->next) {
        char *key = memory_printf("%s%s%s", prefix, *prefix ? "." : "", item->string);

        if (cJSON_IsObject(item))
            collect_facts(item, key, content);
        else if (!cJSON_IsArray(item) && !cJSON_IsNull(item))
            add_fact(content, key, item);
        free(key);
    }
}

/* A run of before there were any has none. */
static void collect_overrides(const cJSON *root, struct manifest_content *content)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "overrides");

    content->override = memory_new((size_t)cJSON_GetArraySize(list), sizeof *content->override);
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        const cJSON *option = cJSON_GetObjectItemCaseSensitive(item, "option");
        const cJSON *assignment = cJSON_GetObjectItemCaseSensitive(item, "assignment");

        if (cJSON_IsString(option) && cJSON_IsString(assignment))
            content->override[content->overrides++] = (struct manifest_override){
                memory_text(option->valuestring), memory_text(assignment->valuestring)};
    }
}

bool manifest_read(const char *folder, struct manifest_content *content, struct error *error)
{
    cJSON *root = manifest_parse(folder, error);

    *content = (struct manifest_content){0};
    if (root) {
        collect_names(root, content);
        collect_facts(root, "", content);
        collect_overrides(root, content);
        content->planned = count_planned(root);
        content->resumptions =
            (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(root, "resumed"));
    }
    cJSON_Delete(root);
    return root != NULL;
}

const char *manifest_find(const struct manifest_content *content, const char *key)
{
    for (size_t i = 0; i < content->facts; i++) {
        if (strcmp(content->fact[i].key, key) == 0)
            return content->fact[i].value;
    }
    return NULL;
}

void manifest_content_clear(struct manifest_content *content)
{
    for (size_t i = 0; i < content->steps; i++)
        free(content->step[i]);
    for (size_t i = 0; i < content->facts; i++) {
        free(content->fact[i].key);
        free(content->fact[i].value);
    }
    for (size_t i = 0; i < content->overrides; i++) {
        free(content->override[i].option);
        free(content->override[i].assignment);
    }
    free(content->step);
    free(content->fact);
    free(content->override);
    *content = (struct manifest_content){0};
}
