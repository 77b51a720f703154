#include "store/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "store/attempt_list.h"
#include "store/json.h"
#include "store/manifest_host.h"
#include "store/manifest_inputs.h"
#include "store/manifest_match.h"
#include "store/row_traffic.h"
#include "store/summary_ranks.h"
#include "store/summary_state.h"

const char manifest_file_name[] = "manifest.json";

const char manifest_definitions_key[] = "definitions";
const char manifest_definitions_mixed[] = "1 and 2";

const char manifest_connection_reuse_key[] = "connection_reuse";

#define REMOTE_ADDRESSES "remote_addresses"
const char manifest_remote_used_key[] = REMOTE_ADDRESSES ".used";

struct manifest {
    cJSON *root;
    cJSON *
        *step; /* by index, since rows that run beside each other may end out of order; or NULL */
    size_t room;
    struct attempt_list attempts;
    int64_t written_ns; /* when it was last written; 0: not yet */
    bool urgent;        /* a fact has changed that nothing else in the folder has */
};

/* A run of short steps would write little else. */
static const int64_t write_every_ns = CLOCK_NS_PER_S;

static void set_moment(cJSON *object, const char *key, int64_t wall_ns)
{
    char moment[CLOCK_TEXT];

    clock_format_utc(wall_ns, moment);
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    json_add_text(object, key, moment);
}

/* What the command line changes, so that a run is resumed by its folder's name alone. */
static void add_overrides(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *list = cJSON_AddArrayToObject(root, "overrides");

    for (size_t i = 0; i < facts->overrides; i++) {
        cJSON *object = cJSON_CreateObject();

        cJSON_AddItemToArray(list, object);
        json_add_text(object, "option", facts->override[i].option);
        json_add_text(object, "assignment", facts->override[i].assignment);
    }
}

static void add_working_folder(cJSON *root)
{
    char *folder = getcwd(NULL, 0);

    if (folder)
        json_add_text(root, "working_directory", folder);
    free(folder);
}

static void add_settings(cJSON *root, const struct settings *settings)
{
    struct text json = {0};
    cJSON *object;

    setting_add_json(settings_table, settings, &json);
    object = cJSON_Parse(json.bytes);
    json_keep_numbers(object, NULL, json.bytes);
    cJSON_AddItemToObject(root, "settings", object);
    text_clear(&json);
    cJSON_AddBoolToObject(root, "seed_given", settings->seed_given);
}

static void add_pacing(cJSON *object, const struct row *row)
{
    cJSON_AddNumberToObject(object, "qps", row->qps);
    json_add_text(object, "qps_distribution", row_distribution_names[row->qps_distribution]);
    if (row->burstiness > 0)
        json_add_number(object, "burstiness", row->burstiness);
    if (row->qps_end > 0) {
        json_add_number(object, "qps_end", row->qps_end);
        json_add_text(object, "qps_ramp", row_ramp_names[row->qps_ramp]);
    }
    if (row->max_in_flight > 0)
        cJSON_AddNumberToObject(object, "max_in_flight", (double)row->max_in_flight);
}

static void add_row(cJSON *list, const struct row *row)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToArray(list, object);
    cJSON_AddNumberToObject(object, "line", row->line);
    json_add_text(object, "model_name", row->model_name);
    cJSON_AddNumberToObject(object, "input_tokens", (double)row->input_tokens);
    cJSON_AddNumberToObject(object, "output_tokens", (double)row->output_tokens);
    if (row->num_requests > 0)
        cJSON_AddNumberToObject(object, "num_requests", (double)row->num_requests);
    if (row->duration_s > 0)
        json_add_number(object, "duration_s", row->duration_s);
    if (row->warmup_requests > 0)
        cJSON_AddNumberToObject(object, "warmup_requests", (double)row->warmup_requests);
    if (row->cooldown_requests > 0)
        cJSON_AddNumberToObject(object, "cooldown_requests", (double)row->cooldown_requests);
    if (row->concurrent_requests) {
        cJSON_AddNumberToObject(object, "concurrent_requests", (double)row->concurrent_requests);
    } else {
        add_pacing(object, row);
    }
    if (row->multimodal_img_size)
        json_add_text(object, "multimodal_img_size", row_image_names[row->multimodal_img_size]);
    if (row->stddev_input_tokens > 0)
        json_add_number(object, "stddev_input_tokens", row->stddev_input_tokens);
    if (row->stddev_output_tokens > 0)
        json_add_number(object, "stddev_output_tokens", row->stddev_output_tokens);
    if (row->dataset)
        json_add_text(object, "dataset", row->dataset);
    if (row->mix)
        json_add_text(object, "mix", row->mix);
    row_traffic_add(object, row);
    row_sessions_add(object, row);
    if (row->warmup)
        cJSON_AddTrueToObject(object, "warmup");
}

/* How rows are visited, as the lines of the CSV that steps come from. */
static void add_order(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *visits = cJSON_AddArrayToObject(root, "visits");

    for (size_t i = 0; i < facts->order->count; i++)
        cJSON_AddItemToArray(visits,
                             cJSON_CreateNumber(facts->rows[facts->order->visit[i].row].line));
}

static void add_endpoint(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *endpoint = cJSON_AddObjectToObject(root, "endpoint");

    json_add_text(endpoint, "address", facts->address);
    json_add_text(endpoint, "address_source", facts->address_source);
    json_add_text(endpoint, "key_source", facts->key_source);
    json_add_text(endpoint, "dialect", facts->dialect);
}

struct manifest *manifest_new(const struct run *run, const struct manifest_facts *facts)
{
    struct manifest *manifest = memory_new(1, sizeof *manifest);
    cJSON *root = cJSON_CreateObject();
    cJSON *rows;

    manifest->root = root;
    json_add_text(root, "run_name", run->name);
    json_add_text(root, "coebench_version", COEBENCH_VERSION);
    cJSON_AddNumberToObject(root, manifest_definitions_key, MANIFEST_DEFINITIONS);
    json_add_text(root, "http_library", facts->http_library);
    manifest_add_command_line(root);
    set_moment(root, "started_utc", facts->started_wall_ns);
    manifest_set_status(manifest, "running", facts->started_wall_ns);
    add_working_folder(root);
    add_overrides(root, facts);
    manifest_add_inputs(root, facts);
    add_endpoint(root, facts);
    add_settings(root, facts->settings);
    manifest_add_host(root, facts);
    rows = cJSON_AddArrayToObject(root, "rows");
    for (size_t i = 0; i < facts->row_count; i++)
        add_row(rows, &facts->rows[i]);
    add_order(root, facts);
    return manifest;
}

/* The object stands in `slot` by its step's index, the slots being as many as are needed. */
static void put_step(struct manifest *manifest, size_t index, cJSON *object)
{
    if (index >= manifest->room) {
        size_t room = 2 * index + 64;

        manifest->step = memory_resize(manifest->step, room, sizeof(cJSON *));
        memset(manifest->step + manifest->room, 0, (room - manifest->room) * sizeof(cJSON *));
        manifest->room = room;
    }
    cJSON_Delete(manifest->step[index]);
    manifest->step[index] = object;
}

/* Takes the steps out of the document, to be put in again where it is written. */
static void take_steps(struct manifest *manifest)
{
    cJSON *steps = cJSON_DetachItemFromObjectCaseSensitive(manifest->root, "steps");

    while (steps && steps->child) {
        cJSON *step = cJSON_DetachItemFromArray(steps, 0);
        const cJSON *index = cJSON_GetObjectItemCaseSensitive(step, "index");

        if (cJSON_IsNumber(index) && index->valuedouble >= 0 &&
            index->valuedouble < ORDER_VISITS_MOST)
            put_step(manifest, (size_t)index->valuedouble, step);
        else
            cJSON_Delete(step);
    }
    cJSON_Delete(steps);
}

/* The member of that name, a list; made where it is not there. */
static cJSON *list_of(cJSON *root, const char *key)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(root, key);

    if (cJSON_IsArray(list))
        return list;
    cJSON_DeleteItemFromObjectCaseSensitive(root, key);
    return cJSON_AddArrayToObject(root, key);
}

/* What resumes it, and where that is no longer the same as what began it. */
static void add_resumption(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToArray(list_of(root, "resumed"), object);
    set_moment(object, "at_utc", facts->started_wall_ns);
    json_add_text(object, "coebench_version", COEBENCH_VERSION);
    json_add_text(object, "http_library", facts->http_library);
    manifest_add_command_line(object);
    manifest_add_host(object, facts);
}

/* Steps of two definitions stand beside each other then, which reports note. */
static void mix_definitions(cJSON *root)
{
    const cJSON *then = cJSON_GetObjectItemCaseSensitive(root, manifest_definitions_key);

    if (cJSON_IsNumber(then) && then->valuedouble == MANIFEST_DEFINITIONS)
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(root, manifest_definitions_key);
    json_add_text(root, manifest_definitions_key, manifest_definitions_mixed);
}

struct manifest *manifest_resume(const struct run *run, const struct manifest_facts *facts,
                                 struct faults *faults)
{
    struct manifest *manifest = manifest_new(run, facts);
    struct error error;
    cJSON *then = manifest_parse(run->folder, &error), *now;
    size_t before = faults->count;
    char *printed = cJSON_Print(manifest->root);

    now = cJSON_Parse(printed); /* as it would be read back: a number keeps so many digits */
    json_keep_numbers(now, "settings", printed);
    if (then)
        manifest_match(then, now, faults);
    else
        faults_add(faults, NULL, 0, "%s", error.text);
    cJSON_free(printed);
    cJSON_Delete(now);
    if (faults->count > before) {
        cJSON_Delete(then);
        manifest_free(manifest);
        return NULL;
    }
    cJSON_Delete(manifest->root);
    manifest->root = then;
    take_steps(manifest);
    mix_definitions(then);
    attempt_list_note(&manifest->attempts, cJSON_GetObjectItemCaseSensitive(then, "attempts"));
    add_resumption(then, facts);
    manifest_set_status(manifest, "running", facts->started_wall_ns);
    return manifest;
}

void manifest_free(struct manifest *manifest)
{
    if (!manifest)
        return;
    for (size_t i = 0; i < manifest->room; i++)
        cJSON_Delete(manifest->step[i]);
    free(manifest->step);
    attempt_list_clear(&manifest->attempts);
    cJSON_Delete(manifest->root);
    free(manifest);
}

void manifest_add_step(struct manifest *manifest, const struct step *step)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *missing;

    put_step(manifest, step->index, object);
    cJSON_AddNumberToObject(object, "index", (double)step->index);
    json_add_text(object, "name", step->name);
    cJSON_AddNumberToObject(object, "row_line", step->row.line);
    if (step->attempt > 1)
        cJSON_AddNumberToObject(object, "attempt", (double)step->attempt);
    json_add_text(object, "end", step_end_words[step->end]);
    summary_ranks_add_shares(object, step);
    summary_state_add_control(object, &step->state);
    missing = cJSON_AddArrayToObject(object, "metrics_not_reported");
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_table[i].summarised && step->metric[i].count == 0)
            cJSON_AddItemToArray(missing, cJSON_CreateString(metric_table[i].key));
    }
}

void manifest_add_attempt(struct manifest *manifest, const struct attempt *attempt)
{
    attempt_list_add(&manifest->attempts, list_of(manifest->root, "attempts"), attempt);
}

void manifest_set_study_end(struct manifest *manifest, const struct manifest_study_end *end)
{
    cJSON *object;

    cJSON_DeleteItemFromObjectCaseSensitive(manifest->root, manifest_study_end_key);
    object = cJSON_AddObjectToObject(manifest->root, manifest_study_end_key);
    cJSON_AddBoolToObject(object, "sure", end->sure);
    cJSON_AddNumberToObject(object, "passes", (double)end->passes);
    cJSON_AddNumberToObject(object, "steps", (double)end->steps);
    json_add_text(object, "sentence", end->sentence);
}

void manifest_set_search(struct manifest *manifest, const char *json, size_t steps)
{
    cJSON *object = cJSON_Parse(json);

    cJSON_DeleteItemFromObjectCaseSensitive(manifest->root, manifest_search_key);
    cJSON_AddItemToObject(manifest->root, manifest_search_key, object);
    if (steps > 0)
        cJSON_AddNumberToObject(object, "steps", (double)steps);
    manifest->urgent = true;
}

size_t manifest_study_steps(const struct manifest *manifest)
{
    return manifest_ended_steps(manifest->root);
}

/* What started the run, or resumes it now. */
static cJSON *beginning_of(struct manifest *manifest)
{
    cJSON *resumed = cJSON_GetObjectItemCaseSensitive(manifest->root, "resumed");
    int count = cJSON_GetArraySize(resumed);

    return count > 0 ? cJSON_GetArrayItem(resumed, count - 1) : manifest->root;
}

void manifest_set_ready(struct manifest *manifest, const struct manifest_ready *ready)
{
    cJSON *object = cJSON_AddObjectToObject(beginning_of(manifest), "ready");

    cJSON_AddNumberToObject(object, "waited_s", ready->waited_s);
    json_add_text(object, "by", ready->model ? "token" : "health");
    if (ready->model)
        json_add_text(object, "model", ready->model);
}

void manifest_set_counted(struct manifest *manifest, const struct manifest_counted *counted)
{
    cJSON *object = cJSON_AddObjectToObject(beginning_of(manifest), "counted");

    cJSON_AddNumberToObject(object, "models", (double)counted->models);
    json_add_text(object, "by", counted->by);
    cJSON_AddBoolToObject(object, "requests", counted->requests);
}

/* As JSON where there is room for it, else as a text that is cut. */
static void add_reported(cJSON *object, const char *key, const char *json, size_t *room)
{
    size_t length = json ? strlen(json) : 0;
    struct text cut = {0};

    if (!json)
        return;
    if (2 * length <= *room) { /* what is indented takes more */
        cJSON_AddItemToObject(object, key, cJSON_Parse(json));
        *room -= 2 * length;
        return;
    }
    length = *room / 4;
    while (length > 0 && ((unsigned char)json[length] & 0xc0) == 0x80)
        length--;
    text_add(&cut, json, length);
    text_add_string(&cut, "…");
    json_add_text(object, key, cut.bytes);
    text_clear(&cut);
    *room -= *room / 2;
}

void manifest_set_server(struct manifest *manifest, const struct manifest_server *server)
{
    cJSON *object = cJSON_AddObjectToObject(beginning_of(manifest), "server");
    size_t room = MANIFEST_SERVER_MOST - 4096;

    if (server->header[0])
        json_add_text(object, "header", server->header);
    if (server->member)
        add_reported(object, server->member, server->reported, &room);
    add_reported(object, "models", server->models, &room);
}

void manifest_set_addresses(struct manifest *manifest, const struct manifest_addresses *addresses)
{
    cJSON *object = cJSON_AddObjectToObject(beginning_of(manifest), REMOTE_ADDRESSES);

    json_add_text(object, "name", addresses->name);
    cJSON_AddNumberToObject(object, "count", (double)addresses->count);
    json_add_text(object, "found", addresses->found);
    json_add_text(object, "used", addresses->used);
}

bool manifest_has_ended(const struct manifest *manifest, size_t index, const char *name)
{
    const cJSON *step = index < manifest->room ? manifest->step[index] : NULL;
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(step, "name");
    const cJSON *end = cJSON_GetObjectItemCaseSensitive(step, "end");

    return cJSON_IsString(own) && strcmp(own->valuestring, name) == 0 && cJSON_IsString(end) &&
           strcmp(end->valuestring, step_end_words[STEP_INTERRUPTED]) != 0;
}

void manifest_drop_step(struct manifest *manifest, size_t index)
{
    if (index < manifest->room)
        put_step(manifest, index, NULL);
}

void manifest_set_connection_reuse(struct manifest *manifest, const char *word)
{
    const cJSON *before =
        cJSON_GetObjectItemCaseSensitive(manifest->root, manifest_connection_reuse_key);

    if (cJSON_IsString(before) && strcmp(before->valuestring, word) == 0)
        return;
    manifest->urgent = true;
    cJSON_DeleteItemFromObjectCaseSensitive(manifest->root, manifest_connection_reuse_key);
    json_add_text(manifest->root, manifest_connection_reuse_key, word);
}

void manifest_set_shared(struct manifest *manifest)
{
    if (!cJSON_HasObjectItem(manifest->root, manifest_shared_key))
        cJSON_AddTrueToObject(manifest->root, manifest_shared_key);
}

void manifest_set_status(struct manifest *manifest, const char *status, int64_t wall_ns)
{
    cJSON_DeleteItemFromObjectCaseSensitive(manifest->root, "status");
    json_add_text(manifest->root, "status", status);
    set_moment(manifest->root, "status_since_utc", wall_ns);
}

bool manifest_write(struct manifest *manifest, const struct run *run, struct error *error)
{
    char *path = file_join(run->folder, manifest_file_name);
    cJSON *steps = cJSON_AddArrayToObject(manifest->root, "steps");
    char *json;
    bool done;

    for (size_t i = 0; i < manifest->room; i++) {
        if (manifest->step[i])
            cJSON_AddItemReferenceToArray(steps, manifest->step[i]);
    }
    json = cJSON_Print(manifest->root);
    done = file_write(path, json, strlen(json), error);
    manifest->written_ns = clock_monotonic_ns();
    manifest->urgent = manifest->urgent && !done;
    cJSON_DeleteItemFromObjectCaseSensitive(manifest->root, "steps");
    cJSON_free(json);
    free(path);
    return done;
}

bool manifest_write_when_due(struct manifest *manifest, const struct run *run, int64_t now_ns,
                             struct error *error)
{
    bool due = manifest->urgent || manifest->written_ns == 0 ||
               now_ns - manifest->written_ns >= write_every_ns;

    return !due || manifest_write(manifest, run, error);
}
