#include "record/metric.h"

#include <string.h>

#define S    "s", LOWER_IS_BETTER
#define RATE "tokens/s", HIGHER_IS_BETTER
#define N    "tokens", DIRECTION_NONE

/* clang-format off */
const struct metric_about metric_table[METRIC_COUNT] = {
    [METRIC_CLIENT_TTFT_S] = {"client_ttft_s", S, true,
        "To the first chunk with content or reasoning; closed loop from the send, open loop from the intended send."},
    [METRIC_CLIENT_END_TO_END_LATENCY_S] = {"client_end_to_end_latency_s", S, true,
        "From the same start to the response's last event (finish, usage or end mark)."},
    [METRIC_CLIENT_OUTPUT_TOKEN_PER_S] = {"client_output_token_per_s_per_request", RATE, true,
        "Output tokens ÷ (end-to-end − TTFT)."},
    [METRIC_NUMBER_INPUT_TOKENS] = {"number_input_tokens", N, true,
        "The server's count, else the asked tokens."},
    [METRIC_NUMBER_OUTPUT_TOKENS] = {"number_output_tokens", N, true,
        "The server's count, else the chunks."},
    [METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S] = {"client_mean_inter_token_latency_s", S, true,
        "Mean gap between chunks."},
    [METRIC_SERVER_TTFT_S] = {"server_ttft_s", S, true,
        "The server's own TTFT, from usage."},
    [METRIC_SERVER_END_TO_END_LATENCY_S] = {"server_end_to_end_latency_s", S, true,
        "The server's own end-to-end latency."},
    [METRIC_SERVER_OUTPUT_TOKEN_PER_S] = {"server_output_token_per_s_per_request", RATE, true,
        "The server's own output speed."},
    [METRIC_SERVER_OUTPUT_TOKEN_FIRST_TEN_PER_S] =
        {"server_output_token_after_first_per_s_first_ten_per_request", RATE, true,
        "The server's own output speed over the first ten tokens."},
    [METRIC_SERVER_NUMBER_INPUT_TOKENS] = {"server_number_input_tokens", N, true,
        "Input tokens by the server's count."},
    [METRIC_SERVER_NUMBER_OUTPUT_TOKENS] = {"server_number_output_tokens", N, true,
        "Output tokens by the server's count."},
    [METRIC_ACCEPTANCE_RATE] = {"acceptance_rate", "", HIGHER_IS_BETTER, true,
        "Tokens accepted in each step of speculative decoding."},
    [METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S] = {"client_time_per_output_token_s", S, true,
        "(End-to-end − TTFT) ÷ (output tokens − 1)."},
    [METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S] = {"client_request_output_token_per_s", RATE, true,
        "Output tokens ÷ end-to-end latency."},
    [METRIC_CLIENT_CONNECT_S] = {"client_connect_s", S, true,
        "From the start to the open connection; 0 on a reused one."},
    [METRIC_CLIENT_SCHEDULE_DELAY_S] = {"client_schedule_delay_s", S, true,
        "From the intended to the actual send, the wait for max_in_flight left out."},
    [METRIC_CLIENT_HELD_S] = {"client_held_s", S, true,
        "How long max_in_flight held the request back; part of its latency."},
    [METRIC_CLIENT_TTFT_FROM_SENT_S] = {"client_ttft_from_sent_s", S, true,
        "TTFT from the actual send."},
    [METRIC_CLIENT_TTFT_FROM_INTENDED_S] = {"client_ttft_from_intended_s", S, true,
        "TTFT from the intended send."},
    [METRIC_CLIENT_END_TO_END_LATENCY_FROM_SENT_S] = {"client_end_to_end_latency_from_sent_s", S,
                                                      true,
        "End-to-end latency from the actual send."},
    [METRIC_CLIENT_END_TO_END_LATENCY_FROM_INTENDED_S] =
        {"client_end_to_end_latency_from_intended_s", S, true,
        "End-to-end latency from the intended send."},
    [METRIC_CLIENT_TIME_TO_FIRST_BYTE_S] = {"client_time_to_first_byte_s", S, true,
        "To the first byte of the response's head."},
    [METRIC_CLIENT_TTFT_CONTENT_S] = {"client_ttft_content_s", S, true,
        "To the first chunk with content, reasoning not counted."},
    [METRIC_CLIENT_BODY_END_S] = {"client_body_end_s", S, true,
        "From the same start to the end of the response's body, or until it was given up after tail_grace."},
    [METRIC_CACHED_TOKENS] = {"cached_tokens", N, true,
        "Input tokens that the server's prefix cache knew."},
    [METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] = {"tokenizer_number_input_tokens", N, true,
        "Tokens of the prompt's text by the tokenizer of the config, without a chat template."},
    [METRIC_TOKENIZER_NUMBER_OUTPUT_TOKENS] = {"tokenizer_number_output_tokens", N, true,
        "Tokens of the response's text by the same, where texts are kept."},
    [METRIC_NUMBER_TOTAL_TOKENS] = {"number_total_tokens", N, false,
        "Input and output tokens."},
    [METRIC_CLIENT_TOTAL_TOKENS_PER_S] = {"client_total_tokens_per_s_per_request", RATE, false,
        "All tokens ÷ end-to-end latency."},
    [METRIC_SERVER_NUMBER_TOTAL_TOKENS] = {"server_number_total_tokens", N, false,
        "Input and output tokens by the server's count."},
    [METRIC_SERVER_TOTAL_TOKENS_PER_S] = {"server_total_tokens_per_s_per_request", RATE, false,
        "The server's own speed over all tokens."},
    [METRIC_BATCH_SIZE_USED] = {"batch_size_used", "requests", DIRECTION_NONE, false,
        "The batch that the request ran in, by the server."},
    [METRIC_SERVER_PROMPT_S] = {"server_prompt_s", S, false,
        "The server's own time to read the prompt; loading the model is not in it."},
    [METRIC_SERVER_LOAD_S] = {"server_load_s", S, false,
        "The server's own time to load the model."},
    [METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S] =
        {"client_mean_inter_token_latency_s_low", S, false,
        "The mean gap between chunks is no shorter."},
    [METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S] =
        {"client_mean_inter_token_latency_s_high", S, false,
        "The mean gap between chunks is no longer."},
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
