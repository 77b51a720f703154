/* The session's endpoint, what it lists, and drafts of runs, checked. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/http/exchange_json.h"
#include "serve/responders.h"
#include "serve/start/checks.h"
#include "serve/start/plan_check.h"
#include "serve/start/under_way.h"
#include "serve/workbench.h"

/* --- Checks ---------------------------------------------------------------------------------- */

/* Which run measures that endpoint now; NULL: none does. */
static cJSON *find_busy(struct workbench *workbench, const cJSON *found)
{
    const char *endpoint = plan_check_endpoint(found);
    struct under_way_run run;
    cJSON *busy;

    if (!endpoint || !under_way_find(workbench->under_way, endpoint, UNDER_WAY_GLANCE_S, &run))
        return NULL;
    busy = cJSON_CreateObject();
    cJSON_AddStringToObject(busy, "id", run.id);
    cJSON_AddStringToObject(busy, "name", run.name);
    under_way_run_clear(&run);
    return busy;
}

/* Where that is wanted the endpoint is asked too, unless a run measures it: only the plan tells
 * which endpoint that is. */
static cJSON *look(struct workbench *workbench, struct plan_check *check, bool online,
                   struct error *error)
{
    cJSON *found = plan_check(workbench, check, error), *busy;

    if (!found)
        return NULL;
    busy = find_busy(workbench, found);
    if (online && !busy && plan_check_is_sound(found)) {
        cJSON_Delete(found);
        check->online = true;
        found = plan_check(workbench, check, error);
    }
    if (found)
        cJSON_AddItemToObject(found, "busy", busy ? busy : cJSON_CreateNull());
    else
        cJSON_Delete(busy);
    return found;
}

static void check(struct workbench *workbench, struct exchange *exchange, const struct draft *draft,
                  const struct typed_endpoint *endpoint, atomic_bool *stop)
{
    const char *secret = exchange_header(exchange, "X-Coebench");
    atomic_bool stale = false;
    struct plan_check asked = {.draft = draft, .endpoint = endpoint, .stop = stop, .stale = &stale};
    struct error error;
    cJSON *found = NULL;
    bool fresh = checks_begin(workbench->checks, secret, exchange_began_ns(exchange), &stale);

    if (fresh) {
        found = look(workbench, &asked, draft->online, &error);
        fresh = checks_end(workbench->checks, secret);
    }
    if (!fresh)
        exchange_refuse(exchange, 409, "a newer check was asked for");
    else if (found)
        exchange_reply_json(exchange, 200, found);
    else
        exchange_refuse(exchange, 503, "%s", error.text);
    cJSON_Delete(found);
}

static void do_plan(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const struct text *body = exchange_body(exchange);
    struct typed_endpoint endpoint = {0};
    struct draft draft;
    struct error error;

    endpoints_get(workbench->endpoints, exchange_header(exchange, "X-Coebench"), &endpoint);
    if (draft_read(body->bytes, body->length, &draft, &error))
        check(workbench, exchange, &draft, &endpoint, stop);
    else
        exchange_refuse(exchange, 400, "%s", error.text);
    draft_clear(&draft);
    typed_endpoint_clear(&endpoint);
}

void respond_plan(struct workbench *workbench, struct exchange *exchange)
{
    checks_ask(workbench->checks, exchange_header(exchange, "X-Coebench"),
               exchange_began_ns(exchange));
    background_do(workbench->background, exchange, do_plan);
}
