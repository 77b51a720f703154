/* Runs are started and resumed, at once or in their turn. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/http/exchange_json.h"
#include "serve/own_folder.h"
#include "serve/responders.h"
#include "serve/runs/run_table.h"
#include "serve/start/plan_check.h"
#include "serve/start/starter.h"
#include "serve/workbench.h"
#include "store/journal.h"
#include "store/manifest_content.h"

/* --- What comes of it ------------------------------------------------------------------------ */

static void reply_made(struct exchange *exchange, const struct starter_made *made, bool queued)
{
    cJSON *reply = cJSON_CreateObject();

    cJSON_AddStringToObject(reply, "id", made->id);
    cJSON_AddStringToObject(reply, "name", made->name);
    cJSON_AddStringToObject(reply, "state", queued ? "queued" : "started");
    cJSON_AddNumberToObject(reply, "position", (double)made->position);
    exchange_reply_json(exchange, 201, reply);
    cJSON_Delete(reply);
}

/* A run that does not begin has faults that only its beginning shows. */
static void start(struct workbench *workbench, struct exchange *exchange,
                  struct starter_asked *asked)
{
    const unsigned refusal = asked->waiting.resumes ? 409 : 400;
    struct starter_made made;
    struct error error;
    enum starter_end end = starter_do(workbench->starter, asked, &made, &error);

    switch (end) {
    case STARTER_STARTED:
    case STARTER_QUEUED:
        reply_made(exchange, &made, end == STARTER_QUEUED);
        break;
    case STARTER_TAKEN:
        exchange_refuse(exchange, 409, "%s", error.text);
        break;
    case STARTER_FULL:
        exchange_refuse(exchange, 429, "%s", error.text);
        break;
    case STARTER_FAILED:
        exchange_refuse(exchange, refusal, "%s", error.text);
        break;
    }
    free(made.name);
}

/* --- A new run ------------------------------------------------------------------------------- */

/* What was found keeps it from running. */
static void refuse_plan(struct exchange *exchange, cJSON *found)
{
    cJSON *reply = cJSON_CreateObject();
    static const char *const keys[] = {"faults", "warnings"};

    cJSON_AddStringToObject(reply, "error", "the plan is not sound, so nothing was started");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cJSON_AddItemToObject(reply, keys[i],
                              cJSON_DetachItemFromObjectCaseSensitive(found, keys[i]));
    exchange_reply_json(exchange, 400, reply);
    cJSON_Delete(reply);
}

/* Keeps the draft until its run has ended. */
static bool keep_draft(const struct workbench *workbench, const struct draft *draft,
                       const struct text *body, char name[OWN_NAME], struct error *error)
{
    char below[OWN_NAME + 16];
    int folder;
    bool done;

    own_name_draw(name);
    snprintf(below, sizeof below, "drafts/%s", name);
    folder = own_folder_open(workbench, below, error);
    if (folder < 0)
        return false;
    done = draft_write(draft, folder, error) &&
           own_folder_write(folder, draft_body_name, body->bytes, body->length, error);
    close(folder);
    return done;
}

static void start_draft(struct workbench *workbench, struct exchange *exchange,
                        const struct draft *draft, const struct typed_endpoint *endpoint,
                        const char *address, atomic_bool *stop)
{
    struct starter_asked asked = {
        .waiting = {.endpoint = memory_text(address), .search = draft->search},
        .name = draft->name,
        .anyway = draft->anyway,
        .stop = stop};
    struct error error;

    typed_endpoint_copy(endpoint, &asked.waiting.typed);
    if (keep_draft(workbench, draft, exchange_body(exchange), asked.waiting.draft, &error)) {
        start(workbench, exchange, &asked);
        return;
    }
    waiting_remove_draft(workbench, &asked.waiting);
    waiting_clear(&asked.waiting);
    exchange_refuse(exchange, 503, "%s", error.text);
}

static void check_and_start(struct workbench *workbench, struct exchange *exchange,
                            const struct draft *draft, const struct typed_endpoint *endpoint,
                            atomic_bool *stop)
{
    const struct plan_check check = {.draft = draft, .endpoint = endpoint, .stop = stop};
    struct error error;
    cJSON *found = plan_check(workbench, &check, &error);

    if (!found)
        exchange_refuse(exchange, 503, "%s", error.text);
    else if (!plan_check_is_sound(found) || !plan_check_endpoint(found))
        refuse_plan(exchange, found);
    else
        start_draft(workbench, exchange, draft, endpoint, plan_check_endpoint(found), stop);
    cJSON_Delete(found);
}

static void do_start(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const struct text *body = exchange_body(exchange);
    struct typed_endpoint endpoint;
    struct draft draft;
    struct error error;

    endpoints_get(workbench->endpoints, exchange_header(exchange, "X-Coebench"), &endpoint);
    if (draft_read(body->bytes, body->length, &draft, &error))
        check_and_start(workbench, exchange, &draft, &endpoint, stop);
    else
        exchange_refuse(exchange, 400, "%s", error.text);
    draft_clear(&draft);
    typed_endpoint_clear(&endpoint);
}

void respond_start(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_start);
}

/* --- One that was cut off -------------------------------------------------------------------- */

/* Whether the body, which may be empty, asks for it beside another run. False with a sentence where
 * it is something else. */
static bool read_anyway(const struct text *body, bool *anyway, struct error *error)
{
    cJSON *object = body->bytes ? cJSON_ParseWithLength(body->bytes, body->length) : NULL;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "anyway");
    bool fine = body->length == 0 || (cJSON_IsObject(object) && (!item || cJSON_IsBool(item)));

    *anyway = cJSON_IsTrue(item);
    cJSON_Delete(object);
    return fine || error_set(error, "the body is no object with anyway: true or false");
}

static bool is_search(const struct manifest_content *manifest)
{
    for (size_t i = 0; i < manifest->facts; i++) {
        if (strncmp(manifest->fact[i].key, "search.", 7) == 0)
            return true;
    }
    return false;
}

static bool read_run(const char *folder, struct waiting *waiting, struct error *error)
{
    struct manifest_content manifest = {0};
    const char *address;
    bool done = manifest_read(folder, &manifest, error);

    address = done ? manifest_find(&manifest, "endpoint.address") : NULL;
    if (done && !address)
        done = error_set(error, "the run's manifest names no endpoint, so it cannot be resumed");
    if (done) {
        waiting->endpoint = memory_text(address);
        waiting->search = is_search(&manifest);
    }
    manifest_content_clear(&manifest);
    return done;
}

static void resume(struct workbench *workbench, struct exchange *exchange, const char *path,
                   bool anyway, atomic_bool *stop)
{
    struct starter_asked asked = {.waiting = {.path = memory_text(path),
                                              .name = memory_text(run_table_name(path)),
                                              .resumes = true},
                                  .anyway = anyway,
                                  .stop = stop};
    char *folder = file_join(workbench->root, path);
    struct error error;

    snprintf(asked.waiting.id, sizeof asked.waiting.id, "%s", exchange_run(exchange));
    endpoints_get(workbench->endpoints, exchange_header(exchange, "X-Coebench"),
                  &asked.waiting.typed);
    if (journal_is_locked(folder))
        exchange_refuse(exchange, 409, "the run is under way");
    else if (!read_run(folder, &asked.waiting, &error))
        exchange_refuse(exchange, 409, "%s", error.text);
    else
        start(workbench, exchange, &asked);
    waiting_clear(&asked.waiting);
    free(folder);
}

static void do_resume(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    char *path = run_table_find(workbench, exchange_run(exchange));
    struct error error;
    bool anyway;

    if (!path)
        exchange_refuse(exchange, 404, "no run has this number: the list shows those there are");
    else if (!read_anyway(exchange_body(exchange), &anyway, &error))
        exchange_refuse(exchange, 400, "%s", error.text);
    else
        resume(workbench, exchange, path, anyway, stop);
    free(path);
}

void respond_resume(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_resume);
}
