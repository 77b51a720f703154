/* A step whose every field has a number of its own, so that one taken for another shows. */
#ifndef NUMBERED_H
#define NUMBERED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/memory.h"
#include "record/step.h"

/* A field, and what it is called in a summary file and as a column; NULL: it is not there. */
struct numbered_field {
    size_t offset;
    enum { NUMBERED_DOUBLE, NUMBERED_WHOLE, NUMBERED_INT } kind;
    const char *key, *column;
};

#define NUMBERED(kind, field, key, column)                                                         \
    {                                                                                              \
        offsetof(struct step, field), NUMBERED_##kind, key, column                                 \
    }

/* Those that stand under the same name in both. */
#define NUMBERED_BOTH(kind, field, name) NUMBERED(kind, field, name, name)

static const struct numbered_field numbered_fields[] = {
    NUMBERED(WHOLE, index, "step_index", NULL),
    NUMBERED_BOTH(WHOLE, attempt, "step_attempt"),
    NUMBERED_BOTH(WHOLE, row.input_tokens, "num_input_tokens"),
    NUMBERED_BOTH(WHOLE, row.output_tokens, "num_output_tokens"),
    NUMBERED_BOTH(WHOLE, row.num_requests, "num_requests"),
    NUMBERED_BOTH(DOUBLE, row.duration_s, "duration_s"),
    NUMBERED_BOTH(WHOLE, row.prefix_tokens, "prefix_tokens"),
    NUMBERED_BOTH(WHOLE, row.warmup_requests, "warmup_requests"),
    NUMBERED_BOTH(WHOLE, row.cooldown_requests, "cooldown_requests"),
    NUMBERED_BOTH(WHOLE, row.concurrent_requests, "num_concurrent_requests"),
    NUMBERED(DOUBLE, row.stddev_input_tokens, "stddev_input_tokens", NULL),
    NUMBERED(DOUBLE, row.stddev_output_tokens, "stddev_output_tokens", NULL),
    NUMBERED(INT, row.line, "row_line", NULL),
    NUMBERED(WHOLE, timestamp_s, "timestamp", NULL),
    NUMBERED_BOTH(WHOLE, pass, "pass"),
    NUMBERED_BOTH(WHOLE, predecessor, "predecessor_step_index"),
    NUMBERED_BOTH(WHOLE, probe_started, "probe_requests_started"),
    NUMBERED_BOTH(WHOLE, probe_completed, "probe_requests_completed"),
    NUMBERED_BOTH(WHOLE, phase_started, "phase_requests_started"),
    NUMBERED_BOTH(WHOLE, phase_completed, "phase_requests_completed"),
    NUMBERED_BOTH(WHOLE, connections_opened_ahead, "connections_opened_ahead"),
    NUMBERED_BOTH(WHOLE, health.connections_opened, "client_connections_opened"),
    NUMBERED_BOTH(WHOLE, health.connections_reopened, "client_connections_reopened"),
    NUMBERED_BOTH(DOUBLE, health.read_lateness_p50_s, "client_read_lateness_s_p50"),
    NUMBERED_BOTH(DOUBLE, health.read_lateness_p99_s, "client_read_lateness_s_p99"),
    NUMBERED_BOTH(DOUBLE, health.read_lateness_max_s, "client_read_lateness_s_max"),
    NUMBERED_BOTH(DOUBLE, health.kernel_stamped_share, "client_kernel_stamped_share"),
    NUMBERED_BOTH(DOUBLE, health.coalesced_share, "client_coalesced_share"),
    NUMBERED_BOTH(DOUBLE, health.loop_stall_max_s, "client_loop_stall_s_max"),
    NUMBERED_BOTH(DOUBLE, health.loop_cpu_share_max, "client_loop_cpu_share_max"),
    NUMBERED(WHOLE, health.open_files_limit, "client_open_files_limit", NULL),
    NUMBERED(WHOLE, health.local_ports, "client_local_ports", NULL),
    NUMBERED(DOUBLE, health.resident_mb, "client_resident_mb", NULL),
    NUMBERED_BOTH(DOUBLE, health.clock_uncertainty_s, "clock_uncertainty_s"),
    NUMBERED_BOTH(DOUBLE, journal_wait_s, "journal_wait_s"),
    NUMBERED(WHOLE, journal_fill_most, "journal_fill_most", NULL),
    NUMBERED(WHOLE, started, "results_num_requests_started", "num_requests_started"),
    NUMBERED(WHOLE, completed, "results_num_completed_requests", "num_completed_requests"),
    NUMBERED(WHOLE, errors, "results_number_errors", "number_errors"),
    NUMBERED(WHOLE, retries, "results_num_retries", "num_retries"),
    NUMBERED(WHOLE, non_streaming, "results_num_non_streaming", NULL),
    NUMBERED(WHOLE, at_once, "results_num_at_once", NULL),
    NUMBERED(WHOLE, announced, "results_num_announced", "num_announced"),
    NUMBERED(WHOLE, without_text, "results_num_first_token_without_text",
             "num_first_token_without_text"),
    NUMBERED(WHOLE, stopped_at_length, "results_num_stopped_at_length", "num_stopped_at_length"),
    NUMBERED(WHOLE, local_failures, "results_num_local_failures", NULL),
    NUMBERED_BOTH(DOUBLE, wall_s, "wall_time_s"),
    NUMBERED(DOUBLE, client_total_output_throughput, "results_client_total_output_throughput",
             "client_total_output_throughput"),
    NUMBERED(DOUBLE, mean_output_throughput, "results_mean_output_throughput_token_per_s", NULL),
    NUMBERED_BOTH(DOUBLE, window_output_throughput, "window_output_throughput_token_per_s"),
    NUMBERED(DOUBLE, mean_gap_bounds.low[0],
             "results_client_mean_inter_token_latency_s_quantiles_p5_low", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.high[0],
             "results_client_mean_inter_token_latency_s_quantiles_p5_high", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.low[1],
             "results_client_mean_inter_token_latency_s_quantiles_p25_low", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.high[1],
             "results_client_mean_inter_token_latency_s_quantiles_p25_high", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.low[2],
             "results_client_mean_inter_token_latency_s_quantiles_p50_low",
             "client_mean_inter_token_latency_s_p50_low"),
    NUMBERED(DOUBLE, mean_gap_bounds.high[2],
             "results_client_mean_inter_token_latency_s_quantiles_p50_high",
             "client_mean_inter_token_latency_s_p50_high"),
    NUMBERED(DOUBLE, mean_gap_bounds.low[3],
             "results_client_mean_inter_token_latency_s_quantiles_p75_low", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.high[3],
             "results_client_mean_inter_token_latency_s_quantiles_p75_high", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.low[4],
             "results_client_mean_inter_token_latency_s_quantiles_p90_low", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.high[4],
             "results_client_mean_inter_token_latency_s_quantiles_p90_high", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.low[5],
             "results_client_mean_inter_token_latency_s_quantiles_p95_low", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.high[5],
             "results_client_mean_inter_token_latency_s_quantiles_p95_high", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.low[6],
             "results_client_mean_inter_token_latency_s_quantiles_p99_low", NULL),
    NUMBERED(DOUBLE, mean_gap_bounds.high[6],
             "results_client_mean_inter_token_latency_s_quantiles_p99_high", NULL),
    NUMBERED(DOUBLE, gap.quantile[0], "results_client_gap_s_quantiles_p5", NULL),
    NUMBERED(DOUBLE, gap.quantile[1], "results_client_gap_s_quantiles_p25", NULL),
    NUMBERED(DOUBLE, gap.quantile[2], "results_client_gap_s_quantiles_p50", "client_gap_s_p50"),
    NUMBERED(DOUBLE, gap.quantile[3], "results_client_gap_s_quantiles_p75", NULL),
    NUMBERED(DOUBLE, gap.quantile[4], "results_client_gap_s_quantiles_p90", NULL),
    NUMBERED(DOUBLE, gap.quantile[5], "results_client_gap_s_quantiles_p95", "client_gap_s_p95"),
    NUMBERED(DOUBLE, gap.quantile[6], "results_client_gap_s_quantiles_p99", "client_gap_s_p99"),
    NUMBERED(DOUBLE, gap.mean, "results_client_gap_s_mean", "client_gap_s_mean"),
    NUMBERED(DOUBLE, gap.least, "results_client_gap_s_min", NULL),
    NUMBERED(DOUBLE, gap.most, "results_client_gap_s_max", "client_gap_s_max"),
    NUMBERED(DOUBLE, gap.stddev, "results_client_gap_s_stddev", NULL),
    NUMBERED(DOUBLE, gap_bounds.low[0], "results_client_gap_s_quantiles_p5_low", NULL),
    NUMBERED(DOUBLE, gap_bounds.high[0], "results_client_gap_s_quantiles_p5_high", NULL),
    NUMBERED(DOUBLE, gap_bounds.low[1], "results_client_gap_s_quantiles_p25_low", NULL),
    NUMBERED(DOUBLE, gap_bounds.high[1], "results_client_gap_s_quantiles_p25_high", NULL),
    NUMBERED(DOUBLE, gap_bounds.low[2], "results_client_gap_s_quantiles_p50_low",
             "client_gap_s_p50_low"),
    NUMBERED(DOUBLE, gap_bounds.high[2], "results_client_gap_s_quantiles_p50_high",
             "client_gap_s_p50_high"),
    NUMBERED(DOUBLE, gap_bounds.low[3], "results_client_gap_s_quantiles_p75_low", NULL),
    NUMBERED(DOUBLE, gap_bounds.high[3], "results_client_gap_s_quantiles_p75_high", NULL),
    NUMBERED(DOUBLE, gap_bounds.low[4], "results_client_gap_s_quantiles_p90_low", NULL),
    NUMBERED(DOUBLE, gap_bounds.high[4], "results_client_gap_s_quantiles_p90_high", NULL),
    NUMBERED(DOUBLE, gap_bounds.low[5], "results_client_gap_s_quantiles_p95_low",
             "client_gap_s_p95_low"),
    NUMBERED(DOUBLE, gap_bounds.high[5], "results_client_gap_s_quantiles_p95_high",
             "client_gap_s_p95_high"),
    NUMBERED(DOUBLE, gap_bounds.low[6], "results_client_gap_s_quantiles_p99_low",
             "client_gap_s_p99_low"),
    NUMBERED(DOUBLE, gap_bounds.high[6], "results_client_gap_s_quantiles_p99_high",
             "client_gap_s_p99_high"),
    NUMBERED(DOUBLE, gap_per_token_bounds.low[0], "results_client_gap_per_token_s_quantiles_p5_low",
             NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.high[0],
             "results_client_gap_per_token_s_quantiles_p5_high", NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.low[1],
             "results_client_gap_per_token_s_quantiles_p25_low", NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.high[1],
             "results_client_gap_per_token_s_quantiles_p25_high", NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.low[2],
             "results_client_gap_per_token_s_quantiles_p50_low", "client_gap_per_token_s_p50_low"),
    NUMBERED(DOUBLE, gap_per_token_bounds.high[2],
             "results_client_gap_per_token_s_quantiles_p50_high",
             "client_gap_per_token_s_p50_high"),
    NUMBERED(DOUBLE, gap_per_token_bounds.low[3],
             "results_client_gap_per_token_s_quantiles_p75_low", NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.high[3],
             "results_client_gap_per_token_s_quantiles_p75_high", NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.low[4],
             "results_client_gap_per_token_s_quantiles_p90_low", NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.high[4],
             "results_client_gap_per_token_s_quantiles_p90_high", NULL),
    NUMBERED(DOUBLE, gap_per_token_bounds.low[5],
             "results_client_gap_per_token_s_quantiles_p95_low", "client_gap_per_token_s_p95_low"),
    NUMBERED(DOUBLE, gap_per_token_bounds.high[5],
             "results_client_gap_per_token_s_quantiles_p95_high",
             "client_gap_per_token_s_p95_high"),
    NUMBERED(DOUBLE, gap_per_token_bounds.low[6],
             "results_client_gap_per_token_s_quantiles_p99_low", "client_gap_per_token_s_p99_low"),
    NUMBERED(DOUBLE, gap_per_token_bounds.high[6],
             "results_client_gap_per_token_s_quantiles_p99_high",
             "client_gap_per_token_s_p99_high"),
    NUMBERED(DOUBLE, gap_per_token.quantile[0], "results_client_gap_per_token_s_quantiles_p5",
             NULL),
    NUMBERED(DOUBLE, gap_per_token.quantile[1], "results_client_gap_per_token_s_quantiles_p25",
             NULL),
    NUMBERED(DOUBLE, gap_per_token.quantile[2], "results_client_gap_per_token_s_quantiles_p50",
             "client_gap_per_token_s_p50"),
    NUMBERED(DOUBLE, gap_per_token.quantile[3], "results_client_gap_per_token_s_quantiles_p75",
             NULL),
    NUMBERED(DOUBLE, gap_per_token.quantile[4], "results_client_gap_per_token_s_quantiles_p90",
             NULL),
    NUMBERED(DOUBLE, gap_per_token.quantile[5], "results_client_gap_per_token_s_quantiles_p95",
             "client_gap_per_token_s_p95"),
    NUMBERED(DOUBLE, gap_per_token.quantile[6], "results_client_gap_per_token_s_quantiles_p99",
             "client_gap_per_token_s_p99"),
    NUMBERED(DOUBLE, gap_per_token.mean, "results_client_gap_per_token_s_mean",
             "client_gap_per_token_s_mean"),
    NUMBERED(DOUBLE, gap_per_token.least, "results_client_gap_per_token_s_min", NULL),
    NUMBERED(DOUBLE, gap_per_token.most, "results_client_gap_per_token_s_max",
             "client_gap_per_token_s_max"),
    NUMBERED(DOUBLE, gap_per_token.stddev, "results_client_gap_per_token_s_stddev", NULL),
    NUMBERED(DOUBLE, completed_per_min, "results_num_completed_requests_per_min",
             "num_completed_requests_per_min"),
    NUMBERED_BOTH(DOUBLE, representative_batch_size, "representative_batch_size"),
    NUMBERED_BOTH(DOUBLE, goodput_requests_per_s, "goodput_requests_per_s"),
    NUMBERED_BOTH(DOUBLE, goodput_share, "goodput_share"),
    NUMBERED(DOUBLE, call_share, "call_share", NULL),
    NUMBERED(DOUBLE, call_rate, "call_rate", NULL),
    NUMBERED(DOUBLE, calls_in_a_row, "calls_in_a_row", NULL),
    NUMBERED(DOUBLE, weight_gb, "weight_gb", NULL),
    NUMBERED(DOUBLE, node_gb_per_s, "node_gb_per_s", NULL),
    NUMBERED(DOUBLE, switching.time_s, "switching_time_documented_s", "switching_time"),
    NUMBERED_BOTH(DOUBLE, switching_time_largest_batch_s, "switching_time_largest_batch_s"),
    NUMBERED_BOTH(DOUBLE, fidelity.prompt_error_tokens_max, "prompt_error_tokens_max"),
    NUMBERED(WHOLE, fidelity.prompts_off, "num_prompts_off", NULL),
    NUMBERED(WHOLE, fidelity.prompts_cached, "num_prompts_cached", NULL),
    NUMBERED_BOTH(DOUBLE, fidelity.output_share, "output_tokens_share"),
    NUMBERED(WHOLE, fidelity.prompts_unconfirmed, "num_prompts_unconfirmed", NULL),
    NUMBERED(WHOLE, fidelity.prompts_cut, "num_prompts_cut", NULL),
    NUMBERED(DOUBLE, fidelity.prompts_cut_to_tokens, "prompts_cut_to_tokens", NULL),
    NUMBERED(WHOLE, fidelity.responses_cut, "num_responses_cut", NULL),
    NUMBERED(DOUBLE, fidelity.context_tokens, "context_tokens", NULL),
    NUMBERED_BOTH(DOUBLE, state.load_s, "state_load_s"),
    NUMBERED(DOUBLE, state.control_s, "before_step_s", NULL),
    /* What is concluded of the switch is in no summary: a study tells it again each time. */
    NUMBERED(DOUBLE, estimate.value_s, NULL, "switch_estimate_s"),
    NUMBERED(DOUBLE, estimate.low_s, NULL, "switch_ci_low_s"),
    NUMBERED(DOUBLE, estimate.high_s, NULL, "switch_ci_high_s"),
    NUMBERED(DOUBLE, estimate.client_s, NULL, "switch_client_estimate_s"),
    NUMBERED(DOUBLE, estimate.p, NULL, NULL),
    NUMBERED(DOUBLE, estimate.p_adjusted, NULL, "switch_p_adjusted"),
    NUMBERED(DOUBLE, estimate.smallest_s, NULL, "switch_smallest_detectable_s"),
    NUMBERED(WHOLE, estimate.visits, NULL, NULL),
    NUMBERED(WHOLE, estimate.measured, NULL, NULL),
    NUMBERED(WHOLE, estimate.switched, NULL, "visits_paid"),
    NUMBERED(WHOLE, estimate.not_paid, NULL, "visits_not_paid"),
    NUMBERED(WHOLE, estimate.unknown, NULL, "visits_unknown"),
    NUMBERED(WHOLE, measurement.exposed, NULL, "switch_exposed_requests"),
    NUMBERED(WHOLE, measurement.steady, NULL, "switch_steady_requests"),
};

enum { NUMBERED_FIELDS = sizeof numbered_fields / sizeof *numbered_fields };

/* The number of a field, and of a metric's statistic: 0 to 6 its quantiles, then mean, min, max and
 * stddev. */
static inline double numbered_value(size_t field)
{
    return 101 + (double)field;
}

static inline double numbered_statistic(size_t metric, size_t statistic)
{
    return 1000 + 20 * (double)metric + (double)statistic;
}

/* The same of the window's metrics. */
static inline double numbered_window(size_t window, size_t statistic)
{
    return numbered_statistic(METRIC_COUNT + window, statistic);
}

static inline void numbered_metric(struct metric_summary *metric, double first)
{
    metric->count = 5;
    for (size_t k = 0; k < METRIC_QUANTILES; k++)
        metric->quantile[k] = first + (double)k;
    metric->mean = first + 7;
    metric->least = first + 8;
    metric->most = first + 9;
    metric->stddev = first + 10;
}

/* Closed loop; clear it. */
static inline struct step numbered_step(void)
{
    struct step step = {0};

    _Static_assert(sizeof(size_t) == sizeof(int64_t) && sizeof(long) == sizeof(int64_t),
                   "whole numbers of one size");
    step.name = memory_text("n");
    step.row.model_name = memory_text("m");
    step.state.source = STATE_SOURCE_LLAMA_CPP;
    step.state.control = STATE_CONTROL_UNLOAD_ALL;
    for (size_t i = 0; i < NUMBERED_FIELDS; i++) {
        char *at = (char *)&step + numbered_fields[i].offset;
        double value = numbered_value(i);

        if (numbered_fields[i].kind == NUMBERED_DOUBLE)
            memcpy(at, &value, sizeof value);
        else if (numbered_fields[i].kind == NUMBERED_WHOLE)
            memcpy(at, &(int64_t){(int64_t)value}, sizeof(int64_t));
        else
            memcpy(at, &(int){(int)value}, sizeof(int));
    }
    step.gap_per_token.count = step.gap.count = 5;
    for (size_t i = 0; i < METRIC_COUNT; i++)
        numbered_metric(&step.metric[i], numbered_statistic(i, 0));
    for (size_t i = 0; i < STEP_WINDOW_METRICS; i++)
        numbered_metric(&step.window[i], numbered_window(i, 0));
    return step;
}

#endif
