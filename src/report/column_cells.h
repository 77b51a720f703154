/* What stands in each column of the consolidated table that is no metric's statistic, of one step:
 * empty where it is not known. column.c tells under which name, and what it means. For it alone. */
#ifndef REPORT_COLUMN_CELLS_H
#define REPORT_COLUMN_CELLS_H

#include "record/step.h"
#include "report/workbook/sheet.h"

/* Empty where the value is not finite. */
struct cell cell_number(double value);

struct cell cell_name(const struct step *step);
struct cell cell_model(const struct step *step);
struct cell cell_input_tokens(const struct step *step);
struct cell cell_output_tokens(const struct step *step);
struct cell cell_concurrent_requests(const struct step *step);
struct cell cell_qps(const struct step *step);
struct cell cell_qps_distribution(const struct step *step);
struct cell cell_image(const struct step *step);
struct cell cell_total_throughput(const struct step *step);
struct cell cell_started(const struct step *step);
struct cell cell_completed(const struct step *step);
struct cell cell_completed_per_min(const struct step *step);
struct cell cell_errors(const struct step *step);
struct cell cell_error_frequency(const struct step *step);
struct cell cell_reason_frequency(const struct step *step);
struct cell cell_announced(const struct step *step);
struct cell cell_stopped_at_length(const struct step *step);
struct cell cell_without_text(const struct step *step);
struct cell cell_batching_frequencies(const struct step *step);
struct cell cell_switching_time(const struct step *step);
struct cell cell_representative_batch_size(const struct step *step);
struct cell cell_asked_requests(const struct step *step);
struct cell cell_step_end(const struct step *step);
struct cell cell_follows_cut_short(const struct step *step);
struct cell cell_switching_verdict(const struct step *step);
struct cell cell_switching_source(const struct step *step);
struct cell cell_switch_verdict(const struct step *step);
struct cell cell_switch_reason(const struct step *step);
struct cell cell_switch_source(const struct step *step);
struct cell cell_switch_flags(const struct step *step);
struct cell cell_switch_by_batch_size(const struct step *step);
struct cell cell_warmup(const struct step *step);
struct cell cell_batching_source(const struct step *step);
struct cell cell_wall_time(const struct step *step);
struct cell cell_connections_opened_ahead(const struct step *step);
struct cell cell_measurement_verdict(const struct step *step);
struct cell cell_measurement_reason(const struct step *step);
struct cell cell_flags(const struct step *step);
struct cell cell_prompt_error(const struct step *step);
struct cell cell_output_share(const struct step *step);
struct cell cell_journal_wait(const struct step *step);
struct cell cell_state_loaded_before(const struct step *step);
struct cell cell_state_load(const struct step *step);
struct cell cell_before_step(const struct step *step);
struct cell cell_switch_estimate(const struct step *step);
struct cell cell_switching_time_largest_batch(const struct step *step);
struct cell cell_switch_low(const struct step *step);
struct cell cell_switch_high(const struct step *step);
struct cell cell_visits_paid(const struct step *step);
struct cell cell_visits_not_paid(const struct step *step);
struct cell cell_visits_unknown(const struct step *step);
struct cell cell_switch_smallest(const struct step *step);
struct cell cell_switch_p_adjusted(const struct step *step);
struct cell cell_switch_client(const struct step *step);
struct cell cell_switch_exposed(const struct step *step);
struct cell cell_switch_steady(const struct step *step);
struct cell cell_predecessor(const struct step *step);
struct cell cell_mix(const struct step *step);
struct cell cell_retries(const struct step *step);
struct cell cell_attempt(const struct step *step);
struct cell cell_gap_per_token_mean(const struct step *step);
struct cell cell_gap_per_token_p50(const struct step *step);
struct cell cell_gap_per_token_p95(const struct step *step);
struct cell cell_gap_per_token_p99(const struct step *step);
struct cell cell_gap_per_token_max(const struct step *step);
struct cell cell_window_throughput(const struct step *step);
struct cell cell_goodput(const struct step *step);
struct cell cell_goodput_share(const struct step *step);
struct cell cell_pass(const struct step *step);
struct cell cell_probe_started(const struct step *step);
struct cell cell_probe_completed(const struct step *step);
struct cell cell_phase_started(const struct step *step);
struct cell cell_phase_completed(const struct step *step);
struct cell cell_duration(const struct step *step);
struct cell cell_warmup_requests(const struct step *step);
struct cell cell_cooldown_requests(const struct step *step);
struct cell cell_burstiness(const struct step *step);
struct cell cell_qps_end(const struct step *step);
struct cell cell_qps_ramp(const struct step *step);
struct cell cell_max_in_flight(const struct step *step);
struct cell cell_share(const struct step *step);
struct cell cell_trace(const struct step *step);
struct cell cell_max_qps(const struct step *step);
struct cell cell_max_qps_low(const struct step *step);
struct cell cell_max_qps_high(const struct step *step);
struct cell cell_max_concurrent_requests(const struct step *step);
struct cell cell_max_concurrent_requests_low(const struct step *step);
struct cell cell_max_concurrent_requests_high(const struct step *step);
struct cell cell_max_trace_speed(const struct step *step);
struct cell cell_max_trace_speed_low(const struct step *step);
struct cell cell_max_trace_speed_high(const struct step *step);
struct cell cell_trace_speed(const struct step *step);
struct cell cell_trace_from(const struct step *step);
struct cell cell_trace_for(const struct step *step);
struct cell cell_prefix_tokens(const struct step *step);
struct cell cell_turns(const struct step *step);
struct cell cell_turn_input_tokens(const struct step *step);
struct cell cell_think_time(const struct step *step);
struct cell cell_turns_not_sent(const struct step *step);
struct cell cell_connections_opened(const struct step *step);
struct cell cell_connections_reopened(const struct step *step);
struct cell cell_read_lateness_p50(const struct step *step);
struct cell cell_read_lateness_p99(const struct step *step);
struct cell cell_read_lateness_max(const struct step *step);
struct cell cell_kernel_stamped(const struct step *step);
struct cell cell_coalesced(const struct step *step);
struct cell cell_loop_stall(const struct step *step);
struct cell cell_loop_cpu(const struct step *step);

#endif
