/* Runs held against each other: a candidate against a baseline by a policy, and a study over
 * several. What comes of them is kept by what it was made of. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/exit.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/shipped.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/http/exchange_json.h"
#include "serve/responders.h"
#include "serve/runs/run_report.h"
#include "serve/runs/run_table.h"
#include "serve/workbench.h"

enum { RUNS_MOST = 48, ID = 16 };

/* What `compare` takes where no policy is named. */
static const char usual_policy[] = "configs/qualification.yaml";

/* The runs that are asked for. */
struct chosen {
    char *path[RUNS_MOST + 1]; /* below the root; end with NULL; owned */
    size_t count;
    struct text made_of; /* which runs, in which state, and what else makes a difference */
};

static void clear(struct chosen *chosen)
{
    for (size_t i = 0; i < chosen->count; i++)
        free(chosen->path[i]);
    text_clear(&chosen->made_of);
}

static bool choose(struct workbench *workbench, const cJSON *id, struct chosen *chosen,
                   struct error *error)
{
    char *path, *state;

    if (!cJSON_IsString(id))
        return error_set(error, "a run is named by its id, a text");
    if (chosen->count == RUNS_MOST)
        return error_set(error, "%d runs at most are taken together", RUNS_MOST);
    path = run_table_find(workbench, id->valuestring);
    state = path ? run_report_state(workbench, path) : NULL;
    if (state) {
        chosen->path[chosen->count++] = path;
        text_printf(&chosen->made_of, "%s %s\n", path, state);
        free(state);
        return true;
    }
    free(path);
    return error_set(error, "no run has the number '%.40s': the list shows those there are",
                     id->valuestring);
}

/* The folder's name, from what it is made of. */
static void name_of(const struct chosen *chosen, char id[ID + 1])
{
    char hash[65];

    file_sha256(chosen->made_of.bytes, chosen->made_of.length, hash);
    memcpy(id, hash, ID);
    id[ID] = '\0';
}

static void reply_made(struct exchange *exchange, const char *kind, const char *id,
                       const struct made_report *made, bool judged)
{
    cJSON *json = cJSON_CreateObject();
    char *base = memory_printf("/api/v1/%s/%s/", kind, id);
    char *report = memory_printf("%sreport", base), *workbook = memory_printf("%sworkbook", base);

    cJSON_AddStringToObject(json, "id", id);
    if (judged)
        cJSON_AddStringToObject(json, "verdict", made->code == EXIT_DONE ? "pass" : "fail");
    cJSON_AddStringToObject(json, "sentence", made->sentence);
    cJSON_AddStringToObject(json, "report", report);
    cJSON_AddStringToObject(json, "workbook", workbook);
    exchange_reply_json(exchange, 200, json);
    free(base);
    free(report);
    free(workbook);
    cJSON_Delete(json);
}

/* Makes it, and replies; `words` are the command and its options. */
static void make(struct workbench *workbench, struct exchange *exchange, struct chosen *chosen,
                 const char *kind, const char *const *words, unsigned codes, atomic_bool *stop)
{
    char id[ID + 1], *folder;
    struct made_asked asked = {
        .words = words, .paths = (const char *const *)chosen->path, .codes = codes};
    struct made_report made;
    struct error error;
    bool judged = strcmp(words[0], "compare") == 0;

    name_of(chosen, id);
    folder = memory_printf("%s/%s", kind, id);
    asked.folder = asked.before = folder;
    asked.what = judged ? "the comparison" : "the study";
    if (made_report_make(workbench, &asked, stop, &made, &error))
        reply_made(exchange, kind, id, &made, judged);
    else
        exchange_refuse(exchange, 422, "%s", error.text);
    made_report_clear(&made);
    free(folder);
}

static cJSON *body_of(const struct exchange *exchange)
{
    const struct text *body = exchange_body(exchange);

    return body->bytes ? cJSON_ParseWithLength(body->bytes, body->length) : NULL;
}

/* --- A comparison ---------------------------------------------------------------------------- */

/* Whether that is a policy that may be named; the usual one is NULL or not there. */
static bool take_policy(const cJSON *policy, struct chosen *chosen, char **option,
                        struct error *error)
{
    char hash[65] = "built in";
    struct error none;

    *option = NULL;
    if (!policy || cJSON_IsNull(policy)) {
        file_digest(usual_policy, hash, &none);
        text_printf(&chosen->made_of, "%s\n", hash);
        return true;
    }
    if (!cJSON_IsString(policy) || !shipped_is_name("policy", policy->valuestring) ||
        !shipped_find(policy->valuestring))
        return error_set(error, "no policy has this name; GET /api/v1/policies lists them");
    text_printf(&chosen->made_of, "%s\n", policy->valuestring);
    *option = memory_printf("--policy=%s", policy->valuestring);
    return true;
}

static void do_compare(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    cJSON *body = body_of(exchange);
    struct chosen chosen = {0};
    struct error error;
    char *option = NULL;

    if (choose(workbench, cJSON_GetObjectItemCaseSensitive(body, "base"), &chosen, &error) &&
        choose(workbench, cJSON_GetObjectItemCaseSensitive(body, "candidate"), &chosen, &error) &&
        take_policy(cJSON_GetObjectItemCaseSensitive(body, "policy"), &chosen, &option, &error)) {
        const char *const words[] = {"compare", option, NULL};

        make(workbench, exchange, &chosen, "comparisons", words,
             1u << EXIT_DONE | 1u << EXIT_GATE_FAILED, stop);
    } else {
        exchange_refuse(exchange, 400, "%s", error.text);
    }
    free(option);
    clear(&chosen);
    cJSON_Delete(body);
}

void respond_compare(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_compare);
}

void respond_policies(struct workbench *workbench, struct exchange *exchange)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *names = cJSON_AddArrayToObject(json, "policies");

    (void)workbench;
    for (const struct shipped *one = shipped_table; one->path; one++) {
        if (one->name && shipped_is_name("policy", one->name))
            cJSON_AddItemToArray(names, cJSON_CreateString(one->name));
    }
    if (file_exists(usual_policy))
        cJSON_AddStringToObject(json, "usual", usual_policy);
    else
        cJSON_AddNullToObject(json, "usual");
    exchange_reply_json(exchange, 200, json);
    cJSON_Delete(json);
}

/* --- A study --------------------------------------------------------------------------------- */

static bool choose_all(struct workbench *workbench, const cJSON *runs, struct chosen *chosen,
                       struct error *error)
{
    if (!cJSON_IsArray(runs) || !runs->child)
        return error_set(error, "\"runs\" is a list of one run or more, by their ids");
    for (const cJSON *run = runs->child; run; run = run->next) {
        if (!choose(workbench, run, chosen, error))
            return false;
    }
    return true;
}

static void do_study(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    static const char *const words[] = {"report", NULL};
    cJSON *body = body_of(exchange);
    struct chosen chosen = {0};
    struct error error;

    if (choose_all(workbench, cJSON_GetObjectItemCaseSensitive(body, "runs"), &chosen, &error))
        make(workbench, exchange, &chosen, "studies", words,
             1u << EXIT_DONE | 1u << EXIT_INCOMPLETE, stop);
    else
        exchange_refuse(exchange, 400, "%s", error.text);
    clear(&chosen);
    cJSON_Delete(body);
}

void respond_study(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_study);
}

/* --- What was made --------------------------------------------------------------------------- */

static void reply_kept(struct workbench *workbench, struct exchange *exchange, const char *kind,
                       bool page)
{
    char *folder = memory_printf("%s/%s", kind, exchange_run(exchange));
    struct made_report made;

    if (made_report_find(workbench, folder, &made))
        made_report_reply(workbench, exchange, &made, page);
    else
        exchange_refuse(exchange, 404, "nothing of this number was made, or it was deleted");
    made_report_clear(&made);
    free(folder);
}

void respond_comparison_report(struct workbench *workbench, struct exchange *exchange)
{
    reply_kept(workbench, exchange, "comparisons", true);
}

void respond_comparison_workbook(struct workbench *workbench, struct exchange *exchange)
{
    reply_kept(workbench, exchange, "comparisons", false);
}

void respond_study_report(struct workbench *workbench, struct exchange *exchange)
{
    reply_kept(workbench, exchange, "studies", true);
}

void respond_study_workbook(struct workbench *workbench, struct exchange *exchange)
{
    reply_kept(workbench, exchange, "studies", false);
}
