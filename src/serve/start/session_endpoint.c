/* The session's endpoint: which it is, what is typed for it, and what it lists. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "job/prepare.h"
#include "serve/http/background.h"
#include "serve/http/exchange.h"
#include "serve/http/exchange_json.h"
#include "serve/own_folder.h"
#include "serve/responders.h"
#include "serve/start/endpoints.h"
#include "serve/start/starter.h"
#include "serve/start/under_way.h"
#include "serve/workbench.h"

static const char *secret_of(const struct exchange *exchange)
{
    return exchange_header(exchange, "X-Coebench");
}

/* --- Which it is ----------------------------------------------------------------------------- */

/* In one word, where a value was found: "SAMBANOVA_API_KEY (environment)". */
static const char *source_word(const char *source)
{
    if (!source)
        return "none";
    if (strstr(source, "(environment)"))
        return "environment";
    if (strcmp(source, "default") == 0)
        return "default";
    return strchr(source, '(') ? ".env file" : "none";
}

static const char *key_word(const struct typed_endpoint *typed, const struct endpoint *endpoint)
{
    if (typed->key)
        return "typed";
    return endpoint->keyless ? "none" : source_word(endpoint->key_source);
}

static void reply_endpoint(struct workbench *workbench, struct exchange *exchange)
{
    cJSON *reply = cJSON_CreateObject();
    struct typed_endpoint typed;
    struct endpoint endpoint;
    struct error error;
    enum llm_api api;
    bool found;

    endpoints_get(workbench->endpoints, secret_of(exchange), &typed);
    found = endpoints_look_up(workbench, &typed, &api, &endpoint, &error);
    if (endpoint.shown)
        cJSON_AddStringToObject(reply, "address", endpoint.shown);
    else
        cJSON_AddNullToObject(reply, "address");
    cJSON_AddStringToObject(reply, "api", api_at(api)->name);
    cJSON_AddStringToObject(reply, "key", key_word(&typed, &endpoint));
    cJSON_AddStringToObject(reply, "source",
                            typed.address ? "typed" : source_word(endpoint.address_source));
    if (!found)
        cJSON_AddStringToObject(reply, "problem", error.text);
    cJSON_AddItemToObject(reply, "apis",
                          cJSON_CreateStringArray((const char *const *)api_names, API_COUNT));
    exchange_reply_json(exchange, 200, reply);
    cJSON_Delete(reply);
    endpoint_clear(&endpoint);
    typed_endpoint_clear(&typed);
}

static void do_endpoint(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    (void)stop;
    reply_endpoint(workbench, exchange);
}

void respond_endpoint(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_endpoint);
}

/* --- What is typed --------------------------------------------------------------------------- */

/* Whether a command would take it. */
static bool is_sound(const struct workbench *workbench, const struct typed_endpoint *typed,
                     struct error *error)
{
    struct endpoint endpoint;
    enum llm_api api;
    bool sound = !typed->address || endpoints_look_up(workbench, typed, &api, &endpoint, error);

    if (typed->address)
        endpoint_clear(&endpoint);
    return sound;
}

static void do_type(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    const struct text *body = exchange_body(exchange);
    struct typed_endpoint typed;
    struct error error;

    (void)stop;
    if (typed_endpoint_read(body->bytes, body->length, &typed, &error) &&
        is_sound(workbench, &typed, &error)) {
        endpoints_set(workbench->endpoints, secret_of(exchange), &typed);
        starter_look_again(workbench->starter);
        reply_endpoint(workbench, exchange);
    } else {
        exchange_refuse(exchange, 400, "%s", error.text);
    }
    typed_endpoint_clear(&typed);
}

void respond_type_endpoint(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_type);
}

/* --- What it lists --------------------------------------------------------------------------- */

static void reply_models(struct exchange *exchange, const struct listed_models *models)
{
    cJSON *reply = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(reply, "models");

    for (size_t i = 0; i < models->count; i++) {
        const struct listed_model *model = &models->model[i];
        cJSON *item = cJSON_CreateObject();

        cJSON_AddStringToObject(item, "name", model->id);
        if (model->context_length > 0)
            cJSON_AddNumberToObject(item, "context", (double)model->context_length);
        else
            cJSON_AddNullToObject(item, "context");
        cJSON_AddItemToArray(list, item);
    }
    exchange_reply_json(exchange, 200, reply);
    cJSON_Delete(reply);
}

/* A config of nothing but what asking takes; its folder is the draft's of no run. */
static char *write_config(const struct workbench *workbench, enum llm_api api, char **folder,
                          struct error *error)
{
    char name[OWN_NAME], below[OWN_NAME + 16], *path = NULL;
    struct text yaml = {0};
    int open;

    own_name_draw(name);
    snprintf(below, sizeof below, "drafts/%s", name);
    open = own_folder_open(workbench, below, error);
    if (open < 0)
        return NULL;
    text_printf(&yaml,
                "model_configs_path: rows.csv\nllm_api: %s\noutput_files_dir: .\n"
                "consolidated_results_dir: .\n",
                api_at(api)->name);
    *folder = own_folder_path(workbench, below);
    if (own_folder_write(open, "config.yaml", yaml.bytes, yaml.length, error))
        path = file_join(*folder, "config.yaml");
    close(open);
    text_clear(&yaml);
    return path;
}

static void ask(struct exchange *exchange, const struct typed_endpoint *typed,
                const struct endpoint *endpoint, const char *config)
{
    const struct prepare_options how = {.address = typed->address ? endpoint->address : NULL,
                                        .key = typed->address ? endpoint->key : NULL};
    struct preparation preparation = {0};
    struct listed_models models = {0};
    struct faults faults = {0};
    struct error error;

    if (!prepare_endpoint(&preparation, &how, config, &faults))
        exchange_refuse(exchange, 502, "%s",
                        faults.count > 0 ? faults.text[0] : "the endpoint is not known");
    else if (!prepare_list_models(&preparation, &models, NULL, &error))
        exchange_refuse(exchange, 502, "%s", error.text);
    else
        reply_models(exchange, &models);
    listed_models_clear(&models);
    faults_clear(&faults);
    prepare_clear(&preparation);
}

static void ask_at(const struct workbench *workbench, struct exchange *exchange,
                   const struct typed_endpoint *typed, const struct endpoint *endpoint,
                   enum llm_api api)
{
    char *folder = NULL;
    struct error error;
    char *config = write_config(workbench, api, &folder, &error);

    if (config)
        ask(exchange, typed, endpoint, config);
    else
        exchange_refuse(exchange, 503, "%s", error.text);
    if (folder)
        file_remove_folder(folder);
    free(config);
    free(folder);
}

static void do_models(struct workbench *workbench, struct exchange *exchange, atomic_bool *stop)
{
    struct under_way_run run;
    struct typed_endpoint typed;
    struct endpoint endpoint;
    struct error error;
    enum llm_api api;

    (void)stop;
    endpoints_get(workbench->endpoints, secret_of(exchange), &typed);
    if (!endpoints_look_up(workbench, &typed, &api, &endpoint, &error)) {
        exchange_refuse(exchange, 502, "%s", error.text);
    } else if (under_way_find(workbench->under_way, endpoint.shown, UNDER_WAY_NOW_S, &run)) {
        exchange_refuse(exchange, 409, "the run '%s' measures this endpoint: ask again at its end",
                        run.name);
        under_way_run_clear(&run);
    } else {
        ask_at(workbench, exchange, &typed, &endpoint, api);
    }
    endpoint_clear(&endpoint);
    typed_endpoint_clear(&typed);
}

void respond_models(struct workbench *workbench, struct exchange *exchange)
{
    background_do(workbench->background, exchange, do_models);
}
