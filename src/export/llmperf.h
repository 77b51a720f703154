/* A run as LLMPerf writes it: `<model>_<input>_<output>_summary.json` and
 * `…_individual_responses.json` of each step, by token_benchmark_ray.py of
 * github.com/ray-project/llmperf. */
#ifndef EXPORT_LLMPERF_H
#define EXPORT_LLMPERF_H

#include <stdbool.h>

#include "core/error.h"
#include "store/results.h"

/* Writes all steps of the run into the folder; of steps whose names are the same, the later ones'
 * have "-2", "-3" … behind the tokens. A summary is one flat object: LLMPerf's keys in its order,
 * the run's labels as its user's metadata, and `qps` and `qps_distribution` of an open loop, which
 * it has not. What is not known is null. Responses are each request's last attempt, and a step
 * whose responses are not there has a summary alone. Each summary is written last. */
bool llmperf_write(const struct results *run, const char *folder, struct error *error);

#endif
