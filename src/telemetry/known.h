/* What known servers call what they tell, and what it is here: the one table of both.
 *
 * Names are those of vLLM, SGLang, TGI, llama.cpp, Triton, Ray Serve, Dynamo, DCGM's exporter and
 * Prometheus' node_exporter, each server's own documentation being the source. docs/telemetry.md
 * shows the table. */
#ifndef TELEMETRY_KNOWN_H
#define TELEMETRY_KNOWN_H

#include "telemetry/exposition.h"

/* What a sample counts towards. */
enum quantity {
    QUANTITY_RUNNING,
    QUANTITY_WAITING,
    QUANTITY_KV_CACHE_SHARE,
    QUANTITY_GPU_BUSY_SHARE,
    QUANTITY_GPU_POWER_W,
    QUANTITY_GPU_MEMORY_GB,
    QUANTITY_MEMORY_GB,
    QUANTITY_PREFIX_HIT_SHARE, /* by the server's own division */
    QUANTITY_GAUGES,
    QUANTITY_PREFIX_HITS = QUANTITY_GAUGES, /* counters from here on */
    QUANTITY_PREFIX_QUERIES,
    QUANTITY_PREEMPTIONS,
    QUANTITY_PROMPT_TOKENS,
    QUANTITY_GENERATED_TOKENS,
    QUANTITY_CPU_S,
    QUANTITY_COUNTERS,
    QUANTITY_TTFT_S = QUANTITY_COUNTERS, /* histograms from here on */
    QUANTITY_QUEUE_TIME_S,
    QUANTITY_PREFILL_TIME_S,
    QUANTITY_DECODE_TIME_S,
    QUANTITY_INTER_TOKEN_S,
    QUANTITY_END_TO_END_S,
    QUANTITIES
};

/* What each is called in results, without the statistic behind it. */
extern const char *const quantity_names[QUANTITIES];

/* Which part of a histogram a sample is. */
enum known_part { KNOWN_WHOLE, KNOWN_SUM, KNOWN_COUNT, KNOWN_BUCKET };

struct known_metric {
    const char *server,
        *name; /* without "_total"; a colon is as good as "_", and "ray_" may precede it */
    enum quantity quantity;
    double scale; /* to our unit; negative: it is taken off */
    const char *label,
        *value; /* the series that count; label NULL: all; value beginning with "!": the others */
};

/* The table, ended by a NULL name. */
extern const struct known_metric known_metrics[];

/* What the sample is, and which part of it; NULL: nothing that is known. */
const struct known_metric *known_find(const struct exposition_sample *sample,
                                      enum known_part *part);

#endif
