/* The setting `slo`: a mapping of metrics to limits, such as {client_ttft_s: 2.0}, with the limits
 * that MLPerf publishes as named presets: {preset: mlperf-llama2-70b}. A metric that is given
 * beside a preset replaces the preset's. */
#ifndef PLAN_SLO_H
#define PLAN_SLO_H

#include "core/error.h"
#include "core/yaml.h"
#include "record/objective.h"

/* A preset's limits in seconds. MLPerf Inference, loadgen/mlperf.conf, scenario Server: there they
 * hold for the 99th percentile of a run, here for each request. */
struct slo_preset {
    const char *name;
    double ttft_s, time_per_output_token_s;
};
extern const struct slo_preset slo_presets[]; /* ends with a NULL name */

/* Reads the mapping (NULL: none). Adds a fault, with file and line, for each key that is no metric
 * with a better direction, and each value that is no limit. */
void slo_read(const struct yaml *mapping, struct objectives *objectives, struct faults *faults);

#endif
