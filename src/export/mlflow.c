#include "export/mlflow.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"
#include "core/memory.h"
#include "export/mlflow_data.h"
#include "export/run_facts.h"
#include "export/service.h"
#include "store/manifest_reports.h"

static const char api[] = "/api/2.0/mlflow/",
                  artifacts_api[] = "/api/2.0/mlflow-artifacts/artifacts/";
static const char identity_tag[] = "coebench.identity", proxied[] = "mlflow-artifacts:/";
static const char experiment_default[] = "coebench";

/* A run over there. */
struct mlflow {
    struct service service;
    char *experiment; /* its id; owned */
    char *run;        /* its id; owned */
    char *artifacts;  /* where they are, as the server says; NULL: it does not; owned */
    struct text *told;
};

/* As MLflow's own client reads them. */
static bool open_service(struct mlflow *mlflow, const struct sending *sending, struct error *error)
{
    const char *url = *sending->url ? sending->url : service_variable("MLFLOW_TRACKING_URI");
    const char *insecure = service_variable("MLFLOW_TRACKING_INSECURE_TLS");

    if (!url)
        return error_set(error,
                         "MLflow: no address is known; write mlflow:http://HOST:PORT, or set "
                         "MLFLOW_TRACKING_URI");
    if (!service_open(&mlflow->service, "MLflow", url, sending->stop, error))
        return false;
    service_authorize(&mlflow->service, service_variable("MLFLOW_TRACKING_TOKEN"),
                      service_variable("MLFLOW_TRACKING_USERNAME"),
                      service_variable("MLFLOW_TRACKING_PASSWORD"));
    mlflow->service.target.ca_file = service_variable("MLFLOW_TRACKING_SERVER_CERT_PATH");
    mlflow->service.target.insecure = insecure && strcasecmp(insecure, "true") == 0;
    return true;
}

static void close_service(struct mlflow *mlflow)
{
    service_close(&mlflow->service);
    free(mlflow->experiment);
    free(mlflow->run);
    free(mlflow->artifacts);
}

static bool post(struct mlflow *mlflow, const char *call, const struct text *body,
                 struct service_reply *reply, struct error *error)
{
    char *path = memory_printf("%s%s", api, call);
    bool done = service_ask(&mlflow->service, path, body, NULL, reply, error);

    free(path);
    return done;
}

/* For calls whose reply says nothing. */
static bool tell(struct mlflow *mlflow, const char *call, const struct text *body,
                 struct error *error)
{
    struct service_reply reply = {0};
    bool done = post(mlflow, call, body, &reply, error);

    service_reply_clear(&reply);
    return done;
}

/* The text at `path` of a reply that has to have it. */
static bool keep(const struct service_reply *reply, const char *path, char **kept,
                 struct error *error)
{
    const char *text = service_text(reply, path);

    if (!text)
        return error_set(error, "MLflow: the reply has no '%s'; is this a tracking server?", path);
    *kept = memory_text(text);
    return true;
}

/* --- The experiment ----------------------------------------------------------------------------
 */

static bool find_experiment(struct mlflow *mlflow, const char *name, bool *missing,
                            struct error *error)
{
    struct text path = {0};
    struct service_reply reply = {0};
    bool done;

    text_printf(&path, "%sexperiments/get-by-name?experiment_name=", api);
    service_add_segment(&path, name);
    done = service_ask(&mlflow->service, path.bytes, NULL, NULL, &reply, error);
    *missing = !done && reply.status == 404 && service_text(&reply, "error_code");
    done = done && keep(&reply, "experiment.experiment_id", &mlflow->experiment, error);
    text_clear(&path);
    service_reply_clear(&reply);
    return done;
}

/* Where another program has made it meanwhile, it is there. */
static bool choose_experiment(struct mlflow *mlflow, const char *name, struct error *error)
{
    struct text body = {0};
    struct service_reply reply = {0};
    bool missing, done = find_experiment(mlflow, name, &missing, error);

    if (done || !missing)
        return done;
    text_add_string(&body, "{\"name\":");
    text_add_json(&body, name);
    text_add_char(&body, '}');
    done = post(mlflow, "experiments/create", &body, &reply, error)
               ? keep(&reply, "experiment_id", &mlflow->experiment, error)
               : find_experiment(mlflow, name, &missing, error);
    text_clear(&body);
    service_reply_clear(&reply);
    return done;
}

/* --- The run ------------------------------------------------------------------------------------
 */

/* In a filter a quote cannot be escaped, so that names with one are looked for without it. */
static void add_filter(struct text *body, const char *identity)
{
    char *filter = memory_printf("tags.\"%s\" = '%s'", identity_tag, identity);

    text_add_json(body, filter);
    free(filter);
}

static char *safe_identity(const struct results *run)
{
    char *identity = run_facts_identity(run);

    for (char *byte = identity; *byte; byte++) {
        if (*byte == '\'' || *byte == '"' || *byte == '\\')
            *byte = '_';
    }
    return identity;
}

/* Of the runs that it found, the first. */
static void take_found(struct mlflow *mlflow, const struct service_reply *reply)
{
    const cJSON *runs = cJSON_GetObjectItemCaseSensitive(reply->json, "runs");
    struct service_reply first = {.json = cJSON_GetArrayItem(runs, 0)};
    const char *id = service_text(&first, "info.run_id");
    const char *artifacts = service_text(&first, "info.artifact_uri");

    if (!id)
        return;
    mlflow->run = memory_text(id);
    mlflow->artifacts = artifacts ? memory_text(artifacts) : NULL;
}

static bool find_run(struct mlflow *mlflow, const char *identity, struct error *error)
{
    struct text body = {0};
    struct service_reply reply = {0};
    bool done;

    text_add_string(&body, "{\"experiment_ids\":[");
    text_add_json(&body, mlflow->experiment);
    text_add_string(&body, "],\"max_results\":1,\"filter\":");
    add_filter(&body, identity);
    text_add_char(&body, '}');
    done = post(mlflow, "runs/search", &body, &reply, error);
    if (done)
        take_found(mlflow, &reply);
    text_clear(&body);
    service_reply_clear(&reply);
    return done;
}

static void add_tag(struct text *body, const char *between, const char *key, const char *value)
{
    text_printf(body, "%s{\"key\":\"%s\",\"value\":", between, key);
    text_add_json(body, value);
    text_add_char(body, '}');
}

static bool create_run(struct mlflow *mlflow, const struct results *run, const char *name,
                       const char *identity, struct error *error)
{
    struct text body = {0};
    struct service_reply reply = {0};
    bool done;

    text_add_string(&body, "{\"experiment_id\":");
    text_add_json(&body, mlflow->experiment);
    text_add_string(&body, ",\"run_name\":");
    text_add_json(&body, name);
    text_printf(&body, ",\"start_time\":%lld,\"tags\":[", run_facts_start_ms(run));
    add_tag(&body, "", identity_tag, identity);
    add_tag(&body, ",", "mlflow.runName", name);
    add_tag(&body, ",", "mlflow.source.name", "coebench");
    text_add_string(&body, "]}");
    done = post(mlflow, "runs/create", &body, &reply, error) &&
           keep(&reply, "run.info.run_id", &mlflow->run, error);
    if (done && service_text(&reply, "run.info.artifact_uri"))
        mlflow->artifacts = memory_text(service_text(&reply, "run.info.artifact_uri"));
    text_clear(&body);
    service_reply_clear(&reply);
    return done;
}

static bool choose_run(struct mlflow *mlflow, const struct results *run, const char *name,
                       struct error *error)
{
    char *identity = safe_identity(run);
    bool done = find_run(mlflow, identity, error) &&
                (mlflow->run || create_run(mlflow, run, name ? name : run->name, identity, error));

    free(identity);
    return done;
}

static bool end_run(struct mlflow *mlflow, const struct results *run, struct error *error)
{
    struct text body = {0};
    bool done;

    text_add_string(&body, "{\"run_id\":");
    text_add_json(&body, mlflow->run);
    text_printf(&body, ",\"status\":\"%s\",\"end_time\":%lld}",
                run_facts_is_whole(run) ? "FINISHED" : "KILLED", run_facts_end_ms(run));
    done = tell(mlflow, "runs/update", &body, error);
    text_clear(&body);
    return done;
}

static bool send_batch(void *context, const struct text *body, struct error *error)
{
    return tell(context, "runs/log-batch", body, error);
}

/* --- Artifacts ----------------------------------------------------------------------------------
 */

/* Where one goes, behind the service's address: what the server says of the run's folder, which is
 * "mlflow-artifacts:/EXPERIMENT/RUN/artifacts", or with its host between two slashes and that. */
static bool put_file(struct mlflow *mlflow, const char *file, const char *name, struct error *error)
{
    const char *folder = mlflow->artifacts + strlen(proxied);
    struct text path = {0};
    struct service_reply reply = {0};
    bool done;

    if (*folder == '/')
        folder += 1 + strcspn(folder + 1, "/");
    text_printf(&path, "%s%s/", artifacts_api, folder + strspn(folder, "/"));
    service_add_segment(&path, name);
    done = service_ask(&mlflow->service, path.bytes, NULL, file, &reply, error);
    text_clear(&path);
    service_reply_clear(&reply);
    return done;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);

    return length > tail && strcmp(name + length - tail, ending) == 0;
}

static int is_wanted(const struct dirent *entry)
{
    const char *name = entry->d_name;

    return *name != '.' && !file_is_temporary(name) &&
           (ends_with(name, ".json") || ends_with(name, ".csv"));
}

static bool put_folder(struct mlflow *mlflow, const char *folder, struct error *error)
{
    struct dirent **entry = NULL;
    int count = scandir(folder, &entry, is_wanted, alphasort);
    bool done = count >= 0 || error_set(error, "%s: cannot be read", folder);

    for (int i = 0; i < count; i++) {
        char *path = file_join(folder, entry[i]->d_name);

        done = done && put_file(mlflow, path, entry[i]->d_name, error);
        free(path);
        free(entry[i]);
    }
    free(entry);
    return done;
}

/* Those that are where the run has left them. */
static bool put_reports(struct mlflow *mlflow, const struct results *run, struct error *error)
{
    static const char *const endings[] = {".xlsx", ".html"};
    char *stem = manifest_reports(&run->manifest, run->name);
    const char *folder = manifest_find(&run->manifest, "settings.consolidated_results_dir");
    bool done = true;

    for (size_t i = 0; stem && i < sizeof endings / sizeof *endings; i++) {
        char *name = memory_printf("%s%s", stem, endings[i]);
        char *path = file_join(folder ? folder : ".", name);

        if (file_exists(path))
            done = done && put_file(mlflow, path, name, error);
        free(path);
        free(name);
    }
    free(stem);
    return done;
}

static bool put_artifacts(struct mlflow *mlflow, const struct results *run, struct error *error)
{
    if (!mlflow->artifacts || strncmp(mlflow->artifacts, proxied, strlen(proxied)) != 0) {
        text_printf(mlflow->told,
                    "MLflow keeps files at %s without its proxy: none were sent; start the server "
                    "with --serve-artifacts\n",
                    mlflow->artifacts ? mlflow->artifacts : "a place that it does not tell");
        return true;
    }
    return put_folder(mlflow, run->folder, error) && put_reports(mlflow, run, error);
}

/* --- All of it -----------------------------------------------------------------------------------
 */

static bool send_all(struct mlflow *mlflow, const struct sending *sending, const struct runs *runs,
                     struct error *error)
{
    const struct mlflow_sink sink = {send_batch, mlflow};
    const struct results *run = &runs->results[0];

    return choose_experiment(mlflow, sending->experiment ? sending->experiment : experiment_default,
                             error) &&
           choose_run(mlflow, run, sending->run_name, error) &&
           mlflow_data_send(runs, mlflow->run, &sink, error) && put_artifacts(mlflow, run, error) &&
           end_run(mlflow, run, error);
}

bool mlflow_send(const struct sending *sending, const struct runs *runs, struct text *told,
                 struct error *error)
{
    struct mlflow mlflow = {.told = told};
    bool done = open_service(&mlflow, sending, error) && send_all(&mlflow, sending, runs, error);

    if (done)
        text_printf(told, "mlflow: %s/#/experiments/%s/runs/%s\n", mlflow.service.url,
                    mlflow.experiment, mlflow.run);
    close_service(&mlflow);
    return done;
}
