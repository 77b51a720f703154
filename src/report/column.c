#include "report/column.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/column_cells.h"

/* What a metric's column tells of its values. */
enum statistic { NO_STATISTIC, MIN, MEAN, P50, MAX };

static const char *const statistic_names[] = {"", "min", "mean", "p50", "max"};

struct column {
    const char *name; /* NULL: a metric's statistic, which has its unit and help too */
    const char *unit, *help;
    struct cell (*fill)(const struct step *step);
    enum metric metric;
    enum statistic statistic;
    bool always;
    int window; /* a metric's of the window: its place in step_window_metrics, from 1 */
};

#define PLAIN(label, unit, function, help)                                                         \
    {                                                                                              \
        label, unit, help, function, 0, NO_STATISTIC, false, 0                                     \
    }
/* With the ends of its 90 % interval. */
#define MAX_LOAD(name, unit, help)                                                                 \
    PLAIN(#name, unit, cell_##name, help),                                                         \
        PLAIN(#name "_low", unit, cell_##name##_low, "The low end of its 90 % interval."),         \
        PLAIN(#name "_high", unit, cell_##name##_high, "The high end of its 90 % interval.")
#define ALWAYS(label, unit, function, help)                                                        \
    {                                                                                              \
        label, unit, help, function, 0, NO_STATISTIC, true, 0                                      \
    }
#define ONE(id, statistic)                                                                         \
    {                                                                                              \
        NULL, NULL, NULL, NULL, METRIC_##id, statistic, false, 0                                   \
    }
#define GAP_PER_TOKEN                                                                              \
    "Gaps between chunks ÷ the tokens that each brought, over all gaps of the row, where the "    \
    "server counts in each chunk (ask_usage: each)."
/* The bounds of a quantile of gaps. */
#define GAP_BOUNDS(label, cell)                                                                    \
    PLAIN(label "_low", "s", cell_##cell##_low,                                                    \
          "It is no less: chunks that were read together, late, came within bounds."),             \
        PLAIN(label "_high", "s", cell_##cell##_high, "It is no more.")
#define GAP      "Gaps between chunks, over all gaps of the row; empty where it is not known to 5 %."
#define FOUR(id) ONE(id, MIN), ONE(id, MEAN), ONE(id, P50), ONE(id, MAX)
#define WINDOW(at, statistic, help)                                                                \
    {                                                                                              \
        NULL, NULL, help, NULL, 0, statistic, false, at                                            \
    }
#define WINDOW_FOUR(at, help)                                                                      \
    WINDOW(at, MIN, help), WINDOW(at, MEAN, help), WINDOW(at, P50, help), WINDOW(at, MAX, help)

static const struct column columns[] = {
    PLAIN("name", "", cell_name, "The step's name, as its summary file has it."),
    PLAIN("model", "", cell_model, "As the endpoint names it."),
    PLAIN("num_input_tokens", "tokens", cell_input_tokens, "Input tokens that the row asks for."),
    PLAIN("num_output_tokens", "tokens", cell_output_tokens,
          "Output tokens that the row asks for."),
    PLAIN("num_concurrent_requests", "requests", cell_concurrent_requests,
          "Closed loop: requests in flight at once."),
    PLAIN("qps", "requests/s", cell_qps, "Open loop: mean rate of sending."),
    PLAIN("qps_distribution", "", cell_qps_distribution, "Open loop: how sends are spaced."),
    PLAIN("multimodal_img_size", "", cell_image, "The picture that goes with each prompt."),
    FOUR(SERVER_TTFT_S),
    FOUR(SERVER_END_TO_END_LATENCY_S),
    FOUR(SERVER_OUTPUT_TOKEN_PER_S),
    ONE(ACCEPTANCE_RATE, MIN),
    ONE(ACCEPTANCE_RATE, P50),
    ONE(ACCEPTANCE_RATE, MAX),
    ONE(SERVER_NUMBER_INPUT_TOKENS, P50),
    ONE(SERVER_NUMBER_OUTPUT_TOKENS, P50),
    FOUR(CLIENT_TTFT_S),
    FOUR(CLIENT_END_TO_END_LATENCY_S),
    FOUR(CLIENT_OUTPUT_TOKEN_PER_S),
    PLAIN("client_total_output_throughput", "tokens/s", cell_total_throughput,
          "Output tokens of completed requests ÷ first send to last end."),
    PLAIN("num_requests_started", "requests", cell_started, "Requests that were sent."),
    PLAIN("num_completed_requests", "requests", cell_completed,
          "Requests that ended well; all metrics are theirs."),
    PLAIN("num_completed_requests_per_min", "requests/min", cell_completed_per_min,
          "Completed requests by the row's wall time."),
    PLAIN("number_errors", "requests", cell_errors, "Requests that failed."),
    PLAIN("error_code_frequency", "", cell_error_frequency, "How often each failure occurred."),
    ALWAYS("switching_time", "s", cell_switching_time,
           "The documented rule: the first TTFT lies over 3 standard deviations above the others; "
           "first less their mean."),
    ALWAYS("request_batching_frequencies", "", cell_batching_frequencies,
           "How many requests ran at each batch size."),
    ALWAYS("representative_batch_size", "requests", cell_representative_batch_size,
           "The batch size of more than half of the requests."),
    /* From here on our own. */
    PLAIN("finish_reason_frequency", "", cell_reason_frequency,
          "How often completed responses ended by each finish reason."),
    PLAIN("num_stopped_at_length", "requests", cell_stopped_at_length,
          "Responses that by their reason ended early, and have all the tokens asked for."),
    PLAIN("num_announced", "requests", cell_announced,
          "Requests of row and probe that began with announcements, which are no tokens."),
    PLAIN("num_first_token_without_text", "requests", cell_without_text,
          "Requests of row and probe whose tokens have no text: their TTFT is the finish."),
    PLAIN("switching_verdict", "", cell_switching_verdict,
          "What the documented rule found, or why it finds nothing."),
    PLAIN("switching_source", "", cell_switching_source, "Whose TTFT the documented rule went by."),
    PLAIN("switching_time_largest_batch_s", "s", cell_switching_time_largest_batch,
          "The kit's later rule: the range of server TTFT at the largest batch size."),
    PLAIN("switch_verdict", "", cell_switch_verdict,
          "Our estimate: detected, not detected, inconclusive, not measurable."),
    PLAIN("switch_reason", "", cell_switch_reason, "Why the switch cannot be measured."),
    PLAIN("visits_paid", "", cell_visits_paid, "1: this visit paid for a switch."),
    PLAIN("visits_not_paid", "", cell_visits_not_paid, "1: it did not."),
    PLAIN("visits_unknown", "", cell_visits_unknown, "1: it could not have shown one."),
    PLAIN("switch_estimate_s", "s", cell_switch_estimate,
          "What the switch to this step took, by our estimate."),
    PLAIN("switch_by_batch_size", "", cell_switch_by_batch_size,
          "What the switch to each batch size took, s: of the one that is judged, and inside."),
    PLAIN("switch_ci_low_s", "s", cell_switch_low,
          "Its interval begins here: 95 %, or more with stop_when."),
    PLAIN("switch_ci_high_s", "s", cell_switch_high, "… and ends here."),
    PLAIN("switch_smallest_detectable_s", "s", cell_switch_smallest,
          "The smallest switch that would be found in 80 % of cases."),
    PLAIN("switch_p_adjusted", "", cell_switch_p_adjusted,
          "Probability of as much without a switch, adjusted over all steps (Holm)."),
    PLAIN("switch_source", "", cell_switch_source, "Whose TTFT the estimate goes by."),
    PLAIN("switch_client_estimate_s", "s", cell_switch_client, "The same by the client's clock."),
    PLAIN("switch_exposed_requests", "requests", cell_switch_exposed,
          "Requests that may have waited for the switch."),
    PLAIN("switch_steady_requests", "requests", cell_switch_steady, "Requests that may not."),
    PLAIN("switch_flags", "", cell_switch_flags, "What is odd about the estimate."),
    PLAIN("predecessor_step_index", "", cell_predecessor, "The step that ran just before."),
    PLAIN("pass", "", cell_pass, "Of the order, from 1."),
    PLAIN("warmup", "", cell_warmup, "Whether the row is kept out of every estimate."),
    PLAIN("probe_requests_started", "requests", cell_probe_started,
          "Requests of the probe before the load, outside all figures."),
    PLAIN("probe_requests_completed", "requests", cell_probe_completed,
          "Those of them that ended well."),
    PLAIN("phase_requests_started", "requests", cell_phase_started,
          "Warm-up and cool-down requests, outside all figures."),
    PLAIN("phase_requests_completed", "requests", cell_phase_completed,
          "Those of them that ended well."),
    PLAIN("request_batching_source", "", cell_batching_source,
          "Whether batch sizes are the server's, or estimated from equal TTFTs."),
    PLAIN("step_end", "", cell_step_end, "How the step ended."),
    PLAIN("follows_cut_short", "", cell_follows_cut_short,
          "The step before was cut short, and the server may have been busy yet."),
    PLAIN("measurement_verdict", "", cell_measurement_verdict,
          "Whether this client kept up: valid, degraded or invalid: client-limited."),
    PLAIN("measurement_reason", "", cell_measurement_reason,
          "Which figures suffer, and by how much."),
    PLAIN("flags", "", cell_flags, "What the server did not get, or not give, as the row asks."),
    PLAIN("prompt_error_tokens_max", "tokens", cell_prompt_error,
          "The prompt furthest from its length: counted less asked."),
    PLAIN("output_tokens_share", "share", cell_output_share,
          "Output tokens that came, of those asked."),
    PLAIN("goodput_requests_per_s", "requests/s", cell_goodput,
          "Requests per second that keep every limit of slo."),
    PLAIN("goodput_share", "share", cell_goodput_share,
          "Requests that keep every limit of slo, of those sent."),
    MAX_LOAD(max_qps, "requests/s", "The highest rate that keeps slo, by the step's search."),
    MAX_LOAD(max_concurrent_requests, "requests",
             "The most requests at once that keep slo, by the step's search."),
    MAX_LOAD(max_trace_speed, "",
             "How many times as fast as it came the trace keeps slo, by the step's search."),
    PLAIN("num_retries", "", cell_retries,
          "Attempts besides one for each request; figures go by the last of each."),
    PLAIN("step_attempt", "", cell_attempt,
          "How often the step was started: what was cut off before is kept beside it."),
    PLAIN("num_requests", "requests", cell_asked_requests, "Requests that the row asks for."),
    PLAIN("duration_s", "s", cell_duration, "How long the row sends requests that count."),
    PLAIN("warmup_requests", "requests", cell_warmup_requests,
          "Requests that the row sends ahead of those that count."),
    PLAIN("cooldown_requests", "requests", cell_cooldown_requests,
          "Requests that the row sends behind those that count."),
    PLAIN("burstiness", "", cell_burstiness,
          "Open loop: the shape of gamma-distributed gaps; 1 is random, less is burstier."),
    PLAIN("qps_end", "1/s", cell_qps_end, "Open loop: the rate at the row's end."),
    PLAIN("qps_ramp", "", cell_qps_ramp, "How the rate goes from qps to qps_end."),
    PLAIN("max_in_flight", "requests", cell_max_in_flight,
          "Open loop: requests at once, at most; those that are due meanwhile wait."),
    PLAIN("prefix_tokens", "tokens", cell_prefix_tokens,
          "Tokens of the system message that all of the row's requests have."),
    PLAIN("turns", "requests", cell_turns, "Requests of each of the row's sessions."),
    PLAIN("turn_input_tokens", "tokens", cell_turn_input_tokens,
          "Tokens of the user's text in each turn of a session but the first."),
    PLAIN("think_time_s", "s", cell_think_time,
          "Mean pause from a response's end to the session's next turn."),
    PLAIN("num_turns_not_sent", "requests", cell_turns_not_sent,
          "Turns of sessions that ended before them."),
    PLAIN("mix", "", cell_mix, "The mix whose rows ran together with this one."),
    PLAIN("share", "share", cell_share, "Its part of the places of its mix."),
    PLAIN("trace", "", cell_trace, "The file that moments and lengths came from."),
    PLAIN("trace_speed", "", cell_trace_speed, "How many times as fast as it came."),
    PLAIN("trace_from_s", "s", cell_trace_from, "Where in the trace the row begins."),
    PLAIN("trace_for_s", "s", cell_trace_for, "How much of the trace the row sends."),
    PLAIN("wall_time_s", "s", cell_wall_time, "First send to last end."),
    PLAIN("window_output_throughput_token_per_s", "tokens/s", cell_window_throughput,
          "Output tokens per second from the first to the last moment at which all places were in "
          "use."),
    WINDOW_FOUR(1, "TTFT of the responses whose first token came in that time."),
    WINDOW_FOUR(2, "Mean gap between chunks of the responses that ran within that time."),
    PLAIN("connections_opened_ahead", "", cell_connections_opened_ahead,
          "Connections that stood open before the row."),
    FOUR(CLIENT_MEAN_INTER_TOKEN_LATENCY_S),
    GAP_BOUNDS("client_mean_inter_token_latency_s_p50", mean_gap_p50),
    PLAIN("client_gap_s_mean", "s", cell_gap_mean, GAP),
    PLAIN("client_gap_s_p50", "s", cell_gap_p50, GAP),
    GAP_BOUNDS("client_gap_s_p50", gap_p50),
    PLAIN("client_gap_s_p95", "s", cell_gap_p95, GAP),
    GAP_BOUNDS("client_gap_s_p95", gap_p95),
    PLAIN("client_gap_s_p99", "s", cell_gap_p99, GAP),
    GAP_BOUNDS("client_gap_s_p99", gap_p99),
    PLAIN("client_gap_s_max", "s", cell_gap_max, GAP),
    FOUR(CLIENT_TIME_PER_OUTPUT_TOKEN_S),
    FOUR(CLIENT_REQUEST_OUTPUT_TOKEN_PER_S),
    PLAIN("client_gap_per_token_s_mean", "s", cell_gap_per_token_mean, GAP_PER_TOKEN),
    PLAIN("client_gap_per_token_s_p50", "s", cell_gap_per_token_p50, GAP_PER_TOKEN),
    GAP_BOUNDS("client_gap_per_token_s_p50", gap_per_token_p50),
    PLAIN("client_gap_per_token_s_p95", "s", cell_gap_per_token_p95, GAP_PER_TOKEN),
    GAP_BOUNDS("client_gap_per_token_s_p95", gap_per_token_p95),
    PLAIN("client_gap_per_token_s_p99", "s", cell_gap_per_token_p99, GAP_PER_TOKEN),
    GAP_BOUNDS("client_gap_per_token_s_p99", gap_per_token_p99),
    PLAIN("client_gap_per_token_s_max", "s", cell_gap_per_token_max, GAP_PER_TOKEN),
    FOUR(CLIENT_CONNECT_S),
    FOUR(CLIENT_SCHEDULE_DELAY_S),
    FOUR(CLIENT_HELD_S),
    FOUR(CLIENT_TTFT_CONTENT_S),
    FOUR(CACHED_TOKENS),
    FOUR(TOKENIZER_NUMBER_INPUT_TOKENS),
    FOUR(TOKENIZER_NUMBER_OUTPUT_TOKENS),
    PLAIN("client_connections_opened", "", cell_connections_opened,
          "Connections that requests opened during the row."),
    PLAIN("client_connections_reopened", "", cell_connections_reopened,
          "Connections opened again, outside the clock, after the server closed idle ones."),
    PLAIN("client_read_lateness_s_p50", "s", cell_read_lateness_p50,
          "From a packet's arrival to our reading it; median."),
    PLAIN("client_read_lateness_s_p99", "s", cell_read_lateness_p99,
          "From a packet's arrival to our reading it; 99th percentile."),
    PLAIN("client_read_lateness_s_max", "s", cell_read_lateness_max,
          "From a packet's arrival to our reading it; the longest."),
    PLAIN("client_kernel_stamped_share", "share", cell_kernel_stamped,
          "Arrivals that have the kernel's stamp."),
    PLAIN("client_coalesced_share", "share", cell_coalesced,
          "Chunks that were read together with the one before."),
    PLAIN("client_loop_stall_s_max", "s", cell_loop_stall,
          "The longest that an event loop looked at no socket."),
    PLAIN("client_loop_cpu_share_max", "share", cell_loop_cpu,
          "The busiest event loop's share of a core."),
    PLAIN("journal_wait_s", "s", cell_journal_wait,
          "How long sending stood still because the journal's line was full."),
    PLAIN("clock_uncertainty_s", "s", cell_clock_uncertainty,
          "Of several ranks: how far their moments may be off each other."),
    PLAIN("state_loaded_before", "", cell_state_loaded_before,
          "By the server's own word: whether the row's model was loaded before the row."),
    PLAIN("state_load_s", "s", cell_state_load,
          "By the server's own events: how long the row's model loaded during the row."),
    PLAIN("before_step", "", cell_before_step,
          "What was done before the row, to load or unload; or that it failed."),
};

enum { COLUMNS = sizeof columns / sizeof *columns };

/* Behind them: what servers told themselves, a column for each figure. */
size_t column_count(void)
{
    return COLUMNS + TELEMETRY_FIGURES;
}

/* NULL: it is one of the table above. */
static const struct telemetry_name *told(size_t column)
{
    return column < COLUMNS ? NULL : &telemetry_name[column - COLUMNS];
}

static enum metric metric_of(const struct column *about)
{
    return about->window > 0 ? step_window_metrics[about->window - 1] : about->metric;
}

void column_name(size_t column, char *label, size_t size)
{
    static const char suffix[] = "_per_request"; /* dropped, as the kit's table does */
    const struct telemetry_name *figure = told(column);
    const struct column *about = &columns[figure ? 0 : column];
    const char *key;
    const char *at;

    if (figure || about->name) {
        snprintf(label, size, "%s", figure ? figure->key : about->name);
        return;
    }
    key = metric_table[metric_of(about)].key;
    at = strstr(key, suffix);
    snprintf(label, size, "%s%.*s_%s", about->window > 0 ? "window_" : "",
             (int)(at ? at - key : (long)strlen(key)), key, statistic_names[about->statistic]);
}

const char *column_unit(size_t column)
{
    const struct telemetry_name *figure = told(column);
    const struct column *about = &columns[figure ? 0 : column];

    if (figure)
        return figure->unit;
    return about->name ? about->unit : metric_table[metric_of(about)].unit;
}

const char *column_help(size_t column)
{
    const struct telemetry_name *figure = told(column);
    const struct column *about = &columns[figure ? 0 : column];

    if (figure)
        return figure->help;
    return about->help ? about->help : metric_table[about->metric].help;
}

bool column_is_ours(size_t column)
{
    static const char last_of_the_kit[] = "representative_batch_size";
    size_t last = 0;

    while (!columns[last].name || strcmp(columns[last].name, last_of_the_kit) != 0)
        last++;
    return column > last;
}

bool column_is_told(size_t column)
{
    return told(column) != NULL;
}

bool column_always(size_t column)
{
    return !told(column) && columns[column].always;
}

static double statistic_of(const struct metric_summary *summary, enum statistic statistic)
{
    if (summary->count == 0)
        return NAN;
    switch (statistic) {
    case MIN:
        return summary->least;
    case MEAN:
        return summary->mean;
    case P50:
        return summary->quantile[2];
    case MAX:
        return summary->most;
    case NO_STATISTIC:
        break;
    }
    return NAN;
}

struct cell column_cell(size_t column, const struct step *step)
{
    const struct column *about = &columns[told(column) ? 0 : column];

    if (told(column))
        return cell_number(step->telemetry.polls > 0 ? step->telemetry.value[column - COLUMNS]
                                                     : NAN);
    if (about->fill)
        return about->fill(step);
    if (about->window > 0)
        return cell_number(statistic_of(&step->window[about->window - 1], about->statistic));
    return cell_number(statistic_of(&step->metric[about->metric], about->statistic));
}

bool column_of_metric(size_t column)
{
    return !told(column) && columns[column].name == NULL;
}
