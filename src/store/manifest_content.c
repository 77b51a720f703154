#include "store/manifest_content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/json.h"
#include "store/manifest.h"
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

/* Of slots with one name, the first is the least. */
static int by_name(const void *a, const void *b)
{
    char **const *x = a, **const *y = b;
    int order = strcmp(**x, **y);

    return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* A step that is listed twice ran once. */
static void drop_repeated(struct manifest_content *content)
{
    char ***slot = memory_new(content->steps, sizeof *slot);
    const char *before = NULL;
    size_t kept = 0;

    for (size_t i = 0; i < content->steps; i++)
        slot[i] = &content->step[i];
    if (content->steps > 0)
        qsort(slot, content->steps, sizeof *slot, by_name);
    for (size_t i = 0; i < content->steps; i++) {
        if (before && strcmp(before, *slot[i]) == 0) {
            free(*slot[i]);
            *slot[i] = NULL;
        } else {
            before = *slot[i];
        }
    }
    for (size_t i = 0; i < content->steps; i++) {
        if (content->step[i])
            content->step[kept++] = content->step[i];
    }
    content->steps = kept;
    free(slot);
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

/* 0.1.0 wrote a seed of 16 digits with an exponent. */
static char *whole(const char *number)
{
    static const double exact = 9007199254740992;
    double value = strtod(number, NULL);

    return strpbrk(number, "eE") && fabs(value) <= exact ? memory_printf("%.0f", value)
                                                         : memory_text(number);
}

static void add_fact(struct manifest_content *content, const char *key, const cJSON *item)
{
    char *value = cJSON_IsString(item) ? memory_text(item->valuestring) : NULL;

    if (strcmp(key, "settings.seed") == 0 && cJSON_IsRaw(item))
        value = whole(item->valuestring);
    if (!value) {
        char *printed = cJSON_PrintUnformatted(item);

        value = memory_text(printed);
        cJSON_free(printed);
    }
    content->fact = memory_grow(content->fact, content->facts, sizeof *content->fact);
    content->fact[content->facts++] = (struct manifest_fact){memory_text(key), value};
}

/* What is new with every question tells nothing of the server. */
static bool is_fleeting(const char *key)
{
    static const char *const keys[] = {"created", "permission", "status", "modified_at"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

static void add_server_fact(struct manifest_content *content, const char *key, const cJSON *item)
{
    char *printed =
        cJSON_IsString(item) ? memory_text(item->valuestring) : cJSON_PrintUnformatted(item);

    content->server = memory_grow(content->server, content->servers, sizeof *content->server);
    content->server[content->servers++] =
        (struct manifest_fact){memory_text(key), memory_text(printed)};
    if (cJSON_IsString(item))
        free(printed);
    else
        cJSON_free(printed);
}

/* Members of lists go by their "id", where they have one. */
static void collect_server(const cJSON *object, const char *prefix, size_t depth,
                           struct manifest_content *content)
{
    enum { DEPTH_MOST = 16 };
    int at = 0;

    for (const cJSON *item = object ? object->child : NULL; item; item = item->next, at++) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
        char *own = item->string         ? memory_text(item->string)
                    : cJSON_IsString(id) ? memory_text(id->valuestring)
                                         : memory_printf("%d", at);
        char *key = memory_printf("%s%s%s", prefix, *prefix ? "." : "", own);

        if (is_fleeting(own))
            ;
        else if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
            if (depth < DEPTH_MOST)
                collect_server(item, key, depth + 1, content);
        } else {
            add_server_fact(content, key, item);
        }
        free(own);
        free(key);
    }
}

/* The manifest's own lists tell of rows and steps. */
static bool is_fact(const cJSON *item, const char *key)
{
    static const char settings[] = "settings.";

    return !cJSON_IsArray(item) || (item->child && strncmp(key, settings, strlen(settings)) == 0);
}

/* What is not known is null, and no fact. */
static void collect_facts(const cJSON *object, const char *prefix, struct manifest_content *content)
{
    for (const cJSON *item = object->child; item; item = item->next) {
        char *key = memory_printf("%s%s%s", prefix, *prefix ? "." : "", item->string);

        if (!*prefix && strcmp(item->string, "server") == 0)
            collect_server(item, "", 0, content);
        else if (cJSON_IsObject(item))
            collect_facts(item, key, content);
        else if (!cJSON_IsNull(item) && is_fact(item, key))
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
        drop_repeated(content);
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

const char manifest_shared_key[] = "shared_endpoint";

bool manifest_is_marked_shared(const char *folder)
{
    char *path = file_join(folder, manifest_shared_key);
    bool there = file_exists(path);

    free(path);
    return there;
}

bool manifest_is_shared(const char *folder, const struct manifest_content *content)
{
    const char *shared = manifest_find(content, manifest_shared_key);

    return (shared && strcmp(shared, "true") == 0) || manifest_is_marked_shared(folder);
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
    for (size_t i = 0; i < content->servers; i++) {
        free(content->server[i].key);
        free(content->server[i].value);
    }
    free(content->server);
    free(content->step);
    free(content->fact);
    free(content->override);
    *content = (struct manifest_content){0};
}
