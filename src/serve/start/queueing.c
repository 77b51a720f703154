/* The queue of runs that wait for their endpoint: shown, put into another order. */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "core/memory.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/http/exchange_json.h"
#include "serve/responders.h"
#include "serve/start/starter.h"
#include "serve/workbench.h"

static void add_waiting(void *context, const struct waiting *waiting, const char *blocker_id,
                        const char *blocker_name)
{
    cJSON *list = context, *item = cJSON_CreateObject(), *blocker;

    cJSON_AddStringToObject(item, "id", waiting->id);
    cJSON_AddStringToObject(item, "name", waiting->name);
    cJSON_AddStringToObject(item, "command", waiting->search ? "search" : "run");
    cJSON_AddStringToObject(item, "endpoint", waiting->endpoint);
    cJSON_AddNumberToObject(item, "position", cJSON_GetArraySize(list) + 1);
    cJSON_AddStringToObject(item, "queued_utc", waiting->since_utc);
    if (blocker_id) {
        blocker = cJSON_AddObjectToObject(item, "waits_for");
        cJSON_AddStringToObject(blocker, "id", blocker_id);
        cJSON_AddStringToObject(blocker, "name", blocker_name);
    } else {
        cJSON_AddNullToObject(item, "waits_for");
    }
    if (waiting->error)
        cJSON_AddStringToObject(item, "error", waiting->error);
    else if (waiting->needs_key)
        cJSON_AddStringToObject(item, "error",
                                "its key was typed, and the server was started again since: type "
                                "it once more");
    else
        cJSON_AddNullToObject(item, "error");
    cJSON_AddItemToArray(list, item);
}

static void reply_queue(struct workbench *workbench, struct exchange *exchange)
{
    cJSON *reply = cJSON_CreateObject();

    starter_list(workbench->starter, add_waiting, cJSON_AddArrayToObject(reply, "queue"));
    exchange_reply_json(exchange, 200, reply);
    cJSON_Delete(reply);
}

static void do_queue(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    (void)stop;
    reply_queue(workbench, exchange);
}

void respond_queue(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_queue);
}

/* The ids of {"order": [ID, …]}, which stand in `object`; NULL: it is none. */
static const char **read_order(const cJSON *object, size_t *count)
{
    const cJSON *order = cJSON_GetObjectItemCaseSensitive(object, "order"), *item;
    const char **ids;

    *count = 0;
    if (!cJSON_IsArray(order) || cJSON_GetArraySize(order) > WAITING_MOST)
        return NULL;
    ids = memory_new(WAITING_MOST, sizeof *ids);
    cJSON_ArrayForEach(item, order)
    {
        if (!cJSON_IsString(item)) {
            free(ids);
            return NULL;
        }
        ids[(*count)++] = item->valuestring;
    }
    return ids;
}

static void do_reorder(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const struct text *body = exchange_body(exchange);
    cJSON *object = body->bytes ? cJSON_ParseWithLength(body->bytes, body->length) : NULL;
    size_t count;
    const char **ids = read_order(object, &count);

    (void)stop;
    if (!ids)
        exchange_refuse(exchange, 400, "the body is no object with order: a list of ids");
    else if (!starter_reorder(workbench->starter, ids, count))
        exchange_refuse(exchange, 409,
                        "one of them does not wait any more: ask for the queue again");
    else
        reply_queue(workbench, exchange);
    free(ids);
    cJSON_Delete(object);
}

void respond_reorder(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_reorder);
}
