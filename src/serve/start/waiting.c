#include "serve/start/waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "serve/runs/run_table.h"
#include "serve/workbench.h"
#include "store/index/list.h"

static const char file_name[] = "queue.json";

enum { FILE_MOST = 4 << 20 };

void waiting_clear(struct waiting *waiting)
{
    free(waiting->path);
    free(waiting->name);
    free(waiting->endpoint);
    free(waiting->error);
    typed_endpoint_clear(&waiting->typed);
    *waiting = (struct waiting){0};
}

struct waiting waiting_take(struct waiting *list, size_t *count, size_t at)
{
    struct waiting taken = list[at];

    memmove(&list[at], &list[at + 1], (*count - at - 1) * sizeof *list);
    --*count;
    return taken;
}

void waiting_remove_draft(const struct workbench *workbench, const struct waiting *waiting)
{
    char below[OWN_NAME + 16], *folder;

    if (!waiting->draft[0])
        return;
    snprintf(below, sizeof below, "drafts/%s", waiting->draft);
    folder = own_folder_path(workbench, below);
    file_remove_folder(folder);
    free(folder);
}

/* --- As a file ------------------------------------------------------------------------------- */

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* The query of an address is a secret, as a key is. */
static void add_typed(cJSON *object, const struct waiting *waiting)
{
    const struct typed_endpoint *typed = &waiting->typed;
    size_t length = typed->address ? strcspn(typed->address, "?") : 0;
    char *address;
    cJSON *item;

    if (!typed->address)
        return;
    address = memory_bytes(typed->address, length);
    item = cJSON_AddObjectToObject(object, "typed");
    cJSON_AddStringToObject(item, "api", api_at(typed->api)->name);
    cJSON_AddStringToObject(item, "address", address);
    cJSON_AddBoolToObject(item, "needs_key",
                          waiting->needs_key || typed->key || typed->address[length]);
    free(address);
}

static void add_entry(cJSON *list, const struct waiting *waiting)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "path", waiting->path);
    cJSON_AddStringToObject(object, "endpoint", waiting->endpoint);
    cJSON_AddStringToObject(object, "command", waiting->search ? "search" : "run");
    cJSON_AddBoolToObject(object, "resumes", waiting->resumes);
    cJSON_AddStringToObject(object, "draft", waiting->draft);
    cJSON_AddStringToObject(object, "queued_utc", waiting->since_utc);
    if (waiting->error)
        cJSON_AddStringToObject(object, "error", waiting->error);
    add_typed(object, waiting);
    cJSON_AddItemToArray(list, object);
}

bool waiting_write(const struct workbench *workbench, const struct waiting *list, size_t count,
                   struct error *error)
{
    int own = own_folder_open(workbench, "drafts", error);
    cJSON *root = own >= 0 ? cJSON_CreateObject() : NULL, *queue;
    char *json, *path;
    bool done;

    if (own < 0)
        return false;
    close(own);
    queue = cJSON_AddArrayToObject(root, "queue");
    for (size_t i = 0; i < count; i++)
        add_entry(queue, &list[i]);
    json = cJSON_Print(root);
    path = own_folder_path(workbench, file_name);
    done = file_write(path, json, strlen(json), error);
    free(path);
    cJSON_free(json);
    cJSON_Delete(root);
    return done;
}

/* --- And back -------------------------------------------------------------------------------- */

static bool is_draft(const char *text)
{
    return strlen(text) == OWN_NAME - 1 && !text[strspn(text, "0123456789abcdef")];
}

/* Leads down, one part after another (run_folder.h). */
static bool is_path(const char *path)
{
    for (const char *at = path; at;) {
        size_t length = strcspn(at, "/");

        if (length == 0 || length > 255 || at[0] == '.')
            return false;
        at = at[length] ? at + length + 1 : NULL;
    }
    return true;
}

static bool read_typed(const cJSON *object, struct waiting *waiting)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "typed");
    char *json = cJSON_IsObject(item) ? cJSON_PrintUnformatted(item) : NULL;
    struct error error;
    bool done = !item || (json && typed_endpoint_read(json, strlen(json), &waiting->typed, &error));

    waiting->needs_key = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "needs_key"));
    cJSON_free(json);
    return done;
}

static bool read_entry(const cJSON *object, struct waiting *waiting)
{
    const char *path = text_of(object, "path"), *endpoint = text_of(object, "endpoint"),
               *draft = text_of(object, "draft"), *since = text_of(object, "queued_utc"),
               *command = text_of(object, "command");

    *waiting = (struct waiting){0};
    waiting->resumes = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "resumes"));
    if (!path || !is_path(path) || !endpoint || !draft ||
        (waiting->resumes ? draft[0] != '\0' : !is_draft(draft)))
        return false;
    waiting->path = memory_text(path);
    waiting->name = memory_text(run_table_name(path));
    waiting->endpoint = memory_text(endpoint);
    waiting->search = command && strcmp(command, "search") == 0;
    waiting->error = memory_text(text_of(object, "error"));
    snprintf(waiting->draft, sizeof waiting->draft, "%s", draft);
    snprintf(waiting->since_utc, sizeof waiting->since_utc, "%s", since ? since : "");
    index_id_of(path, waiting->id);
    return read_typed(object, waiting);
}

struct waiting *waiting_parse(const char *bytes, size_t length, size_t *count)
{
    cJSON *root = bytes ? cJSON_ParseWithLength(bytes, length) : NULL;
    const cJSON *queue = cJSON_GetObjectItemCaseSensitive(root, "queue"), *item;
    struct waiting *list = NULL;

    *count = 0;
    cJSON_ArrayForEach(item, queue)
    {
        struct waiting waiting;

        if (*count < WAITING_MOST && read_entry(item, &waiting)) {
            list = memory_grow(list, *count, sizeof *list);
            list[(*count)++] = waiting;
        } else if (*count < WAITING_MOST) {
            waiting_clear(&waiting);
        }
    }
    cJSON_Delete(root);
    return list;
}

struct waiting *waiting_read(const struct workbench *workbench, size_t *count)
{
    char *path = own_folder_path(workbench, file_name);
    struct text text = {0};
    struct error error;
    struct waiting *list = NULL;

    *count = 0;
    if (file_read_regular(path, FILE_MOST, &text, &error))
        list = waiting_parse(text.bytes, text.length, count);
    text_clear(&text);
    free(path);
    return list;
}
