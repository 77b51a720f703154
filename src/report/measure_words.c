#include "report/measure_words.h"

#include <stdio.h>
#include <string.h>

/* Beginnings of keys; of two that fit, the longer one stands first. */
static const struct {
    const char *key, *words;
} table[] = {
    {"client_ttft_from_sent_s", "TTFT from sent"},
    {"client_ttft_from_intended_s", "TTFT from intended"},
    {"client_ttft_content_s", "TTFT of content"},
    {"client_ttft_s", "TTFT"},
    {"client_end_to_end_latency_from_sent_s", "Latency from sent"},
    {"client_end_to_end_latency_from_intended_s", "Latency from intended"},
    {"client_end_to_end_latency_s", "Latency"},
    {"client_output_token_per_s_per_request", "Output speed"},
    {"client_output_token_per_s", "Output speed"},
    {"client_request_output_token_per_s", "Output speed over the request"},
    {"client_total_output_throughput", "Throughput"},
    {"client_total_tokens_per_s_per_request", "Token speed, prompt included"},
    {"client_mean_inter_token_latency_s", "Inter-token time, per event"},
    {"client_time_per_output_token_s", "Inter-token time, per token"},
    {"client_gap_per_token_s", "Gap per token"},
    {"client_gap_s", "Gap between events"},
    {"client_time_to_first_byte_s", "Time to first byte"},
    {"client_body_end_s", "End of body"},
    {"client_connect_s", "Connect time"},
    {"client_schedule_delay_s", "Schedule delay"},
    {"client_held_s", "Held back"},
    {"server_ttft_s", "Server TTFT"},
    {"server_end_to_end_latency_s", "Server latency"},
    {"server_output_token_per_s_per_request", "Server output speed"},
    {"server_output_token_per_s", "Server output speed"},
    {"server_number_input_tokens", "Server input tokens"},
    {"server_number_output_tokens", "Server output tokens"},
    {"tokenizer_number_input_tokens", "Tokenizer input tokens"},
    {"tokenizer_number_output_tokens", "Tokenizer output tokens"},
    {"number_input_tokens", "Input tokens"},
    {"number_output_tokens", "Output tokens"},
    {"acceptance_rate", "Acceptance rate"},
    {"num_completed_requests_per_min", "Requests per minute"},
    {"num_completed_requests", "Completed"},
    {"num_requests_started", "Started"},
    {"number_errors", "Failed"},
    {"error_rate", "Failure rate"},
    {"error_code_frequency", "Failures by kind"},
    {"goodput_requests_per_s", "Goodput"},
    {"goodput_share", "Goodput share"},
    {"window_output_throughput_token_per_s", "Throughput while full"},
    {"window_client_ttft_s", "TTFT while full"},
    {"window_client_mean_inter_token_latency_s", "Inter-token time while full"},
    {"representative_batch_size", "Batch size"},
    {"request_batching_frequencies", "Requests by batch size"},
    {"switching_time", "Switch, 3-sd rule"},
    {"switch_paid_share", "Visits that paid"},
    {"switch_s_per_visit", "Switching per visit"},
    {"switch_s", "Switching cost"},
    {"measurement_verdict", "Measurement"},
    {"num_input_tokens", "Input"},
    {"num_output_tokens", "Output"},
    {"num_concurrent_requests", "Concurrency"},
    {"qps_distribution", "Spacing"},
    {"qps", "Rate"},
    {"multimodal_img_size", "Image"},
    {"cached_tokens", "Cached tokens"},
};

enum { WORDS = sizeof table / sizeof *table };

/* What follows the beginning: nothing, or a statistic. */
static const char *rest_of(const char *key, const char *beginning)
{
    size_t length = strlen(beginning);

    if (strncmp(key, beginning, length) != 0)
        return NULL;
    return key[length] == '_' || key[length] == '\0' ? key + length : NULL;
}

static void without_underscores(char *text)
{
    for (; *text; text++)
        *text = *text == '_' ? ' ' : *text;
}

const char *measure_words(const char *key, char *text, size_t size)
{
    for (size_t i = 0; i < WORDS; i++) {
        const char *rest = rest_of(key, table[i].key);

        if (!rest)
            continue;
        snprintf(text, size, "%s%s", table[i].words, rest);
        without_underscores(text);
        return text;
    }
    snprintf(text, size, "%s", key);
    without_underscores(text);
    return text;
}
