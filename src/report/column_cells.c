#include "report/column_cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/flags.h"
#include "store/frequency.h"

struct cell cell_number(double value)
{
    return isfinite(value) ? (struct cell){.kind = CELL_NUMBER, .number = value} : (struct cell){0};
}

static struct cell text(const char *value)
{
    struct cell cell = {.kind = value[0] ? CELL_TEXT : CELL_EMPTY};

    snprintf(cell.text, sizeof cell.text, "%s", value);
    return cell;
}

struct cell cell_name(const struct step *step)
{
    struct cell cell = {.kind = CELL_TEXT};

    snprintf(cell.text, sizeof cell.text, "%s_summary", step->name);
    return cell;
}

struct cell cell_model(const struct step *step)
{
    return text(step->row.model_name);
}

struct cell cell_input_tokens(const struct step *step)
{
    return cell_number(step->row.dataset ? NAN : (double)step->row.input_tokens);
}

struct cell cell_output_tokens(const struct step *step)
{
    return cell_number(step->row.dataset ? NAN : (double)step->row.output_tokens);
}

static bool is_closed_loop(const struct step *step)
{
    return step->row.concurrent_requests > 0;
}

struct cell cell_concurrent_requests(const struct step *step)
{
    return is_closed_loop(step) ? cell_number((double)step->row.concurrent_requests)
                                : cell_number(NAN);
}

struct cell cell_qps(const struct step *step)
{
    return is_closed_loop(step) ? cell_number(NAN) : cell_number(step->row.qps);
}

struct cell cell_qps_distribution(const struct step *step)
{
    return text(is_closed_loop(step) ? "" : row_distribution_names[step->row.qps_distribution]);
}

struct cell cell_image(const struct step *step)
{
    return text(row_image_names[step->row.multimodal_img_size]);
}

struct cell cell_total_throughput(const struct step *step)
{
    return cell_number(step->client_total_output_throughput);
}

struct cell cell_started(const struct step *step)
{
    return cell_number((double)step->started);
}

struct cell cell_completed(const struct step *step)
{
    return cell_number((double)step->completed);
}

struct cell cell_completed_per_min(const struct step *step)
{
    return cell_number(step->completed_per_min);
}

struct cell cell_errors(const struct step *step)
{
    return cell_number((double)step->errors);
}

static struct cell frequencies(const struct step *step,
                               void (*add)(const struct step *step, struct text *text))
{
    struct text printed = {0};
    struct cell cell;

    add(step, &printed);
    cell = text(printed.bytes);
    text_clear(&printed);
    return cell;
}

struct cell cell_error_frequency(const struct step *step)
{
    return frequencies(step, frequency_add_errors);
}

struct cell cell_reason_frequency(const struct step *step)
{
    return step->finish.kinds > 0 ? frequencies(step, frequency_add_reasons) : text("");
}

struct cell cell_batching_frequencies(const struct step *step)
{
    return frequencies(step, frequency_add_batches);
}

struct cell cell_switching_time(const struct step *step)
{
    return cell_number(step->switching.time_s);
}

struct cell cell_representative_batch_size(const struct step *step)
{
    return cell_number(step->representative_batch_size);
}

struct cell cell_step_end(const struct step *step)
{
    return text(step_end_words[step->end]);
}

struct cell cell_follows_cut_short(const struct step *step)
{
    return text(step->follows_cut_short ? "yes" : "");
}

struct cell cell_switching_verdict(const struct step *step)
{
    return text(switching_verdict_words[step->switching.verdict]);
}

struct cell cell_switching_source(const struct step *step)
{
    return text(step->switching.verdict > SWITCHING_NONE ? ""
                : step->switching.from_server            ? "server"
                                                         : "client");
}

/* --- The estimate of the switch to a step (record/switch.h) ------------------------------------
 */

struct cell cell_switch_verdict(const struct step *step)
{
    return text(switch_verdict_words[step->estimate.verdict]);
}

struct cell cell_switch_reason(const struct step *step)
{
    return text(switch_reason_words[step->estimate.reason]);
}

struct cell cell_switch_source(const struct step *step)
{
    bool measurable = step->estimate.verdict != SWITCH_NOT_MEASURABLE;

    return text(measurable ? switch_source_words[step->estimate.source] : "");
}

struct cell cell_switch_flags(const struct step *step)
{
    struct text words = {0};
    struct cell cell;

    flags_add_switch(step->estimate.flags, &words);
    cell = text(words.bytes ? words.bytes : "");
    text_clear(&words);
    return cell;
}

struct cell cell_switch_by_batch_size(const struct step *step)
{
    bool judged =
        step->estimate.verdict != SWITCH_NOT_MEASURABLE && step->measurement.batch_size > 0;

    return judged || step->measurement.insides > 0 ? frequencies(step, frequency_add_step_switches)
                                                   : text("");
}

static double not_zero(double value)
{
    return value > 0 ? value : NAN;
}

#define NUMBER_CELL(name, value)                                                                   \
    struct cell cell_##name(const struct step *step)                                               \
    {                                                                                              \
        return cell_number(value);                                                                 \
    }

/* Unknown where the server counted in no chunk. */
static double gap_per_token(const struct step *step, double value)
{
    return step->gap_per_token.count > 0 ? value : NAN;
}

/* Unknown in runs of before, and where no response had two chunks. */
static double gap(const struct step *step, double value)
{
    return step->gap.count > 0 ? value : NAN;
}

static double mean_gap(const struct step *step, double value)
{
    return step->metric[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S].count > 0 ? value : NAN;
}

NUMBER_CELL(switch_estimate, step->estimate.value_s)
NUMBER_CELL(switching_time_largest_batch, step->switching_time_largest_batch_s)
NUMBER_CELL(switch_low, step->estimate.low_s)
NUMBER_CELL(switch_high, step->estimate.high_s)
NUMBER_CELL(visits_paid, step->estimate.visits > 0 ? (double)step->estimate.switched : NAN)
NUMBER_CELL(visits_not_paid, step->estimate.visits > 0 ? (double)step->estimate.not_paid : NAN)
NUMBER_CELL(visits_unknown, step->estimate.visits > 0 ? (double)step->estimate.unknown : NAN)
NUMBER_CELL(switch_smallest, step->estimate.smallest_s)
NUMBER_CELL(switch_p_adjusted, step->estimate.p_adjusted)
NUMBER_CELL(switch_client, step->estimate.client_s)
NUMBER_CELL(switch_exposed, (double)step->measurement.exposed)
NUMBER_CELL(switch_steady, (double)step->measurement.steady)
NUMBER_CELL(predecessor, step->predecessor < 0 ? NAN : (double)step->predecessor)
NUMBER_CELL(retries, step->retries > 0 ? (double)step->retries : NAN)
NUMBER_CELL(announced, step->announced > 0 ? (double)step->announced : NAN)
NUMBER_CELL(stopped_at_length, step->stopped_at_length > 0 ? (double)step->stopped_at_length : NAN)
NUMBER_CELL(without_text, step->without_text > 0 ? (double)step->without_text : NAN)
NUMBER_CELL(attempt, step->attempt > 1 ? (double)step->attempt : NAN)
NUMBER_CELL(mean_gap_p50_low, mean_gap(step, step->mean_gap_bounds.low[2]))
NUMBER_CELL(mean_gap_p50_high, mean_gap(step, step->mean_gap_bounds.high[2]))
NUMBER_CELL(gap_mean, gap(step, step->gap.mean))
NUMBER_CELL(gap_p50, gap(step, step->gap.quantile[2]))
NUMBER_CELL(gap_p95, gap(step, step->gap.quantile[5]))
NUMBER_CELL(gap_p99, gap(step, step->gap.quantile[6]))
NUMBER_CELL(gap_max, gap(step, step->gap.most))
NUMBER_CELL(gap_p50_low, gap(step, step->gap_bounds.low[2]))
NUMBER_CELL(gap_p50_high, gap(step, step->gap_bounds.high[2]))
NUMBER_CELL(gap_p95_low, gap(step, step->gap_bounds.low[5]))
NUMBER_CELL(gap_p95_high, gap(step, step->gap_bounds.high[5]))
NUMBER_CELL(gap_p99_low, gap(step, step->gap_bounds.low[6]))
NUMBER_CELL(gap_p99_high, gap(step, step->gap_bounds.high[6]))
NUMBER_CELL(gap_per_token_p50_low, gap_per_token(step, step->gap_per_token_bounds.low[2]))
NUMBER_CELL(gap_per_token_p50_high, gap_per_token(step, step->gap_per_token_bounds.high[2]))
NUMBER_CELL(gap_per_token_p95_low, gap_per_token(step, step->gap_per_token_bounds.low[5]))
NUMBER_CELL(gap_per_token_p95_high, gap_per_token(step, step->gap_per_token_bounds.high[5]))
NUMBER_CELL(gap_per_token_p99_low, gap_per_token(step, step->gap_per_token_bounds.low[6]))
NUMBER_CELL(gap_per_token_p99_high, gap_per_token(step, step->gap_per_token_bounds.high[6]))
NUMBER_CELL(gap_per_token_mean, gap_per_token(step, step->gap_per_token.mean))
NUMBER_CELL(gap_per_token_p50, gap_per_token(step, step->gap_per_token.quantile[2]))
NUMBER_CELL(gap_per_token_p95, gap_per_token(step, step->gap_per_token.quantile[5]))
NUMBER_CELL(gap_per_token_p99, gap_per_token(step, step->gap_per_token.quantile[6]))
NUMBER_CELL(gap_per_token_max, gap_per_token(step, step->gap_per_token.most))
NUMBER_CELL(window_throughput, step->window_output_throughput)
NUMBER_CELL(goodput, step->goodput_requests_per_s)
NUMBER_CELL(goodput_share, step->goodput_share)
NUMBER_CELL(pass, step->pass > 0 ? (double)step->pass : NAN)
NUMBER_CELL(probe_started, step->probe_started > 0 ? (double)step->probe_started : NAN)
NUMBER_CELL(probe_completed, step->probe_started > 0 ? (double)step->probe_completed : NAN)
NUMBER_CELL(phase_started, not_zero((double)step->phase_started))
NUMBER_CELL(phase_completed, step->phase_started > 0 ? (double)step->phase_completed : NAN)
NUMBER_CELL(asked_requests, not_zero((double)step->row.num_requests))
NUMBER_CELL(duration, not_zero(step->row.duration_s))
NUMBER_CELL(warmup_requests, not_zero((double)step->row.warmup_requests))
NUMBER_CELL(cooldown_requests, not_zero((double)step->row.cooldown_requests))
NUMBER_CELL(burstiness, not_zero(step->row.burstiness))
NUMBER_CELL(qps_end, not_zero(step->row.qps_end))
NUMBER_CELL(max_in_flight, not_zero((double)step->row.max_in_flight))
NUMBER_CELL(share, not_zero(step->row.share))
/* Of what the step's search came to: a load, where it was searched by that; a trace's as a rate
 * too.
 */
static double of_search(const struct step *step, enum search_by by, double load)
{
    return by == step->search->by ? load
           : by == SEARCH_BY_QPS  ? search_qps(step->search, load)
                                  : NAN;
}

#define SEARCH_CELLS(name, by)                                                                     \
    NUMBER_CELL(name, step->search ? of_search(step, by, step->search->load) : NAN)                \
    NUMBER_CELL(name##_low, step->search ? of_search(step, by, step->search->low) : NAN)           \
    NUMBER_CELL(name##_high, step->search ? of_search(step, by, step->search->high) : NAN)

SEARCH_CELLS(max_qps, SEARCH_BY_QPS)
SEARCH_CELLS(max_concurrent_requests, SEARCH_BY_CONCURRENCY)
SEARCH_CELLS(max_trace_speed, SEARCH_BY_TRACE_SPEED)
NUMBER_CELL(trace_speed, not_zero(step->row.trace_speed))
NUMBER_CELL(trace_from, not_zero(step->row.trace_from_s))
NUMBER_CELL(trace_for, not_zero(step->row.trace_for_s))

struct cell cell_trace(const struct step *step)
{
    return text(step->row.trace ? step->row.trace : "");
}

NUMBER_CELL(prefix_tokens, not_zero((double)step->row.prefix_tokens))

NUMBER_CELL(turns, row_has_sessions(&step->row) ? (double)step->row.turns : NAN)
NUMBER_CELL(turn_input_tokens, not_zero((double)step->row.turn_input_tokens))
NUMBER_CELL(think_time, row_has_sessions(&step->row) ? step->row.think_time_s : NAN)
NUMBER_CELL(turns_not_sent, not_zero((double)step->turns_not_sent))

struct cell cell_qps_ramp(const struct step *step)
{
    return text(step->row.qps_end > 0 ? row_ramp_names[step->row.qps_ramp] : "");
}

struct cell cell_warmup(const struct step *step)
{
    return text(step->row.warmup ? "yes" : "");
}

struct cell cell_mix(const struct step *step)
{
    return text(step->row.mix ? step->row.mix : "");
}

struct cell cell_batching_source(const struct step *step)
{
    return step->batches == 0 ? cell_number(NAN)
                              : text(step->batches_from_server ? "server" : "estimate");
}

struct cell cell_wall_time(const struct step *step)
{
    return cell_number(step->wall_s);
}

struct cell cell_connections_opened_ahead(const struct step *step)
{
    return cell_number((double)step->connections_opened_ahead);
}

struct cell cell_measurement_verdict(const struct step *step)
{
    return text(measurement_verdict_words[step->health.verdict]);
}

struct cell cell_measurement_reason(const struct step *step)
{
    return text(step->health.reason);
}

struct cell cell_flags(const struct step *step)
{
    struct text clauses = {0};
    struct cell cell;

    flags_add(step, &clauses);
    cell = text(clauses.bytes ? clauses.bytes : "");
    text_clear(&clauses);
    return cell;
}

struct cell cell_prompt_error(const struct step *step)
{
    return cell_number(step->fidelity.prompt_error_tokens_max);
}

struct cell cell_output_share(const struct step *step)
{
    return cell_number(step->fidelity.output_share);
}

struct cell cell_journal_wait(const struct step *step)
{
    return cell_number(step->journal_wait_s);
}

struct cell cell_clock_uncertainty(const struct step *step)
{
    return cell_number(step->health.clock_uncertainty_s);
}

struct cell cell_state_loaded_before(const struct step *step)
{
    enum state_word word = step->state.loaded[STATE_BEFORE];

    return text(word == STATE_UNKNOWN ? "" : state_word_words[word]);
}

struct cell cell_state_load(const struct step *step)
{
    return cell_number(step->state.load_s);
}

struct cell cell_before_step(const struct step *step)
{
    const struct server_state *state = &step->state;

    if (state->control == STATE_CONTROL_NONE)
        return text("");
    return text(state->control_error ? "failed" : state_control_words[state->control]);
}

#define HEALTH_CELL(name, field)                                                                   \
    struct cell cell_##name(const struct step *step)                                               \
    {                                                                                              \
        return cell_number((double)step->health.field);                                            \
    }

HEALTH_CELL(connections_opened, connections_opened)
HEALTH_CELL(connections_reopened, connections_reopened)
HEALTH_CELL(read_lateness_p50, read_lateness_p50_s)
HEALTH_CELL(read_lateness_p99, read_lateness_p99_s)
HEALTH_CELL(read_lateness_max, read_lateness_max_s)
HEALTH_CELL(kernel_stamped, kernel_stamped_share)
HEALTH_CELL(coalesced, coalesced_share)
HEALTH_CELL(loop_stall, loop_stall_max_s)
HEALTH_CELL(loop_cpu, loop_cpu_share_max)
