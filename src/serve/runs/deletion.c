/* The end of a run: all its files go, where its name was given once more and nobody writes to it.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/responders.h"
#include "serve/runs/run_folder.h"
#include "serve/runs/run_report.h"
#include "serve/runs/run_table.h"
#include "serve/workbench.h"
#include "store/journal.h"

static bool names(const struct text *body, const char *name)
{
    cJSON *json = body->bytes ? cJSON_ParseWithLength(body->bytes, body->length) : NULL;
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(json, "name");
    bool same = cJSON_IsString(given) && strcmp(given->valuestring, name) == 0;

    cJSON_Delete(json);
    return same;
}

/* Out of the list at once, whole, and then file by file. */
static bool remove_run(const struct workbench *workbench, const char *id, const char *path,
                       struct error *error)
{
    char *from = file_join(workbench->root, path);
    char *own = file_join(workbench->root, workbench_own_folder);
    char *to = memory_printf("%s/deleted-%s", own, id);
    bool gone = file_make_folders(own, error);

    file_remove_folder(to);
    if (gone && rename(from, to) < 0)
        gone = error_set(error, "the run cannot be deleted: %s", strerror(errno));
    if (gone)
        file_remove_folder(to);
    free(from);
    free(own);
    free(to);
    return gone;
}

static bool is_under_way(const struct workbench *workbench, const char *path)
{
    char *folder = file_join(workbench->root, path);
    bool locked = journal_is_locked(folder);

    free(folder);
    return locked;
}

static void do_delete(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    char *path = run_table_find(workbench, exchange_run(exchange));
    int folder = path ? run_folder_open(workbench->folder, path) : -1;
    struct text json = {0};
    struct error error;

    (void)stop;
    if (folder < 0)
        exchange_refuse(exchange, 404, "no run has this number: the list shows those there are");
    else if (!names(exchange_body(exchange), run_table_name(path)))
        exchange_refuse(exchange, 409, "that is not the run's name, so nothing was deleted");
    else if (is_under_way(workbench, path))
        exchange_refuse(exchange, 409, "the run is under way: stop it first");
    else if (!remove_run(workbench, exchange_run(exchange), path, &error))
        exchange_refuse(exchange, 500, "%s", error.text);
    else {
        text_add_string(&json, "{\"deleted\":true}\n");
        exchange_reply(exchange, 200, EXCHANGE_JSON, "application/json", &json);
    }
    if (folder >= 0)
        close(folder);
    free(path);
}

void respond_delete(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_delete);
}
