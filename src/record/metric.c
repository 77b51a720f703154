#include "record/metric.h"

#include <string.h>

#define S    "s", LOWER_IS_BETTER
#define RATE "tokens/s", HIGHER_IS_BETTER
#define N    "tokens", DIRECTION_NONE

/* clang-format off */
const struct metric_about metric_table[METRIC_COUNT] = {
    [METRIC_CLIENT_TTFT_S] = {"client_ttft_s", S, true},
    [METRIC_CLIENT_END_TO_END_LATENCY_S] = {"client_end_to_end_latency_s", S, true},
    [METRIC_CLIENT_OUTPUT_TOKEN_PER_S] = {"client_output_token_per_s_per_request", RATE, true},
    [METRIC_NUMBER_INPUT_TOKENS] = {"number_input_tokens", N, true},
    [METRIC_NUMBER_OUTPUT_TOKENS] = {"number_output_tokens", N, true},
    [METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S] = {"client_mean_inter_token_latency_s", S, true},
    [METRIC_SERVER_TTFT_S] = {"server_ttft_s", S, true},
    [METRIC_SERVER_END_TO_END_LATENCY_S] = {"server_end_to_end_latency_s", S, true},
    [METRIC_SERVER_OUTPUT_TOKEN_PER_S] = {"server_output_token_per_s_per_request", RATE, true},
    [METRIC_SERVER_OUTPUT_TOKEN_FIRST_TEN_PER_S] =
        {"server_output_token_after_first_per_s_first_ten_per_request", RATE, true},
    [METRIC_SERVER_NUMBER_INPUT_TOKENS] = {"server_number_input_tokens", N, true},
    [METRIC_SERVER_NUMBER_OUTPUT_TOKENS] = {"server_number_output_tokens", N, true},
    [METRIC_ACCEPTANCE_RATE] = {"acceptance_rate", "", HIGHER_IS_BETTER, true},
    [METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S] = {"client_time_per_output_token_s", S, true},
    [METRIC_CLIENT_CONNECT_S] = {"client_connect_s", S, true},
    [METRIC_CLIENT_SCHEDULE_DELAY_S] = {"client_schedule_delay_s", S, true},
    [METRIC_CLIENT_TTFT_FROM_SENT_S] = {"client_ttft_from_sent_s", S, true},
    [METRIC_CLIENT_TTFT_FROM_INTENDED_S] = {"client_ttft_from_intended_s", S, true},
    [METRIC_CLIENT_END_TO_END_LATENCY_FROM_SENT_S] = {"client_end_to_end_latency_from_sent_s", S,
                                                      true},
    [METRIC_CLIENT_END_TO_END_LATENCY_FROM_INTENDED_S] =
        {"client_end_to_end_latency_from_intended_s", S, true},
    [METRIC_CLIENT_TIME_TO_FIRST_BYTE_S] = {"client_time_to_first_byte_s", S, true},
    [METRIC_CLIENT_TTFT_CONTENT_S] = {"client_ttft_content_s", S, true},
    [METRIC_CACHED_TOKENS] = {"cached_tokens", N, true},
    [METRIC_NUMBER_TOTAL_TOKENS] = {"number_total_tokens", N, false},
    [METRIC_CLIENT_TOTAL_TOKENS_PER_S] = {"client_total_tokens_per_s_per_request", RATE, false},
    [METRIC_SERVER_NUMBER_TOTAL_TOKENS] = {"server_number_total_tokens", N, false},
    [METRIC_SERVER_TOTAL_TOKENS_PER_S] = {"server_total_tokens_per_s_per_request", RATE, false},
    [METRIC_BATCH_SIZE_USED] = {"batch_size_used", "requests", DIRECTION_NONE, false},
};
/* clang-format on */

const int metric_percent[METRIC_QUANTILES] = {5, 25, 50, 75, 90, 95, 99};

enum metric metric_find(const char *key)
{
    int i = 0;

    while (i < METRIC_COUNT && strcmp(metric_table[i].key, key) != 0)
        i++;
    return (enum metric)i;
}
