#include "report/column_label.h"

#include <stdio.h>
#include <string.h>

#include "record/telemetry.h"
#include "report/measure_words.h"

/* Of columns that are no measures: measure_words has those. */
static const struct {
    const char *key, *label;
} table[] = {
    {"name", "Step name"},
    {"model", "Model"},
    {"finish_reason_frequency", "Finish reasons"},
    {"num_announced", "Announced responses"},
    {"num_stopped_at_length", "Stopped at the length asked for"},
    {"num_first_token_without_text", "First tokens without text"},
    {"switching_verdict", "3-sd rule: verdict"},
    {"switching_source", "3-sd rule: clock"},
    {"switching_time_largest_batch_s", "Switch (range at largest batch)"},
    {"switch_verdict", "Switch verdict"},
    {"switch_reason", "Switch not measured because"},
    {"visits_paid", "Switch paid"},
    {"visits_not_paid", "Switch not paid"},
    {"visits_unknown", "Switch unknown"},
    {"switch_estimate_s", "Switch"},
    {"switch_by_batch_size", "Switch by batch size"},
    {"switch_ci_low_s", "Switch from"},
    {"switch_ci_high_s", "Switch to"},
    {"switch_smallest_detectable_s", "Smallest detectable switch"},
    {"switch_p_adjusted", "Switch p (Holm)"},
    {"switch_source", "Switch clock"},
    {"switch_client_estimate_s", "Switch by client"},
    {"switch_exposed_requests", "Exposed requests"},
    {"switch_steady_requests", "Steady requests"},
    {"switch_flags", "Switch remarks"},
    {"predecessor_step_index", "Step before"},
    {"pass", "Pass"},
    {"warmup", "Warm-up"},
    {"probe_requests_started", "Probe requests sent"},
    {"probe_requests_completed", "Probe requests completed"},
    {"phase_requests_started", "Warm-up and cool-down requests sent"},
    {"phase_requests_completed", "Warm-up and cool-down requests completed"},
    {"request_batching_source", "Batch sizes by"},
    {"step_end", "Step end"},
    {"follows_cut_short", "Follows a cut step"},
    {"measurement_reason", "Measurement remarks"},
    {"flags", "Remarks"},
    {"prompt_error_tokens_max", "Prompt length error max"},
    {"output_tokens_share", "Output tokens of those asked"},
    {"max_qps", "Highest rate"},
    {"max_qps_low", "Highest rate, at least"},
    {"max_qps_high", "Highest rate, at most"},
    {"max_concurrent_requests", "Most at once"},
    {"max_concurrent_requests_low", "Most at once, at least"},
    {"max_concurrent_requests_high", "Most at once, at most"},
    {"max_trace_speed", "Highest trace speed"},
    {"max_trace_speed_low", "Highest trace speed, at least"},
    {"max_trace_speed_high", "Highest trace speed, at most"},
    {"num_retries", "Retries"},
    {"step_attempt", "Attempt at the step"},
    {"num_requests", "Requests asked"},
    {"duration_s", "Duration asked"},
    {"warmup_requests", "Warm-up requests asked"},
    {"cooldown_requests", "Cool-down requests asked"},
    {"burstiness", "Burstiness"},
    {"qps_end", "Rate at the end"},
    {"qps_ramp", "Ramp"},
    {"max_in_flight", "In flight at most"},
    {"prefix_tokens", "System message"},
    {"turns", "Turns"},
    {"turn_input_tokens", "Input tokens of later turns"},
    {"think_time_s", "Pause between turns"},
    {"num_turns_not_sent", "Turns not sent"},
    {"mix", "Mix"},
    {"share", "Share of places"},
    {"trace", "Trace"},
    {"trace_speed", "Trace speed"},
    {"trace_from_s", "Trace from"},
    {"trace_for_s", "Trace for"},
    {"wall_time_s", "Wall time"},
    {"connections_opened_ahead", "Connections ahead"},
    {"client_connections_opened", "Connections opened"},
    {"client_connections_reopened", "Connections reopened"},
    {"client_read_lateness_s_p50", "Read lateness p50"},
    {"client_read_lateness_s_p99", "Read lateness p99"},
    {"client_read_lateness_s_max", "Read lateness max"},
    {"client_loop_stall_s_max", "Loop stall max"},
    {"client_kernel_stamped_share", "Arrivals with kernel stamp"},
    {"client_coalesced_share", "Chunks read together"},
    {"client_loop_cpu_share_max", "Event loop CPU"},
    {"journal_wait_s", "Wait for the journal"},
    {"clock_uncertainty_s", "Uncertainty of the ranks' clocks"},
    {"state_loaded_before", "Loaded before, by the server"},
    {"state_load_s", "Load, by the server"},
    {"before_step", "Done before"},
};

const char *column_label(const char *key, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i].key, key) == 0) {
            snprintf(text, size, "%s", table[i].label);
            return text;
        }
    }
    for (int i = 0; i < TELEMETRY_FIGURES; i++) {
        if (strcmp(telemetry_name[i].key, key) == 0) {
            snprintf(text, size, "%s", telemetry_name[i].label);
            return text;
        }
    }
    return measure_words(key, text, size);
}
