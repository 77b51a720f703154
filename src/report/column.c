#include "report/column.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/flags.h"
#include "store/frequency.h"

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
};

static struct cell number(double value)
{
    return isfinite(value) ? (struct cell){.kind = CELL_NUMBER, .number = value} : (struct cell){0};
}

static struct cell text(const char *value)
{
    struct cell cell = {.kind = value[0] ? CELL_TEXT : CELL_EMPTY};

    snprintf(cell.text, sizeof cell.text, "%s", value);
    return cell;
}

static struct cell name(const struct step *step)
{
    struct cell cell = {.kind = CELL_TEXT};

    snprintf(cell.text, sizeof cell.text, "%s_summary", step->name);
    return cell;
}

static struct cell model(const struct step *step)
{
    return text(step->row.model_name);
}

static struct cell input_tokens(const struct step *step)
{
    return number(step->row.dataset ? NAN : (double)step->row.input_tokens);
}

static struct cell output_tokens(const struct step *step)
{
    return number(step->row.dataset ? NAN : (double)step->row.output_tokens);
}

static bool is_closed_loop(const struct step *step)
{
    return step->row.concurrent_requests > 0;
}

static struct cell concurrent_requests(const struct step *step)
{
    return is_closed_loop(step) ? number((double)step->row.concurrent_requests) : number(NAN);
}

static struct cell qps(const struct step *step)
{
    return is_closed_loop(step) ? number(NAN) : number(step->row.qps);
}

static struct cell qps_distribution(const struct step *step)
{
    return text(is_closed_loop(step) ? "" : row_distribution_names[step->row.qps_distribution]);
}

static struct cell image(const struct step *step)
{
    return text(row_image_names[step->row.multimodal_img_size]);
}

static struct cell total_throughput(const struct step *step)
{
    return number(step->client_total_output_throughput);
}

static struct cell started(const struct step *step)
{
    return number((double)step->started);
}

static struct cell completed(const struct step *step)
{
    return number((double)step->completed);
}

static struct cell completed_per_min(const struct step *step)
{
    return number(step->completed_per_min);
}

static struct cell errors(const struct step *step)
{
    return number((double)step->errors);
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

static struct cell error_frequency(const struct step *step)
{
    return frequencies(step, frequency_add_errors);
}

static struct cell batching_frequencies(const struct step *step)
{
    return frequencies(step, frequency_add_batches);
}

static struct cell switching_time(const struct step *step)
{
    return number(step->switching.time_s);
}

static struct cell representative_batch_size(const struct step *step)
{
    return number(step->representative_batch_size);
}

static struct cell asked_requests(const struct step *step)
{
    return number((double)step->row.num_requests);
}

static struct cell step_end(const struct step *step)
{
    return text(step_end_words[step->end]);
}

static struct cell follows_cut_short(const struct step *step)
{
    return text(step->follows_cut_short ? "yes" : "");
}

static struct cell switching_verdict(const struct step *step)
{
    return text(switching_verdict_words[step->switching.verdict]);
}

static struct cell switching_source(const struct step *step)
{
    return text(step->switching.verdict > SWITCHING_NONE ? ""
                : step->switching.from_server            ? "server"
                                                         : "client");
}

/* --- The estimate of the switch to a step (record/switch.h) ------------------------------------
 */

static struct cell switch_verdict(const struct step *step)
{
    return text(switch_verdict_words[step->estimate.verdict]);
}

static struct cell switch_reason(const struct step *step)
{
    return text(switch_reason_words[step->estimate.reason]);
}

static struct cell switch_source(const struct step *step)
{
    bool told = step->estimate.verdict != SWITCH_NOT_MEASURABLE;

    return text(told ? switch_source_words[step->estimate.source] : "");
}

static struct cell switch_flags(const struct step *step)
{
    struct text words = {0};
    struct cell cell;

    flags_add_switch(step->estimate.flags, &words);
    cell = text(words.bytes ? words.bytes : "");
    text_clear(&words);
    return cell;
}

static struct cell switch_by_batch_size(const struct step *step)
{
    bool judged = step->estimate.verdict != SWITCH_NOT_MEASURABLE && step->evidence.batch_size > 0;

    return judged || step->evidence.insides > 0 ? frequencies(step, frequency_add_step_switches)
                                                : text("");
}

#define NUMBER_CELL(name, value)                                                                   \
    static struct cell name(const struct step *step)                                               \
    {                                                                                              \
        return number(value);                                                                      \
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
NUMBER_CELL(switch_exposed, (double)step->evidence.exposed)
NUMBER_CELL(switch_steady, (double)step->evidence.steady)
NUMBER_CELL(predecessor, step->predecessor < 0 ? NAN : (double)step->predecessor)
NUMBER_CELL(retries, step->retries > 0 ? (double)step->retries : NAN)
NUMBER_CELL(attempt, step->attempt > 1 ? (double)step->attempt : NAN)
NUMBER_CELL(goodput, step->goodput_requests_per_s)
NUMBER_CELL(goodput_share, step->goodput_share)
NUMBER_CELL(pass, step->pass > 0 ? (double)step->pass : NAN)
NUMBER_CELL(probe_started, step->probe_started > 0 ? (double)step->probe_started : NAN)
NUMBER_CELL(probe_completed, step->probe_started > 0 ? (double)step->probe_completed : NAN)

static struct cell warmup(const struct step *step)
{
    return text(step->row.warmup ? "yes" : "");
}

static struct cell batching_source(const struct step *step)
{
    return step->batches == 0 ? number(NAN)
                              : text(step->batches_from_server ? "server" : "estimate");
}

static struct cell wall_time(const struct step *step)
{
    return number(step->wall_s);
}

static struct cell connections_opened_ahead(const struct step *step)
{
    return number((double)step->connections_opened_ahead);
}

static struct cell measurement_verdict(const struct step *step)
{
    return text(measurement_verdict_words[step->health.verdict]);
}

static struct cell measurement_reason(const struct step *step)
{
    return text(step->health.reason);
}

static struct cell flags(const struct step *step)
{
    struct text clauses = {0};
    struct cell cell;

    flags_add(step, &clauses);
    cell = text(clauses.bytes ? clauses.bytes : "");
    text_clear(&clauses);
    return cell;
}

static struct cell prompt_error(const struct step *step)
{
    return number(step->fidelity.prompt_error_tokens_max);
}

static struct cell output_share(const struct step *step)
{
    return number(step->fidelity.output_share);
}

static struct cell journal_wait(const struct step *step)
{
    return number(step->journal_wait_s);
}

#define HEALTH_CELL(name, field)                                                                   \
    static struct cell name(const struct step *step)                                               \
    {                                                                                              \
        return number((double)step->health.field);                                                 \
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

#define PLAIN(label, unit, function, help)                                                         \
    {                                                                                              \
        label, unit, help, function, 0, NO_STATISTIC, false                                        \
    }
#define ALWAYS(label, unit, function, help)                                                        \
    {                                                                                              \
        label, unit, help, function, 0, NO_STATISTIC, true                                         \
    }
#define ONE(id, statistic)                                                                         \
    {                                                                                              \
        NULL, NULL, NULL, NULL, METRIC_##id, statistic, false                                      \
    }
#define FOUR(id) ONE(id, MIN), ONE(id, MEAN), ONE(id, P50), ONE(id, MAX)

static const struct column columns[] = {
    PLAIN("name", "", name, "The step's name, as its summary file has it."),
    PLAIN("model", "", model, "As the endpoint names it."),
    PLAIN("num_input_tokens", "tokens", input_tokens, "Input tokens that the row asks for."),
    PLAIN("num_output_tokens", "tokens", output_tokens, "Output tokens that the row asks for."),
    PLAIN("num_concurrent_requests", "requests", concurrent_requests,
          "Closed loop: requests in flight at once."),
    PLAIN("qps", "requests/s", qps, "Open loop: mean rate of sending."),
    PLAIN("qps_distribution", "", qps_distribution, "Open loop: how sends are spaced."),
    PLAIN("multimodal_img_size", "", image, "The picture that goes with each prompt."),
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
    PLAIN("client_total_output_throughput", "tokens/s", total_throughput,
          "Output tokens of completed requests ÷ first send to last end."),
    PLAIN("num_requests_started", "requests", started, "Requests that were sent."),
    PLAIN("num_completed_requests", "requests", completed,
          "Requests that ended well; all metrics are theirs."),
    PLAIN("num_completed_requests_per_min", "requests/min", completed_per_min,
          "Completed requests by the row's wall time."),
    PLAIN("number_errors", "requests", errors, "Requests that failed."),
    PLAIN("error_code_frequency", "", error_frequency, "How often each failure came."),
    ALWAYS("switching_time", "s", switching_time,
           "The documented rule: the first TTFT lies over 3 standard deviations above the others; "
           "first less their mean."),
    ALWAYS("request_batching_frequencies", "", batching_frequencies,
           "How many requests ran at each batch size."),
    ALWAYS("representative_batch_size", "requests", representative_batch_size,
           "The batch size of more than half of the requests."),
    /* From here on our own. */
    PLAIN("switching_verdict", "", switching_verdict,
          "What the documented rule found, or why it tells nothing."),
    PLAIN("switching_source", "", switching_source, "Whose TTFT the documented rule went by."),
    PLAIN("switching_time_largest_batch_s", "s", switching_time_largest_batch,
          "The kit's later rule: the range of server TTFT at the largest batch size."),
    PLAIN("switch_verdict", "", switch_verdict,
          "Our estimate: detected, not detected, inconclusive, not measurable."),
    PLAIN("switch_reason", "", switch_reason, "Why nothing can be told of a switch."),
    PLAIN("visits_paid", "", visits_paid, "1: this visit paid for a switch."),
    PLAIN("visits_not_paid", "", visits_not_paid, "1: it did not."),
    PLAIN("visits_unknown", "", visits_unknown, "1: it could not have shown one."),
    PLAIN("switch_estimate_s", "s", switch_estimate,
          "What the switch to this step took, by our estimate."),
    PLAIN("switch_by_batch_size", "", switch_by_batch_size,
          "What the switch to each batch size took, s: of the one that is judged, and inside."),
    PLAIN("switch_ci_low_s", "s", switch_low,
          "Its interval begins here: 95 %, or more with stop_when."),
    PLAIN("switch_ci_high_s", "s", switch_high, "… and ends here."),
    PLAIN("switch_smallest_detectable_s", "s", switch_smallest,
          "The smallest switch that would be found in 80 % of cases."),
    PLAIN("switch_p_adjusted", "", switch_p_adjusted,
          "Probability of as much without a switch, adjusted over all steps (Holm)."),
    PLAIN("switch_source", "", switch_source, "Whose TTFT the estimate goes by."),
    PLAIN("switch_client_estimate_s", "s", switch_client, "The same by the client's clock."),
    PLAIN("switch_exposed_requests", "requests", switch_exposed,
          "Requests that may have waited for the switch."),
    PLAIN("switch_steady_requests", "requests", switch_steady, "Requests that may not."),
    PLAIN("switch_flags", "", switch_flags, "What is odd about the estimate."),
    PLAIN("predecessor_step_index", "", predecessor, "The step that ran just before."),
    PLAIN("pass", "", pass, "Of the order, from 1."),
    PLAIN("warmup", "", warmup, "Whether the row is kept out of every estimate."),
    PLAIN("probe_requests_started", "requests", probe_started,
          "Requests of the probe before the load, outside all figures."),
    PLAIN("probe_requests_completed", "requests", probe_completed,
          "Those of them that ended well."),
    PLAIN("request_batching_source", "", batching_source,
          "Whether the server tells batch sizes, or equal TTFTs do."),
    PLAIN("step_end", "", step_end, "How the step ended."),
    PLAIN("follows_cut_short", "", follows_cut_short,
          "The step before was cut short, and the server may have been busy yet."),
    PLAIN("measurement_verdict", "", measurement_verdict,
          "Whether this client kept up: valid, degraded or invalid: client-limited."),
    PLAIN("measurement_reason", "", measurement_reason, "Which figures suffer, and by how much."),
    PLAIN("flags", "", flags, "What the server did not get, or not give, as the row asks."),
    PLAIN("prompt_error_tokens_max", "tokens", prompt_error,
          "The prompt furthest from its length: counted less asked."),
    PLAIN("output_tokens_share", "share", output_share, "Output tokens that came, of those asked."),
    PLAIN("goodput_requests_per_s", "requests/s", goodput,
          "Requests per second that keep every limit of slo."),
    PLAIN("goodput_share", "share", goodput_share,
          "Requests that keep every limit of slo, of those sent."),
    PLAIN("num_retries", "", retries,
          "Attempts besides one for each request; figures go by the last of each."),
    PLAIN("step_attempt", "", attempt,
          "How often the step was begun: what was cut off before is kept beside it."),
    PLAIN("num_requests", "requests", asked_requests, "Requests that the row asks for."),
    PLAIN("wall_time_s", "s", wall_time, "First send to last end."),
    PLAIN("connections_opened_ahead", "", connections_opened_ahead,
          "Connections that stood open before the row."),
    FOUR(CLIENT_MEAN_INTER_TOKEN_LATENCY_S),
    FOUR(CLIENT_TIME_PER_OUTPUT_TOKEN_S),
    FOUR(CLIENT_CONNECT_S),
    FOUR(CLIENT_SCHEDULE_DELAY_S),
    FOUR(CLIENT_TTFT_CONTENT_S),
    FOUR(CACHED_TOKENS),
    PLAIN("client_connections_opened", "", connections_opened,
          "Connections that requests opened during the row."),
    PLAIN("client_connections_reopened", "", connections_reopened,
          "Connections opened again, outside the clock, after the server closed idle ones."),
    PLAIN("client_read_lateness_s_p50", "s", read_lateness_p50,
          "From a packet's arrival to our reading it; median."),
    PLAIN("client_read_lateness_s_p99", "s", read_lateness_p99,
          "From a packet's arrival to our reading it; 99th percentile."),
    PLAIN("client_read_lateness_s_max", "s", read_lateness_max,
          "From a packet's arrival to our reading it; the longest."),
    PLAIN("client_kernel_stamped_share", "share", kernel_stamped,
          "Arrivals that have the kernel's stamp."),
    PLAIN("client_coalesced_share", "share", coalesced,
          "Chunks that were read together with the one before."),
    PLAIN("client_loop_stall_s_max", "s", loop_stall,
          "The longest that an event loop looked at no socket."),
    PLAIN("client_loop_cpu_share_max", "share", loop_cpu,
          "The busiest event loop's share of a core."),
    PLAIN("journal_wait_s", "s", journal_wait,
          "How long sending stood still because the journal's line was full."),
};

size_t column_count(void)
{
    return sizeof columns / sizeof *columns;
}

void column_name(size_t column, char *label, size_t size)
{
    static const char suffix[] = "_per_request"; /* dropped, as the kit's table does */
    const struct column *about = &columns[column];
    const char *key;
    const char *at;

    if (about->name) {
        snprintf(label, size, "%s", about->name);
        return;
    }
    key = metric_table[about->metric].key;
    at = strstr(key, suffix);
    snprintf(label, size, "%.*s_%s", (int)(at ? at - key : (long)strlen(key)), key,
             statistic_names[about->statistic]);
}

const char *column_unit(size_t column)
{
    const struct column *about = &columns[column];

    return about->name ? about->unit : metric_table[about->metric].unit;
}

const char *column_help(size_t column)
{
    const struct column *about = &columns[column];

    return about->name ? about->help : metric_table[about->metric].help;
}

bool column_is_ours(size_t column)
{
    static const char last_of_the_kit[] = "representative_batch_size";
    size_t last = 0;

    while (!columns[last].name || strcmp(columns[last].name, last_of_the_kit) != 0)
        last++;
    return column > last;
}

bool column_always(size_t column)
{
    return columns[column].always;
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
    const struct column *about = &columns[column];

    if (about->fill)
        return about->fill(step);
    return number(statistic_of(&step->metric[about->metric], about->statistic));
}

bool column_of_metric(size_t column)
{
    return columns[column].name == NULL;
}
