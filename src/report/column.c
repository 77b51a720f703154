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
    const char *name; /* NULL: a metric's statistic */
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

    for (int i = 0; i < SWITCH_FLAGS; i++) {
        if (step->estimate.flags & 1 << i)
            text_printf(&words, "%s%s", words.length > 0 ? ", " : "", switch_flag_words[i]);
    }
    cell = text(words.bytes ? words.bytes : "");
    text_clear(&words);
    return cell;
}

#define NUMBER_CELL(name, value)                                                                   \
    static struct cell name(const struct step *step)                                               \
    {                                                                                              \
        return number(value);                                                                      \
    }

NUMBER_CELL(switch_estimate, step->estimate.value_s)
NUMBER_CELL(switch_low, step->estimate.low_s)
NUMBER_CELL(switch_high, step->estimate.high_s)
NUMBER_CELL(switch_smallest, step->estimate.smallest_s)
NUMBER_CELL(switch_p_adjusted, step->estimate.p_adjusted)
NUMBER_CELL(switch_client, step->estimate.client_s)
NUMBER_CELL(switch_exposed, (double)step->evidence.exposed)
NUMBER_CELL(switch_steady, (double)step->evidence.steady)
NUMBER_CELL(predecessor, step->predecessor < 0 ? NAN : (double)step->predecessor)
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

#define PLAIN(label, function)                                                                     \
    {                                                                                              \
        label, function, 0, NO_STATISTIC, false                                                    \
    }
#define ALWAYS(label, function)                                                                    \
    {                                                                                              \
        label, function, 0, NO_STATISTIC, true                                                     \
    }
#define ONE(id, statistic)                                                                         \
    {                                                                                              \
        NULL, NULL, METRIC_##id, statistic, false                                                  \
    }
#define FOUR(id) ONE(id, MIN), ONE(id, MEAN), ONE(id, P50), ONE(id, MAX)

static const struct column columns[] = {
    PLAIN("name", name),
    PLAIN("model", model),
    PLAIN("num_input_tokens", input_tokens),
    PLAIN("num_output_tokens", output_tokens),
    PLAIN("num_concurrent_requests", concurrent_requests),
    PLAIN("qps", qps),
    PLAIN("qps_distribution", qps_distribution),
    PLAIN("multimodal_img_size", image),
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
    PLAIN("client_total_output_throughput", total_throughput),
    PLAIN("num_requests_started", started),
    PLAIN("num_completed_requests", completed),
    PLAIN("num_completed_requests_per_min", completed_per_min),
    PLAIN("number_errors", errors),
    PLAIN("error_code_frequency", error_frequency),
    ALWAYS("switching_time", switching_time),
    ALWAYS("request_batching_frequencies", batching_frequencies),
    ALWAYS("representative_batch_size", representative_batch_size),
    /* From here on our own. */
    PLAIN("switching_verdict", switching_verdict),
    PLAIN("switching_source", switching_source),
    PLAIN("switch_verdict", switch_verdict),
    PLAIN("switch_reason", switch_reason),
    PLAIN("switch_estimate_s", switch_estimate),
    PLAIN("switch_ci_low_s", switch_low),
    PLAIN("switch_ci_high_s", switch_high),
    PLAIN("switch_smallest_detectable_s", switch_smallest),
    PLAIN("switch_p_adjusted", switch_p_adjusted),
    PLAIN("switch_source", switch_source),
    PLAIN("switch_client_estimate_s", switch_client),
    PLAIN("switch_exposed_requests", switch_exposed),
    PLAIN("switch_steady_requests", switch_steady),
    PLAIN("switch_flags", switch_flags),
    PLAIN("predecessor_step_index", predecessor),
    PLAIN("pass", pass),
    PLAIN("warmup", warmup),
    PLAIN("probe_requests_started", probe_started),
    PLAIN("probe_requests_completed", probe_completed),
    PLAIN("request_batching_source", batching_source),
    PLAIN("step_end", step_end),
    PLAIN("follows_cut_short", follows_cut_short),
    PLAIN("measurement_verdict", measurement_verdict),
    PLAIN("measurement_reason", measurement_reason),
    PLAIN("flags", flags),
    PLAIN("prompt_error_tokens_max", prompt_error),
    PLAIN("output_tokens_share", output_share),
    PLAIN("num_requests", asked_requests),
    PLAIN("wall_time_s", wall_time),
    PLAIN("connections_opened_ahead", connections_opened_ahead),
    FOUR(CLIENT_MEAN_INTER_TOKEN_LATENCY_S),
    FOUR(CLIENT_TIME_PER_OUTPUT_TOKEN_S),
    FOUR(CLIENT_CONNECT_S),
    FOUR(CLIENT_SCHEDULE_DELAY_S),
    FOUR(CLIENT_TTFT_CONTENT_S),
    FOUR(CACHED_TOKENS),
    PLAIN("client_connections_opened", connections_opened),
    PLAIN("client_connections_reopened", connections_reopened),
    PLAIN("client_read_lateness_s_p50", read_lateness_p50),
    PLAIN("client_read_lateness_s_p99", read_lateness_p99),
    PLAIN("client_read_lateness_s_max", read_lateness_max),
    PLAIN("client_kernel_stamped_share", kernel_stamped),
    PLAIN("client_coalesced_share", coalesced),
    PLAIN("client_loop_stall_s_max", loop_stall),
    PLAIN("client_loop_cpu_share_max", loop_cpu),
    PLAIN("journal_wait_s", journal_wait),
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
