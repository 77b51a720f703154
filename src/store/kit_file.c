#include "store/kit_file.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/json.h"
#include "store/response.h"
#include "store/responses.h"
#include "store/summary_file.h"

enum { FILE_MOST = 64 << 20 };

static bool is_one_of(const char *key, const char *const *words)
{
    for (; *words; words++) {
        if (strcmp(key, *words) == 0)
            return true;
    }
    return false;
}

/* "results_<metric>_mean", of a metric that the kit sums up. */
static bool is_statistic(const char *key)
{
    static const char *const metrics[] = {
        "client_ttft_s",
        "client_end_to_end_latency_s",
        "client_output_token_per_s_per_request",
        "number_input_tokens",
        "number_output_tokens",
        "client_mean_inter_token_latency_s",
        "server_ttft_s",
        "server_end_to_end_latency_s",
        "server_output_token_per_s_per_request",
        "server_output_token_after_first_per_s_first_ten_per_request",
        "server_number_input_tokens",
        "server_number_output_tokens",
        "acceptance_rate"};
    static const char *const statistics[] = {"_mean",          "_min",           "_max",
                                             "_stddev",        "_quantiles_p5",  "_quantiles_p25",
                                             "_quantiles_p50", "_quantiles_p75", "_quantiles_p90",
                                             "_quantiles_p95", "_quantiles_p99", NULL};

    if (strncmp(key, "results_", 8) != 0)
        return false;
    key += 8;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        size_t length = strlen(metrics[i]);

        if (strncmp(key, metrics[i], length) == 0 && is_one_of(key + length, statistics))
            return true;
    }
    return false;
}

static bool is_key_of_summary(const char *key)
{
    static const char *const keys[] = {"name",
                                       "model",
                                       "num_concurrent_requests",
                                       "qps",
                                       "qps_distribution",
                                       "results_num_requests_started",
                                       "results_error_rate",
                                       "results_number_errors",
                                       "results_error_code_frequency",
                                       "results_client_total_output_throughput",
                                       "results_mean_output_throughput_token_per_s",
                                       "results_num_completed_requests",
                                       "results_num_completed_requests_per_min",
                                       "num_input_tokens",
                                       "num_output_tokens",
                                       "request_count",
                                       "model_idx",
                                       "timestamp",
                                       NULL};
    static const char *const beginnings[] = {"additional_sampling_params_", "sampling_params_"};

    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (strncmp(key, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    }
    return is_one_of(key, keys) || is_statistic(key);
}

/* Adds the summary's wanted members as an object. */
static bool add_members(const char *folder, const char *name, bool (*wanted)(const char *key),
                        struct text *json, struct error *error)
{
    char *path = summary_file_path(folder, name);
    struct text text = {0};
    cJSON *object = NULL;
    bool done;

    if (file_read(path, FILE_MOST, &text, error)) {
        object = json_parse(text.bytes ? text.bytes : "", text.length);
        json_keep_numbers(object, NULL, text.bytes ? text.bytes : "");
        if (cJSON_IsObject(object))
            json_print_members(object, wanted, ",\n ", json);
        else
            error_set(error, "%s: is not a summary: not a JSON object", path);
    }
    done = cJSON_IsObject(object);
    text_clear(&text);
    free(path);
    cJSON_Delete(object);
    return done;
}

bool kit_file_add_summary(const char *folder, const char *name, struct text *json,
                          struct error *error)
{
    bool done = add_members(folder, name, is_key_of_summary, json, error);

    text_add_string(json, "\n");
    return done;
}

static const char additional_params[] = "additional_sampling_params_";

static bool is_sampling_param(const char *key)
{
    return strncmp(key, additional_params, strlen(additional_params)) == 0;
}

bool kit_file_add_sampling_params(const char *folder, const char *name, struct text *json,
                                  struct error *error)
{
    struct text object = {0};
    bool done = add_members(folder, name, is_sampling_param, &object, error);

    if (done && object.length > 2)
        text_add(json, object.bytes + 1, object.length - 2);
    text_clear(&object);
    return done;
}

bool kit_file_write_responses(const char *folder, const char *name, FILE *out, struct error *error)
{
    struct response_reader *reader = response_reader_open(folder, name, STEP_LOAD, error);
    struct error fault = {.text = ""};
    struct response response;
    struct text json = {0};
    const char *comma = "\n";

    if (!reader)
        return false;
    fputc('[', out);
    while (response_reader_next(reader, &response, &fault)) {
        text_reset(&json);
        response_reader_print(reader, response_is_kit_key, &json);
        fprintf(out, "%s%s", comma, json.bytes);
        comma = ",\n";
    }
    fputs("\n]\n", out);
    text_clear(&json);
    response_reader_close(reader);
    return !fault.text[0] || error_set(error, "%s", fault.text);
}
