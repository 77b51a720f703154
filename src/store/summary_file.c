#include "store/summary_file.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/frequency.h"
#include "store/json.h"

enum { FILE_MOST = 64 << 20, KEY_MOST = 160 };

/* --- Single numbers: one table for writing and reading --------------------------------------- */

struct number {
    const char *key;
    size_t offset;
    enum { AS_DOUBLE, AS_SIZE } kind;
};

#define DOUBLE(key, field)                                                                         \
    {                                                                                              \
        key, offsetof(struct step, field), AS_DOUBLE                                               \
    }
#define SIZE(key, field)                                                                           \
    {                                                                                              \
        key, offsetof(struct step, field), AS_SIZE                                                 \
    }

/* In the documented order around error_code_frequency. */
static const struct number counts[] = {
    SIZE("results_num_requests_started", started),
    SIZE("results_number_errors", errors),
};
static const struct number rates[] = {
    DOUBLE("results_client_total_output_throughput", client_total_output_throughput),
    DOUBLE("results_mean_output_throughput_token_per_s", mean_output_throughput),
    SIZE("results_num_completed_requests", completed),
    DOUBLE("results_num_completed_requests_per_min", completed_per_min),
};
static const struct number ours[] = {
    SIZE("step_index", index),
    SIZE("step_attempt", attempt),
    SIZE("results_num_retries", retries),
    SIZE("results_num_non_streaming", non_streaming),
    SIZE("pass", pass),
    SIZE("probe_requests_started", probe_started),
    SIZE("probe_requests_completed", probe_completed),
    DOUBLE("wall_time_s", wall_s),
    SIZE("connections_opened_ahead", connections_opened_ahead),
    SIZE("client_connections_opened", health.connections_opened),
    SIZE("client_connections_reopened", health.connections_reopened),
    DOUBLE("client_read_lateness_s_p50", health.read_lateness_p50_s),
    DOUBLE("client_read_lateness_s_p99", health.read_lateness_p99_s),
    DOUBLE("client_read_lateness_s_max", health.read_lateness_max_s),
    DOUBLE("client_kernel_stamped_share", health.kernel_stamped_share),
    DOUBLE("client_coalesced_share", health.coalesced_share),
    DOUBLE("client_loop_stall_s_max", health.loop_stall_max_s),
    DOUBLE("client_loop_cpu_share_max", health.loop_cpu_share_max),
    SIZE("client_open_files_limit", health.open_files_limit),
    SIZE("client_local_ports", health.local_ports),
    DOUBLE("client_resident_mb", health.resident_mb),
    DOUBLE("journal_wait_s", journal_wait_s),
    SIZE("journal_fill_most", journal_fill_most),
    DOUBLE("stddev_input_tokens", row.stddev_input_tokens),
    DOUBLE("stddev_output_tokens", row.stddev_output_tokens),
    DOUBLE("prompt_error_tokens_max", fidelity.prompt_error_tokens_max),
    SIZE("num_prompts_off", fidelity.prompts_off),
    SIZE("num_prompts_cached", fidelity.prompts_cached),
    DOUBLE("output_tokens_share", fidelity.output_share),
    DOUBLE("representative_batch_size", representative_batch_size),
    DOUBLE("switching_time", switching.time_s),
    DOUBLE("switching_time_largest_batch_s", switching_time_largest_batch_s),
    DOUBLE("goodput_requests_per_s", goodput_requests_per_s),
    DOUBLE("goodput_share", goodput_share),
    DOUBLE("call_share", call_share),
    DOUBLE("weight_gb", weight_gb),
    DOUBLE("node_gb_per_s", node_gb_per_s),
};

enum {
    COUNTS = sizeof counts / sizeof *counts,
    RATES = sizeof rates / sizeof *rates,
    OURS = sizeof ours / sizeof *ours
};

static void add_numbers(cJSON *object, const struct number *table, size_t count,
                        const struct step *step)
{
    for (size_t i = 0; i < count; i++) {
        const void *at = (const char *)step + table[i].offset;

        json_add_number(object, table[i].key,
                        table[i].kind == AS_SIZE ? (double)*(const size_t *)at
                                                 : *(const double *)at);
    }
}

/* A number too large for a double would be infinite. */
static double read_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : NAN;
}

static size_t as_size(double value)
{
    return value > 0 && value < 1e15 ? (size_t)value : 0;
}

static void read_numbers(const cJSON *object, const struct number *table, size_t count,
                         struct step *step)
{
    for (size_t i = 0; i < count; i++) {
        void *at = (char *)step + table[i].offset;
        double value = read_number(object, table[i].key);

        if (table[i].kind == AS_SIZE)
            *(size_t *)at = as_size(value);
        else
            *(double *)at = value;
    }
}

/* --- Metrics --------------------------------------------------------------------------------- */

static const char *metric_key(char key[KEY_MOST], int metric, const char *statistic)
{
    snprintf(key, KEY_MOST, "results_%s_%s", metric_table[metric].key, statistic);
    return key;
}

static const char *quantile_key(char key[KEY_MOST], int metric, int quantile)
{
    snprintf(key, KEY_MOST, "results_%s_quantiles_p%d", metric_table[metric].key,
             metric_percent[quantile]);
    return key;
}

static void add_metric(cJSON *object, int metric, const struct metric_summary *summary)
{
    char key[KEY_MOST];

    if (!metric_table[metric].summarised || summary->count == 0)
        return;
    for (int i = 0; i < METRIC_QUANTILES; i++)
        json_add_number(object, quantile_key(key, metric, i), summary->quantile[i]);
    json_add_number(object, metric_key(key, metric, "mean"), summary->mean);
    json_add_number(object, metric_key(key, metric, "min"), summary->least);
    json_add_number(object, metric_key(key, metric, "max"), summary->most);
    json_add_number(object, metric_key(key, metric, "stddev"), summary->stddev);
}

static void read_metric(const cJSON *object, int metric, struct metric_summary *summary)
{
    char key[KEY_MOST];

    for (int i = 0; i < METRIC_QUANTILES; i++)
        summary->quantile[i] = read_number(object, quantile_key(key, metric, i));
    summary->mean = read_number(object, metric_key(key, metric, "mean"));
    summary->least = read_number(object, metric_key(key, metric, "min"));
    summary->most = read_number(object, metric_key(key, metric, "max"));
    summary->stddev = read_number(object, metric_key(key, metric, "stddev"));
    summary->count = isnan(summary->mean) ? 0 : 1; /* how many they were is not in the file */
}

/* --- What was asked -------------------------------------------------------------------------- */

static int find_word(const cJSON *object, const char *key, const char *const *words)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    for (int i = 0; cJSON_IsString(item) && words[i]; i++) {
        if (strcmp(item->valuestring, words[i]) == 0)
            return i;
    }
    return 0;
}

/* The kit's files say no verdict: a switching time, or none and no reason. */
static enum switching_verdict read_verdict(const cJSON *object, double time_s)
{
    if (cJSON_GetObjectItemCaseSensitive(object, "switching_verdict"))
        return (enum switching_verdict)find_word(object, "switching_verdict",
                                                 switching_verdict_words);
    return isnan(time_s) ? SWITCHING_NONE : SWITCHING_FOUND;
}

static void read_row(const cJSON *object, struct row *row)
{
    const cJSON *model = cJSON_GetObjectItemCaseSensitive(object, "model");
    const cJSON *dataset = cJSON_GetObjectItemCaseSensitive(object, "dataset");

    row->model_name = memory_text(cJSON_IsString(model) ? model->valuestring : "");
    row->dataset = cJSON_IsString(dataset) ? memory_text(dataset->valuestring) : NULL;
    row->input_tokens = (int64_t)as_size(read_number(object, "num_input_tokens"));
    row->output_tokens = (int64_t)as_size(read_number(object, "num_output_tokens"));
    row->num_requests = (int64_t)as_size(read_number(object, "num_requests"));
    row->concurrent_requests = (int64_t)as_size(read_number(object, "num_concurrent_requests"));
    row->qps = read_number(object, "qps");
    row->qps = row->qps > 0 ? row->qps : 0;
    row->qps_distribution =
        (enum row_distribution)find_word(object, "qps_distribution", row_distribution_names);
    row->line = (int)fmin((double)as_size(read_number(object, "row_line")), INT_MAX);
    row->warmup = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "warmup"));
    row->multimodal_img_size =
        (enum row_image)find_word(object, "multimodal_img_size", row_image_names);
}

/* --- Texts ----------------------------------------------------------------------------------- */

static void add_table(cJSON *object, const char *key, const struct step *step,
                      void (*add)(const struct step *step, struct text *text))
{
    struct text text = {0};

    add(step, &text);
    cJSON_AddStringToObject(object, key, text.bytes);
    text_clear(&text);
}

static const char *text_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsString(item) ? item->valuestring : "";
}

/* --- The whole ------------------------------------------------------------------------------- */

/* Nested names joined by `_`, as the kit flattens them. */
static void add_flattened(cJSON *object, const char *prefix, const cJSON *from)
{
    for (const cJSON *item = from ? from->child : NULL; item; item = item->next) {
        char *key = memory_printf("%s_%s", prefix, item->string);

        if (cJSON_IsObject(item))
            add_flattened(object, key, item);
        else
            cJSON_AddItemToObject(object, key, cJSON_Duplicate(item, true));
        free(key);
    }
}

static void add_sampling_params(cJSON *object, const char *prefix, const char *json)
{
    cJSON *params = cJSON_Parse(json);

    add_flattened(object, prefix, params);
    cJSON_Delete(params);
}

/* The kit says less of a row whose prompts come from a data set. */
static void add_asked(cJSON *object, const struct row *row, const char *sampling_params)
{
    if (row->dataset) {
        json_add_number(object, "request_count", (double)row->num_requests);
        add_sampling_params(object, "sampling_params", sampling_params);
        cJSON_AddStringToObject(object, "dataset", row->dataset);
    } else {
        json_add_number(object, "num_input_tokens", (double)row->input_tokens);
        json_add_number(object, "num_output_tokens", (double)row->output_tokens);
        add_sampling_params(object, "additional_sampling_params", sampling_params);
    }
}

static void add_ours(cJSON *object, const struct step *step)
{
    cJSON_AddStringToObject(
        object, "multimodal_img_size",
        step->row.multimodal_img_size ? row_image_names[step->row.multimodal_img_size] : "na");
    json_add_number(object, "num_requests", (double)step->row.num_requests);
    json_add_number(object, "row_line", step->row.line);
    cJSON_AddBoolToObject(object, "warmup", step->row.warmup);
    json_add_number(object, "predecessor_step_index",
                    step->predecessor < 0 ? NAN : (double)step->predecessor);
    cJSON_AddStringToObject(object, "step_end", step_end_words[step->end]);
    cJSON_AddBoolToObject(object, "follows_cut_short", step->follows_cut_short);
    cJSON_AddBoolToObject(object, "connection_insecure", step->insecure);
    cJSON_AddStringToObject(object, "measurement_verdict",
                            measurement_verdict_words[step->health.verdict]);
    cJSON_AddStringToObject(object, "measurement_reason", step->health.reason);
    add_table(object, "request_batching_frequencies", step, frequency_add_batches);
    json_add_text(object, "request_batching_source",
                  step->batches > 0 ? (step->batches_from_server ? "server" : "estimate") : NULL);
    add_numbers(object, ours, OURS, step);
    json_add_text(object, "expert_configurations", step->configuration);
    cJSON_AddStringToObject(object, "switching_verdict",
                            switching_verdict_words[step->switching.verdict]);
    json_add_text(object, "switching_source",
                  step->switching.verdict <= SWITCHING_NONE
                      ? (step->switching.from_server ? "server" : "client")
                      : NULL);
}

static cJSON *to_object(const struct step *step, const char *sampling_params)
{
    cJSON *object = cJSON_CreateObject();
    char *name = memory_printf("%s_summary", step->name);

    cJSON_AddStringToObject(object, "name", name);
    free(name);
    cJSON_AddStringToObject(object, "model", step->row.model_name);
    json_add_load(object, &step->row);
    for (int i = 0; i < METRIC_COUNT; i++)
        add_metric(object, i, &step->metric[i]);
    json_add_number(object, counts[0].key, (double)step->started);
    json_add_number(object, "results_error_rate",
                    step->started ? (double)step->errors / (double)step->started : NAN);
    json_add_number(object, counts[1].key, (double)step->errors);
    add_table(object, "results_error_code_frequency", step, frequency_add_errors);
    add_numbers(object, rates, RATES, step);
    add_asked(object, &step->row, sampling_params);
    json_add_number(object, "model_idx", 0);
    json_add_number(object, "timestamp", (double)step->timestamp_s);
    add_ours(object, step);
    return object;
}

void summary_file_add_json(const struct step *step, const char *sampling_params, struct text *json)
{
    cJSON *object = to_object(step, sampling_params);
    char *printed = cJSON_Print(object);

    text_add_string(json, printed);
    text_add_char(json, '\n');
    cJSON_free(printed);
    cJSON_Delete(object);
}

static long read_predecessor(const cJSON *object)
{
    double index = read_number(object, "predecessor_step_index");

    return isnan(index) ? -1 : (long)as_size(index);
}

static void from_object(const cJSON *object, struct step *step)
{
    const char *name = text_of(object, "name");
    size_t length = strlen(name);

    length -= length >= 8 && strcmp(name + length - 8, "_summary") == 0 ? 8 : 0;
    step->name = memory_bytes(name, length);
    read_row(object, &step->row);
    for (int i = 0; i < METRIC_COUNT; i++)
        read_metric(object, i, &step->metric[i]);
    read_numbers(object, counts, COUNTS, step);
    read_numbers(object, rates, RATES, step);
    read_numbers(object, ours, OURS, step);
    frequency_read_errors(text_of(object, "results_error_code_frequency"), step);
    frequency_read_batches(text_of(object, "request_batching_frequencies"), step);
    step->batches_from_server = find_word(object, "request_batching_source",
                                          (const char *const[]){"estimate", "server", NULL});
    if (*text_of(object, "expert_configurations"))
        step->configuration = memory_text(text_of(object, "expert_configurations"));
    step->predecessor = read_predecessor(object);
    step->timestamp_s = (int64_t)as_size(read_number(object, "timestamp"));
    step->follows_cut_short =
        cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "follows_cut_short"));
    step->insecure = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "connection_insecure"));
    step->health.verdict = (enum measurement_verdict)find_word(object, "measurement_verdict",
                                                               measurement_verdict_words);
    snprintf(step->health.reason, sizeof step->health.reason, "%s",
             text_of(object, "measurement_reason"));
    step->end = (enum step_end)find_word(object, "step_end", step_end_words);
    step->switching.verdict = read_verdict(object, step->switching.time_s);
    step->switching.from_server =
        find_word(object, "switching_source", (const char *const[]){"client", "server", NULL});
}

bool summary_file_read(const char *path, struct step *step, struct error *error)
{
    struct text text = {0};
    cJSON *object = NULL;

    if (file_read(path, FILE_MOST, &text, error)) {
        object = cJSON_ParseWithLength(text.bytes ? text.bytes : "", text.length);
        if (cJSON_IsObject(object))
            from_object(object, step);
        else
            error_set(error, "%s: is no summary: not a JSON object", path);
    }
    text_clear(&text);
    cJSON_Delete(object);
    return step->name != NULL;
}

/* --- Where they are --------------------------------------------------------------------------- */

static const char ending[] = "_summary.json";

static int is_summary(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name), behind = strlen(ending);

    return length > behind && strcmp(entry->d_name + length - behind, ending) == 0;
}

char **summary_file_list(const char *folder, size_t *count)
{
    struct dirent **entries;
    int found = scandir(folder, &entries, is_summary, alphasort);
    char **names;

    *count = 0;
    if (found < 0)
        return NULL;
    names = memory_new((size_t)found, sizeof *names);
    for (int i = 0; i < found; i++) {
        const char *file = entries[i]->d_name;

        names[(*count)++] = memory_bytes(file, strlen(file) - strlen(ending));
        free(entries[i]);
    }
    free(entries);
    return names;
}

char *summary_file_path(const char *folder, const char *name)
{
    return memory_printf("%s/%s%s", folder, name, ending);
}
