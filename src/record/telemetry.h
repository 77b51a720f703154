/* What servers themselves told during a step, as figures: the one table of their names.
 *
 * A gauge has its mean over the times it was asked and its most; a counter what it grew by; a
 * histogram its mean (sum by count) and, of a quantile, the bounds of the bucket in which it lies.
 */
#ifndef RECORD_TELEMETRY_H
#define RECORD_TELEMETRY_H

#include <stddef.h>

/* What stands for a histogram: its number, its mean, and two quantiles between bounds. */
#define TELEMETRY_HISTOGRAM(name)                                                                  \
    name##_COUNT, name##_MEAN, name##_P50_LOW, name##_P50_HIGH, name##_P99_LOW, name##_P99_HIGH

enum telemetry_figure {
    TELEMETRY_RUNNING_MEAN,
    TELEMETRY_RUNNING_MAX,
    TELEMETRY_WAITING_MEAN,
    TELEMETRY_WAITING_MAX,
    TELEMETRY_KV_CACHE_SHARE_MEAN,
    TELEMETRY_KV_CACHE_SHARE_MAX,
    TELEMETRY_PREFIX_HIT_SHARE,
    TELEMETRY_PREEMPTIONS,
    TELEMETRY_PROMPT_TOKENS_PER_S,
    TELEMETRY_GENERATED_TOKENS_PER_S,
    TELEMETRY_GPU_BUSY_SHARE_MEAN,
    TELEMETRY_GPU_BUSY_SHARE_MAX,
    TELEMETRY_GPU_POWER_W_MEAN,
    TELEMETRY_GPU_POWER_W_MAX,
    TELEMETRY_GPU_MEMORY_GB_MEAN,
    TELEMETRY_GPU_MEMORY_GB_MAX,
    TELEMETRY_CPU_CORES,
    TELEMETRY_MEMORY_GB_MEAN,
    TELEMETRY_MEMORY_GB_MAX,
    TELEMETRY_HISTOGRAM(TELEMETRY_TTFT_S),
    TELEMETRY_HISTOGRAM(TELEMETRY_QUEUE_TIME_S),
    TELEMETRY_HISTOGRAM(TELEMETRY_PREFILL_TIME_S),
    TELEMETRY_HISTOGRAM(TELEMETRY_DECODE_TIME_S),
    TELEMETRY_HISTOGRAM(TELEMETRY_INTER_TOKEN_S),
    TELEMETRY_HISTOGRAM(TELEMETRY_END_TO_END_S),
    TELEMETRY_FIGURES
};

/* How many figures a histogram has, from its _COUNT on. */
enum { TELEMETRY_OF_HISTOGRAM = 6 };

/* Of each figure: its key in JSON and workbook, a label for people, its unit, "" for none, and what
 * it is, in a sentence. */
struct telemetry_name {
    const char *key, *label, *unit, *help;
};
extern const struct telemetry_name telemetry_name[TELEMETRY_FIGURES];

/* NAN: not told. */
struct telemetry_figures {
    double value[TELEMETRY_FIGURES];
    size_t polls, failed_polls; /* how often sources were asked, and how often in vain */
};

#endif
