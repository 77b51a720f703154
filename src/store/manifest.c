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

enum { FILE_MOST = 256 << 20, COMMAND_MOST = 1 << 20 };

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
static void add_input(cJSON *root, const char *key, const char *path)
{
    cJSON *input = cJSON_AddObjectToObject(root, key);
    struct text text = {0};
    struct error error;
    char hex[65];

    json_add_text(input, "path", path);
    if (file_read(path, FILE_MOST, &text, &error)) {
        file_sha256(text.bytes, text.length, hex);
        json_add_text(input, "sha256", hex);
    }
    text_clear(&text);
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
    add_input(root, "config", facts->config_path);
    add_input(root, "model_configs", facts->settings->model_configs_path);
    if (facts->settings->bundle)
        add_input(root, "bundle", facts->settings->bundle);
    add_endpoint(root, facts);
    add_settings(root, facts->settings);
    add_host(root);
    rows = cJSON_AddArrayToObject(root, "rows");
    for (size_t i = 0; i < facts->row_count; i++)
        add_row(rows, &facts->rows[i]);
    add_order(root, facts);
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

    while (step->index >= manifest->room) {
        manifest->step = memory_resize(manifest->step, manifest->room + 1, sizeof(cJSON *));
        manifest->step[manifest->room++] = NULL;
    }
    manifest->step[step->index] = object;
    cJSON_AddNumberToObject(object, "index", (double)step->index);
    json_add_text(object, "name", step->name);
    cJSON_AddNumberToObject(object, "row_line", step->row.line);
    json_add_text(object, "end", step_end_words[step->end]);
    missing = cJSON_AddArrayToObject(object, "metrics_not_reported");
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (metric_table[i].summarised && step->metric[i].count == 0)
            cJSON_AddItemToArray(missing, cJSON_CreateString(metric_table[i].key));
    }
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
