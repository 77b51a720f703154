/* What LLMPerf tells of a row, by its own definitions, from a step's responses. Names and
 * definitions: token_benchmark_ray.py and common_metrics.py of github.com/ray-project/llmperf. */
#ifndef EXPORT_LLMPERF_FIGURES_H
#define EXPORT_LLMPERF_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "record/metric.h"
#include "store/results.h"

/* In the order in which LLMPerf sums them up. */
enum llmperf_metric {
    LLMPERF_INTER_TOKEN, /* (TTFT + all gaps) ÷ output tokens; 0 without any, as there */
    LLMPERF_TTFT,
    LLMPERF_END_TO_END,
    LLMPERF_OUTPUT_THROUGHPUT, /* output tokens ÷ end-to-end latency */
    LLMPERF_INPUT_TOKENS,
    LLMPERF_OUTPUT_TOKENS,
    LLMPERF_METRICS
};

/* "inter_token_latency_s", "ttft_s" … */
extern const char *const llmperf_metric_names[LLMPERF_METRICS];

/* One attempt at a request. */
struct llmperf_request {
    double value[LLMPERF_METRICS]; /* NAN: not known */
    double total_tokens;
    bool retried; /* another attempt followed, which is LLMPerf's request */
};

struct llmperf_figures {
    const struct step *step;
    struct llmperf_request *request; /* in the file's order; owned */
    size_t requests;
    bool has_responses;                            /* the step's responses are there */
    struct metric_summary metric[LLMPERF_METRICS]; /* of completed requests */
};

/* Reads the responses of a step of the run and sums them up. Where they are not there, what the
 * step's own summary has stands in their place. False with a sentence. Clear `figures` either way.
 */
bool llmperf_figures_read(const struct results *run, const struct step *step,
                          struct llmperf_figures *figures, struct error *error);

void llmperf_figures_clear(struct llmperf_figures *figures);

#endif
