#include "store/summary_file.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/frequency.h"
#include "store/json.h"
#include "store/members.h"
#include "store/row_traffic.h"
#include "store/summary_metrics.h"
#include "store/summary_ranks.h"
#include "store/summary_telemetry.h"
#include "store/summary_turns.h"

enum { FILE_MOST = 64 << 20 };

/* --- Single numbers: one table for writing and reading ---------------------------------------- */

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
    SIZE("results_num_at_once", at_once),
    SIZE("results_num_announced", announced),
    SIZE("results_num_first_token_without_text", without_text),
    SIZE("results_num_stopped_at_length", stopped_at_length),
    SIZE("results_num_local_failures", local_failures),
    SIZE("pass", pass),
    SIZE("probe_requests_started", probe_started),
    SIZE("probe_requests_completed", probe_completed),
    SIZE("phase_requests_started", phase_started),
    SIZE("phase_requests_completed", phase_completed),
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
    DOUBLE("clock_uncertainty_s", health.clock_uncertainty_s),
    DOUBLE("journal_wait_s", journal_wait_s),
    SIZE("journal_fill_most", journal_fill_most),
    DOUBLE("stddev_input_tokens", row.stddev_input_tokens),
    DOUBLE("stddev_output_tokens", row.stddev_output_tokens),
    DOUBLE("duration_s", row.duration_s),
    SIZE("warmup_requests", row.warmup_requests),
    SIZE("cooldown_requests", row.cooldown_requests),
    DOUBLE("prompt_error_tokens_max", fidelity.prompt_error_tokens_max),
    SIZE("num_prompts_off", fidelity.prompts_off),
    SIZE("num_prompts_cached", fidelity.prompts_cached),
    DOUBLE("output_tokens_share", fidelity.output_share),
    SIZE("num_prompts_unconfirmed", fidelity.prompts_unconfirmed),
    SIZE("num_prompts_cut", fidelity.prompts_cut),
    DOUBLE("prompts_cut_to_tokens", fidelity.prompts_cut_to_tokens),
    SIZE("num_responses_cut", fidelity.responses_cut),
    DOUBLE("context_tokens", fidelity.context_tokens),
    DOUBLE("representative_batch_size", representative_batch_size),
    DOUBLE("switching_time_documented_s", switching.time_s),
    DOUBLE("switching_time_largest_batch_s", switching_time_largest_batch_s),
    DOUBLE("window_output_throughput_token_per_s", window_output_throughput),
    DOUBLE("goodput_requests_per_s", goodput_requests_per_s),
    DOUBLE("goodput_share", goodput_share),
    DOUBLE("call_share", call_share),
    DOUBLE("call_rate", call_rate),
    DOUBLE("calls_in_a_row", calls_in_a_row),
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

static double read_number(const struct members *object, const char *key)
{
    return json_number(members_find(object, key));
}

static size_t as_size(double value)
{
    return value > 0 && value < 1e15 ? (size_t)value : 0;
}

static void read_numbers(const struct members *object, const struct number *table, size_t count,
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

/* --- What was asked --------------------------------------------------------------------------- */

static int find_word(const struct members *object, const char *key, const char *const *words)
{
    const cJSON *item = members_find(object, key);

    for (int i = 0; cJSON_IsString(item) && words[i]; i++) {
        if (strcmp(item->valuestring, words[i]) == 0)
            return i;
    }
    return 0;
}

/* 0.1.0 wrote it under a name that the kit's consolidation gives a column of its own. */
static double read_switching_time(const struct members *object)
{
    double time_s = read_number(object, "switching_time_documented_s");

    return isnan(time_s) ? read_number(object, "switching_time") : time_s;
}

/* The kit's files say no verdict: a switching time, or none and no reason. */
static enum switching_verdict read_verdict(const struct members *object, double time_s)
{
    if (members_find(object, "switching_verdict"))
        return (enum switching_verdict)find_word(object, "switching_verdict",
                                                 switching_verdict_words);
    return isnan(time_s) ? SWITCHING_NONE : SWITCHING_FOUND;
}

/* 0 where it was not asked for. */
static double read_above_0(const struct members *object, const char *key)
{
    double number = read_number(object, key);

    return number > 0 ? number : 0;
}

static void read_shape(const struct members *object, struct row *row)
{
    row->burstiness = read_above_0(object, "burstiness");
    row->qps_end = read_above_0(object, "qps_end");
    row->qps_ramp = (enum row_ramp)find_word(object, "qps_ramp", row_ramp_names);
    row->max_in_flight = (int64_t)as_size(read_number(object, "max_in_flight"));
}

static void read_row(const struct members *object, struct row *row)
{
    const cJSON *model = members_find(object, "model");
    const cJSON *dataset = members_find(object, "dataset"), *mix = members_find(object, "mix");

    row->model_name = memory_text(cJSON_IsString(model) ? model->valuestring : "");
    row->dataset = cJSON_IsString(dataset) ? memory_text(dataset->valuestring) : NULL;
    row->mix = cJSON_IsString(mix) ? memory_text(mix->valuestring) : NULL;
    row->input_tokens = (int64_t)as_size(read_number(object, "num_input_tokens"));
    row->output_tokens = (int64_t)as_size(read_number(object, "num_output_tokens"));
    if (row->output_tokens == 0)
        row->output_tokens =
            (int64_t)as_size(read_number(object, "sampling_params_max_tokens_to_generate"));
    row->num_requests = (int64_t)as_size(read_number(object, "num_requests"));
    row->concurrent_requests = (int64_t)as_size(read_number(object, "num_concurrent_requests"));
    row->qps = read_number(object, "qps");
    row->qps = row->qps > 0 ? row->qps : 0;
    row->qps_distribution =
        (enum row_distribution)find_word(object, "qps_distribution", row_distribution_names);
    read_shape(object, row);
    row_traffic_read(object, row);
    row->line = (int)fmin((double)as_size(read_number(object, "row_line")), INT_MAX);
    row->warmup = cJSON_IsTrue(members_find(object, "warmup"));
    row->multimodal_img_size =
        (enum row_image)find_word(object, "multimodal_img_size", row_image_names);
}

/* What a file of before does not have was not asked for. */
static void settle_row(struct row *row)
{
    double *const numbers[] = {&row->stddev_input_tokens, &row->stddev_output_tokens,
                               &row->duration_s};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = *numbers[i] > 0 ? *numbers[i] : 0;
}

/* --- Texts ------------------------------------------------------------------------------------ */

static void add_table(cJSON *object, const char *key, const struct step *step,
                      void (*add)(const struct step *step, struct text *text))
{
    struct text text = {0};

    add(step, &text);
    cJSON_AddStringToObject(object, key, text.bytes);
    text_clear(&text);
}

static const char *text_of(const struct members *object, const char *key)
{
    const cJSON *item = members_find(object, key);

    return cJSON_IsString(item) ? item->valuestring : "";
}

/* --- The whole -------------------------------------------------------------------------------- */

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

    json_keep_numbers(params, NULL, json);
    add_flattened(object, prefix, params);
    cJSON_Delete(params);
}

/* The kit says less of a row whose prompts come from a data set; how many tokens are asked for is
 * one of its sampling parameters. */
static void add_asked(cJSON *object, const struct step *step, const char *sampling_params)
{
    const struct row *row = &step->row;

    if (row->dataset) {
        json_add_number(object, "request_count",
                        (double)(row->num_requests ? (size_t)row->num_requests : step->started));
        json_add_number(object, "sampling_params_max_tokens_to_generate",
                        (double)row->output_tokens);
        add_sampling_params(object, "sampling_params", sampling_params);
        cJSON_AddStringToObject(object, "dataset", row->dataset);
    } else {
        json_add_number(object, "num_input_tokens", (double)row->input_tokens);
        json_add_number(object, "num_output_tokens", (double)row->output_tokens);
        add_sampling_params(object, "additional_sampling_params", sampling_params);
    }
}

/* What of an open loop's shape was asked for. */
static void add_shape(cJSON *object, const struct row *row)
{
    if (row->burstiness > 0)
        json_add_number(object, "burstiness", row->burstiness);
    if (row->qps_end > 0) {
        json_add_number(object, "qps_end", row->qps_end);
        json_add_text(object, "qps_ramp", row_ramp_names[row->qps_ramp]);
    }
    if (row->max_in_flight > 0)
        json_add_number(object, "max_in_flight", (double)row->max_in_flight);
}

static void add_ours(cJSON *object, const struct step *step)
{
    add_shape(object, &step->row);
    summary_turns_add(object, step);
    cJSON_AddStringToObject(
        object, "multimodal_img_size",
        step->row.multimodal_img_size ? row_image_names[step->row.multimodal_img_size] : "na");
    json_add_number(object, "num_requests",
                    step->row.num_requests > 0 ? (double)step->row.num_requests : NAN);
    json_add_number(object, "row_line", step->row.line);
    if (step->row.mix)
        json_add_text(object, "mix", step->row.mix);
    row_traffic_add(object, &step->row);
    cJSON_AddBoolToObject(object, "warmup", step->row.warmup);
    json_add_number(object, "predecessor_step_index",
                    step->predecessor < 0 ? NAN : (double)step->predecessor);
    cJSON_AddStringToObject(object, "step_end", step_end_words[step->end]);
    cJSON_AddBoolToObject(object, "follows_cut_short", step->follows_cut_short);
    cJSON_AddBoolToObject(object, "connection_insecure", step->insecure);
    cJSON_AddStringToObject(object, "measurement_verdict",
                            measurement_verdict_words[step->health.verdict]);
    cJSON_AddStringToObject(object, "measurement_reason", step->health.reason);
    add_table(object, "results_finish_reason_frequency", step, frequency_add_reasons);
    cJSON_AddBoolToObject(object, "ignore_eos", step->ignore_eos);
    add_table(object, "request_batching_frequencies", step, frequency_add_batches);
    json_add_text(object, "request_batching_source",
                  step->batches > 0 ? (step->batches_from_server ? "server" : "estimate") : NULL);
    summary_metrics_add_gaps(object, step);
    add_numbers(object, ours, OURS, step);
    summary_metrics_add_window(object, step);
    summary_ranks_add(object, step);
    summary_telemetry_add(object, step);
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
    summary_metrics_add(object, step);
    json_add_number(object, counts[0].key, (double)step->started);
    json_add_number(object, "results_error_rate",
                    step->started ? (double)step->errors / (double)step->started : NAN);
    json_add_number(object, counts[1].key, (double)step->errors);
    add_table(object, "results_error_code_frequency", step, frequency_add_errors);
    add_numbers(object, rates, RATES, step);
    add_asked(object, step, sampling_params);
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

static long read_predecessor(const struct members *object)
{
    double index = read_number(object, "predecessor_step_index");

    return isnan(index) ? -1 : (long)as_size(index);
}

static void from_object(const struct members *object, struct step *step)
{
    const char *name = text_of(object, "name");
    size_t length = strlen(name);

    length -= length >= 8 && strcmp(name + length - 8, "_summary") == 0 ? 8 : 0;
    step->name = memory_bytes(name, length);
    read_row(object, &step->row);
    summary_turns_read(object, step);
    summary_metrics_read(object, step);
    read_numbers(object, counts, COUNTS, step);
    read_numbers(object, rates, RATES, step);
    read_numbers(object, ours, OURS, step);
    summary_ranks_read(object, step);
    summary_telemetry_read(object, step);
    settle_row(&step->row);
    frequency_read_errors(text_of(object, "results_error_code_frequency"), step);
    frequency_read_reasons(text_of(object, "results_finish_reason_frequency"), step);
    step->ignore_eos = cJSON_IsTrue(members_find(object, "ignore_eos"));
    frequency_read_batches(text_of(object, "request_batching_frequencies"), step);
    step->batches_from_server = find_word(object, "request_batching_source",
                                          (const char *const[]){"estimate", "server", NULL});
    if (*text_of(object, "expert_configurations"))
        step->configuration = memory_text(text_of(object, "expert_configurations"));
    step->predecessor = read_predecessor(object);
    step->timestamp_s = (int64_t)as_size(read_number(object, "timestamp"));
    step->follows_cut_short = cJSON_IsTrue(members_find(object, "follows_cut_short"));
    step->insecure = cJSON_IsTrue(members_find(object, "connection_insecure"));
    step->health.verdict = (enum measurement_verdict)find_word(object, "measurement_verdict",
                                                               measurement_verdict_words);
    snprintf(step->health.reason, sizeof step->health.reason, "%s",
             text_of(object, "measurement_reason"));
    step->end = (enum step_end)find_word(object, "step_end", step_end_words);
    step->switching.time_s = read_switching_time(object);
    step->switching.verdict = read_verdict(object, step->switching.time_s);
    step->switching.from_server =
        find_word(object, "switching_source", (const char *const[]){"client", "server", NULL});
}

static void read_members(const cJSON *object, struct step *step)
{
    struct members members;

    members_init(&members, object);
    from_object(&members, step);
    members_clear(&members);
}

bool summary_file_read(const char *path, struct step *step, struct error *error)
{
    struct text text = {0};
    cJSON *object = NULL;

    if (file_read_regular(path, FILE_MOST, &text, error)) {
        object = json_parse(text.bytes ? text.bytes : "", text.length);
        if (cJSON_IsObject(object))
            read_members(object, step);
        else
            error_set(error, "%s: is not a summary: not a JSON object", path);
    }
    text_clear(&text);
    cJSON_Delete(object);
    return step->name != NULL;
}

bool summary_file_set_name(struct step *step, const char *name)
{
    bool own = !*step->name || strcmp(step->name, name) == 0;

    free(step->name);
    step->name = memory_text(name);
    return own;
}
