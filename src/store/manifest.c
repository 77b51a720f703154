#include "store/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "store/json.h"
#include "store/manifest_match.h"

enum { COMMAND_MOST = 1 << 20 };

const char manifest_file_name[] = "manifest.json";

struct manifest {
    cJSON *root;
    cJSON *
        *step; /* by index, since rows that run beside each other may end out of order; or NULL */
    size_t room;
};

static void set_moment(cJSON *object, const char *key, int64_t wall_ns)
{
    char moment[CLOCK_TEXT];

    clock_format_utc(wall_ns, moment);
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    json_add_text(object, key, moment);
}

/* Path and SHA-256 of an input, so that a later reader can tell whether it is still the same. */
static void fill_input(cJSON *input, const char *path)
{
    struct text text = {0};
    struct error error;
    char hex[65];

    json_add_text(input, "path", path);
    if (file_read(path, MANIFEST_MOST, &text, &error)) {
        file_sha256(text.bytes, text.length, hex);
        json_add_text(input, "sha256", hex);
    }
    text_clear(&text);
}

static void add_inputs(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *others = cJSON_AddArrayToObject(root, "inputs");

    fill_input(cJSON_AddObjectToObject(root, "config"), facts->config_path);
    fill_input(cJSON_AddObjectToObject(root, "model_configs"), facts->settings->model_configs_path);
    if (facts->settings->bundle)
        fill_input(cJSON_AddObjectToObject(root, "bundle"), facts->settings->bundle);
    for (size_t i = 0; facts->input && facts->input[i]; i++) {
        cJSON *input = cJSON_CreateObject();

        cJSON_AddItemToArray(others, input);
        fill_input(input, facts->input[i]);
    }
}

/* What the command line changes, so that a run is gone on with by its folder's name alone. */
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

    setting_add_json(settings_table, settings, &json);
    cJSON_AddItemToObject(root, "settings", cJSON_Parse(json.bytes));
    text_clear(&json);
    cJSON_AddBoolToObject(root, "seed_given", settings->seed_given);
}

static void add_row(cJSON *list, const struct row *row)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToArray(list, object);
    cJSON_AddNumberToObject(object, "line", row->line);
    json_add_text(object, "model_name", row->model_name);
    cJSON_AddNumberToObject(object, "input_tokens", (double)row->input_tokens);
    cJSON_AddNumberToObject(object, "output_tokens", (double)row->output_tokens);
    cJSON_AddNumberToObject(object, "num_requests", (double)row->num_requests);
    if (row->concurrent_requests) {
        cJSON_AddNumberToObject(object, "concurrent_requests", (double)row->concurrent_requests);
    } else {
        cJSON_AddNumberToObject(object, "qps", row->qps);
        json_add_text(object, "qps_distribution", row_distribution_names[row->qps_distribution]);
    }
    if (row->multimodal_img_size)
        json_add_text(object, "multimodal_img_size", row_image_names[row->multimodal_img_size]);
    if (row->stddev_input_tokens > 0)
        json_add_number(object, "stddev_input_tokens", row->stddev_input_tokens);
    if (row->stddev_output_tokens > 0)
        json_add_number(object, "stddev_output_tokens", row->stddev_output_tokens);
    if (row->dataset)
        json_add_text(object, "dataset", row->dataset);
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

/* The first that /proc/cpuinfo names (proc(5)). */
static void add_cpu(cJSON *host)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256], name[200];

    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "model name : %199[^\n]", name) == 1) {
            json_add_text(host, "cpu", name);
            break;
        }
    }
    if (file)
        fclose(file);
}

/* The words this program was called with; none of them is ever a key. */
static void add_command_line(cJSON *root)
{
    struct text words = {0}, line = {0};
    struct error error;

    if (!file_read("/proc/self/cmdline", COMMAND_MOST, &words, &error))
        text_reset(&words);
    for (size_t i = 0; i + 1 < words.length; i++)
        text_add_char(&line, words.bytes[i] ? words.bytes[i] : ' ');
    if (line.length > 0)
        json_add_text(root, "command_line", line.bytes);
    text_clear(&words);
    text_clear(&line);
}

static void add_host(cJSON *root)
{
    cJSON *host = cJSON_AddObjectToObject(root, "host");
    struct utsname about;

    if (uname(&about) != 0)
        return;
    json_add_text(host, "name", about.nodename);
    json_add_text(host, "system", about.sysname);
    json_add_text(host, "kernel", about.release);
    json_add_text(host, "machine", about.machine);
    add_cpu(host);
    cJSON_AddNumberToObject(host, "cpus", (double)sysconf(_SC_NPROCESSORS_ONLN));
}

struct manifest *manifest_new(const struct run *run, const struct manifest_facts *facts)
{
    struct manifest *manifest = memory_new(1, sizeof *manifest);
    cJSON *root = cJSON_CreateObject();
    cJSON *rows;

    manifest->root = root;
    json_add_text(root, "run_name", run->name);
    json_add_text(root, "coebench_version", COEBENCH_VERSION);
    json_add_text(root, "http_library", facts->http_library);
    add_command_line(root);
    set_moment(root, "started_utc", facts->started_wall_ns);
    manifest_set_status(manifest, "running", facts->started_wall_ns);
    add_working_folder(root);
    add_overrides(root, facts);
    add_inputs(root, facts);
    add_endpoint(root, facts);
    add_settings(root, facts->settings);
    add_host(root);
    rows = cJSON_AddArrayToObject(root, "rows");
    for (size_t i = 0; i < facts->row_count; i++)
        add_row(rows, &facts->rows[i]);
    add_order(root, facts);
    return manifest;
}

/* The object stands in `slot` by its step's index, the slots being as many as are needed. */
static void put_step(struct manifest *manifest, size_t index, cJSON *object)
{
    while (index >= manifest->room) {
        manifest->step = memory_resize(manifest->step, manifest->room + 1, sizeof(cJSON *));
        manifest->step[manifest->room++] = NULL;
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

/* What goes on with it, and where that is no longer the same as what began it. */
static void add_resumption(cJSON *root, const struct manifest_facts *facts)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddItemToArray(list_of(root, "resumed"), object);
    set_moment(object, "at_utc", facts->started_wall_ns);
    json_add_text(object, "coebench_version", COEBENCH_VERSION);
    json_add_text(object, "http_library", facts->http_library);
    add_command_line(object);
    add_host(object);
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
    missing = cJSON_AddArrayToObject(object, "metrics_not_reported");
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_table[i].summarised && step->metric[i].count == 0)
            cJSON_AddItemToArray(missing, cJSON_CreateString(metric_table[i].key));
    }
}

static bool is_attempt(const cJSON *object, const struct attempt *attempt)
{
    const cJSON *step = cJSON_GetObjectItemCaseSensitive(object, "index");
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, "attempt");

    return cJSON_IsNumber(step) && step->valuedouble == (double)attempt->step &&
           cJSON_IsNumber(number) && number->valuedouble == (double)attempt->number;
}

void manifest_add_attempt(struct manifest *manifest, const struct attempt *attempt)
{
    cJSON *list = list_of(manifest->root, "attempts"), *object;

    for (object = list->child; object; object = object->next) {
        if (is_attempt(object, attempt))
            return;
    }
    object = cJSON_CreateObject();
    cJSON_AddItemToArray(list, object);
    cJSON_AddNumberToObject(object, "index", (double)attempt->step);
    cJSON_AddNumberToObject(object, "attempt", (double)attempt->number);
    json_add_text(object, "name", attempt->name);
    cJSON_AddNumberToObject(object, "requests", (double)attempt->requests);
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

size_t manifest_study_steps(const struct manifest *manifest)
{
    return manifest_ended_steps(manifest->root);
}

void manifest_drop_step(struct manifest *manifest, size_t index)
{
    if (index < manifest->room)
        put_step(manifest, index, NULL);
}

void manifest_set_status(struct manifest *manifest, const char *status, int64_t wall_ns)
{
    cJSON_DeleteItemFromObjectCaseSensitive(manifest->root, "status");
    json_add_text(manifest->root, "status", status);
    set_moment(manifest->root, "status_since_utc", wall_ns);
}

bool manifest_write(const struct manifest *manifest, const struct run *run, struct error *error)
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
    cJSON_DeleteItemFromObjectCaseSensitive(manifest->root, "steps");
    cJSON_free(json);
    free(path);
    return done;
}
