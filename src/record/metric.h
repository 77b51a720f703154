/* The table of metrics: every figure that is taken of each request, under the one name it bears in
 * code, JSON and workbook. Adding a metric is one line here, one in metric.c and one where it is
 * computed (stats/figures.c). Definitions: docs/metrics.md. */
#ifndef RECORD_METRIC_H
#define RECORD_METRIC_H

#include <stdbool.h>
#include <stddef.h>

enum metric {
    METRIC_CLIENT_TTFT_S,
    METRIC_CLIENT_END_TO_END_LATENCY_S,
    METRIC_CLIENT_OUTPUT_TOKEN_PER_S,
    METRIC_NUMBER_INPUT_TOKENS,
    METRIC_NUMBER_OUTPUT_TOKENS,
    METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S,
    METRIC_SERVER_TTFT_S,
    METRIC_SERVER_END_TO_END_LATENCY_S,
    METRIC_SERVER_OUTPUT_TOKEN_PER_S,
    METRIC_SERVER_OUTPUT_TOKEN_FIRST_TEN_PER_S,
    METRIC_SERVER_NUMBER_INPUT_TOKENS,
    METRIC_SERVER_NUMBER_OUTPUT_TOKENS,
    METRIC_ACCEPTANCE_RATE,
    METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S,
    METRIC_CLIENT_REQUEST_OUTPUT_TOKEN_PER_S,
    METRIC_CLIENT_CONNECT_S,
    METRIC_CLIENT_SCHEDULE_DELAY_S,
    METRIC_CLIENT_HELD_S,
    METRIC_CLIENT_TTFT_FROM_SENT_S,
    METRIC_CLIENT_TTFT_FROM_INTENDED_S,
    METRIC_CLIENT_END_TO_END_LATENCY_FROM_SENT_S,
    METRIC_CLIENT_END_TO_END_LATENCY_FROM_INTENDED_S,
    METRIC_CLIENT_TIME_TO_FIRST_BYTE_S,
    METRIC_CLIENT_TTFT_CONTENT_S,
    METRIC_CLIENT_BODY_END_S,
    METRIC_CACHED_TOKENS,
    METRIC_TOKENIZER_NUMBER_INPUT_TOKENS,
    METRIC_TOKENIZER_NUMBER_OUTPUT_TOKENS,
    METRIC_NUMBER_TOTAL_TOKENS,
    METRIC_CLIENT_TOTAL_TOKENS_PER_S,
    METRIC_SERVER_NUMBER_TOTAL_TOKENS,
    METRIC_SERVER_TOTAL_TOKENS_PER_S,
    METRIC_BATCH_SIZE_USED,
    METRIC_SERVER_PROMPT_S,
    METRIC_SERVER_LOAD_S,
    METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S,
    METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S,
    METRIC_COUNT
};

enum direction { DIRECTION_NONE, LOWER_IS_BETTER, HIGHER_IS_BETTER };

struct metric_about {
    const char *key;  /* in individual responses and, with its statistics, in summaries */
    const char *unit; /* "s", "tokens", "tokens/s", "" */
    enum direction direction;
    bool summarised;  /* has quantiles, mean … per row */
    const char *help; /* a sentence */
};

extern const struct metric_about metric_table[METRIC_COUNT];

/* The metric of that key, or METRIC_COUNT. */
enum metric metric_find(const char *key);

/* The quantiles of a summary, in percent, and how many they are. */
enum { METRIC_QUANTILES = 7 };
extern const int metric_percent[METRIC_QUANTILES];

/* One row's values of one metric. With a count of 0 nothing else means anything. What is not known,
 * of inter-token times, is NAN. */
struct metric_summary {
    size_t count;
    double quantile[METRIC_QUANTILES]; /* type 7, as numpy and pandas; order of metric_percent */
    double mean, least, most;
    double stddev; /* divides by n−1; NAN for a single value */
};

/* Between which its quantiles lie, where values are not known exactly (stats/bounds.h). */
struct metric_bounds {
    double low[METRIC_QUANTILES], high[METRIC_QUANTILES]; /* order of metric_percent */
};

#endif
