#include "selftest/check.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/quantile.h"
#include "stats/switching.h"

/* --- What belongs together -------------------------------------------------------------------- */

static void add(struct pairs *pairs, double known, double measured)
{
    size_t count = pairs->count + 1;

    pairs->known = memory_resize(pairs->known, count, sizeof *pairs->known);
    pairs->measured = memory_resize(pairs->measured, count, sizeof *pairs->measured);
    pairs->known[pairs->count] = known;
    pairs->measured[pairs->count] = measured;
    pairs->count = count;
}

void pairs_clear(struct pairs *pairs)
{
    free(pairs->known);
    free(pairs->measured);
    *pairs = (struct pairs){0};
}

/* A row's requests as the client tells of them and as the simulator saw them. Both are in the order
 * of their sends; where requests were sent at once, that order may differ between the two. */
struct visit {
    const struct row *row;
    const struct step *step;
    const struct outcome *outcome; /* as the client tells of them */
    const size_t *chunks;
    const struct witness_request *seen;
    size_t count; /* 0 where one side knows of requests that the other does not */
};

/* Rows ran one after another, so a row's requests stand together in the ground truth. */
static struct visit visit(const struct measurement *measurement, enum profile_row row)
{
    size_t before = 0, total = 0;

    for (size_t i = 0; i < PROFILE_ROWS; i++) {
        before += (int)i < (int)row ? measurement->responses[i].count : 0;
        total += measurement->responses[i].count;
    }
    return (struct visit){
        .row = &measurement->rows->row[row],
        .step = &measurement->results.step[row],
        .outcome = measurement->responses[row].outcome,
        .chunks = measurement->responses[row].chunks,
        .seen = measurement->witness.request ? measurement->witness.request + before : NULL,
        .count = total == measurement->witness.count ? measurement->responses[row].count : 0,
    };
}

static const struct bundle_expert *expert_of(const struct measurement *measurement)
{
    return bundle_expert(&measurement->bundle, 0);
}

/* What loading the expert takes, by the bundle file. */
static double load_s(const struct measurement *measurement)
{
    const struct bundle_node *node = &measurement->bundle.node;

    return node->switch_overhead_s + expert_of(measurement)->weight_gb / node->ddr_to_hbm_gb_per_s;
}

/* How many tokens a prompt has, by the row and the bundle file. */
static double prompt_tokens(const struct measurement *measurement, const struct row *row)
{
    return (double)(row->input_tokens + expert_of(measurement)->template_tokens);
}

/* --- Counts, and what the server computes: exact ---------------------------------------------- */

static void requests(const struct measurement *measurement, struct pairs *pairs)
{
    double asked = 0, completed = 0;

    for (size_t i = 0; i < PROFILE_ROWS; i++) {
        asked += (double)measurement->rows->row[i].num_requests;
        completed += (double)measurement->results.step[i].completed;
    }
    add(pairs, asked, completed);
}

static void requests_seen(const struct measurement *measurement, struct pairs *pairs)
{
    size_t started = 0;

    for (size_t i = 0; i < PROFILE_ROWS; i++)
        started += measurement->results.step[i].started;
    add(pairs, (double)measurement->witness.count, (double)started);
}

/* Adds a metric of every request of every row beside what `known` says of its row. */
static void add_metric(const struct measurement *measurement, enum metric metric,
                       double (*known)(const struct measurement *measurement,
                                       const struct row *row),
                       struct pairs *pairs)
{
    for (int r = 0; r < PROFILE_ROWS; r++) {
        struct visit at = visit(measurement, (enum profile_row)r);

        for (size_t i = 0; i < at.count; i++)
            add(pairs, known(measurement, at.row), at.outcome[i].figures.value[metric]);
    }
}

static double asked_output(const struct measurement *measurement, const struct row *row)
{
    (void)measurement;
    return (double)row->output_tokens;
}

static void input_tokens(const struct measurement *measurement, struct pairs *pairs)
{
    add_metric(measurement, METRIC_NUMBER_INPUT_TOKENS, prompt_tokens, pairs);
}

static void output_tokens(const struct measurement *measurement, struct pairs *pairs)
{
    add_metric(measurement, METRIC_NUMBER_OUTPUT_TOKENS, asked_output, pairs);
}

/* The simulator writes a chunk for each token, and the client counts chunks by itself. */
static void chunks(const struct measurement *measurement, struct pairs *pairs)
{
    for (int r = 0; r < PROFILE_ROWS; r++) {
        struct visit at = visit(measurement, (enum profile_row)r);

        for (size_t i = 0; i < at.count; i++)
            add(pairs, (double)at.seen[i].completion_tokens, (double)at.chunks[i]);
    }
}

/* Requests sent at once may arrive in another order, so the sizes of a row are compared sorted. */
static void batch_size(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit at = visit(measurement, PROFILE_TOGETHER);
    double *known = memory_new(at.count, sizeof *known);
    double *measured = memory_new(at.count, sizeof *measured);

    for (size_t i = 0; i < at.count; i++) {
        known[i] = (double)at.seen[i].batch_size;
        measured[i] = fmax(at.outcome[i].figures.value[METRIC_BATCH_SIZE_USED], 0); /* NAN: 0 */
    }
    quantile_sort(known, at.count);
    quantile_sort(measured, at.count);
    for (size_t i = 0; i < at.count; i++)
        add(pairs, known[i], measured[i]);
    free(known);
    free(measured);
}

static void server_ttft(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit at = visit(measurement, PROFILE_LONG);
    const struct bundle_expert *expert = expert_of(measurement);
    double prefill_s = expert->prefill_overhead_s +
                       prompt_tokens(measurement, at.row) / expert->prefill_tokens_per_s;

    for (size_t i = 0; i < at.count; i++)
        add(pairs, prefill_s + (i == 0 ? load_s(measurement) : 0),
            at.outcome[i].figures.value[METRIC_SERVER_TTFT_S]);
}

static void switching_by_server(const struct measurement *measurement, struct pairs *pairs)
{
    const struct switching *found = &measurement->results.step[PROFILE_LONG].switching;

    add(pairs, load_s(measurement), found->from_server ? found->time_s : NAN);
}

/* --- Times: as they left, and as they arrived ------------------------------------------------- */

/* Adds the TTFTs of one row, whose requests went one at a time. */
static void add_ttft(const struct visit *at, struct pairs *pairs)
{
    for (size_t i = 0; i < at->count; i++)
        add(pairs, clock_seconds(at->seen[i].arrived_ns, at->seen[i].first_token_ns),
            at->outcome[i].figures.value[METRIC_CLIENT_TTFT_S]);
}

void check_add_ttft(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit one = visit(measurement, PROFILE_LONG), other = visit(measurement, PROFILE_SHORT);

    add_ttft(&one, pairs);
    add_ttft(&other, pairs);
}

void check_add_lateness(const struct measurement *measurement, struct pairs *pairs)
{
    for (size_t i = 0; i < measurement->witness.count; i++) {
        const struct witness_request *seen = &measurement->witness.request[i];

        add(pairs, seen->queue_s + seen->time_to_first_token_s,
            clock_seconds(seen->arrived_ns, seen->first_token_ns));
    }
}

/* A gap of which the client says that it knows only bounds is none that it measured. */
static bool is_bounded(const struct figures *figures)
{
    return isnan(figures->value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S]) &&
           !isnan(figures->value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S]);
}

static void inter_token(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit at = visit(measurement, PROFILE_LONG);

    for (size_t i = 0; i < at.count; i++) {
        if (is_bounded(&at.outcome[i].figures))
            continue;
        add(pairs,
            clock_seconds(at.seen[i].first_token_ns, at.seen[i].last_token_ns) /
                (double)(at.seen[i].completion_tokens - 1),
            at.outcome[i].figures.value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S]);
    }
}

/* The few events behind the last token belong to the client's figure and not to the known one. */
static void end_to_end(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit at = visit(measurement, PROFILE_LONG);

    for (size_t i = 0; i < at.count; i++)
        add(pairs, clock_seconds(at.seen[i].arrived_ns, at.seen[i].last_token_ns),
            at.outcome[i].figures.value[METRIC_CLIENT_END_TO_END_LATENCY_S]);
}

/* A row's tokens over the time from its first arrival to its last token. */
static void throughput(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit at = visit(measurement, PROFILE_TOGETHER);
    int64_t first = INT64_MAX, last = INT64_MIN;
    double tokens = 0;

    for (size_t i = 0; i < at.count; i++) {
        tokens += (double)at.seen[i].completion_tokens;
        first = at.seen[i].arrived_ns < first ? at.seen[i].arrived_ns : first;
        last = at.seen[i].last_token_ns > last ? at.seen[i].last_token_ns : last;
    }
    if (at.count > 0)
        add(pairs, tokens / clock_seconds(first, last), at.step->client_total_output_throughput);
}

/* Each arrival's distance from the moment on the schedule before its own, the schedule counted from
 * the first arrival: one gap, whatever the responses did and however many went before. */
static void send_schedule(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit at = visit(measurement, PROFILE_PACED);
    double gap_s = 1 / at.row->qps;

    for (size_t i = 1; i < at.count; i++)
        add(pairs, gap_s,
            clock_seconds(at.seen[0].arrived_ns, at.seen[i].arrived_ns) - (double)(i - 1) * gap_s);
}

/* The documented rule once more, from what the client alone has seen. */
static void switching_by_client(const struct measurement *measurement, struct pairs *pairs)
{
    struct visit at = visit(measurement, PROFILE_LONG);
    struct outcome *outcomes = memory_new(at.count, sizeof *outcomes);

    for (size_t i = 0; i < at.count; i++) {
        outcomes[i] = at.outcome[i];
        outcomes[i].figures.value[METRIC_SERVER_TTFT_S] = NAN;
    }
    if (at.count > 0)
        add(pairs, at.seen[0].switch_s, switching_estimate(outcomes, at.count).time_s);
    free(outcomes);
}

/* --- The table -------------------------------------------------------------------------------- */

static const struct check {
    const char *name;
    enum accuracy_unit unit;
    bool clocked; /* the client's clock has a part in it */
    struct tolerance tolerance;
    void (*collect)(const struct measurement *measurement, struct pairs *pairs);
} checks[] = {
    {"requests", ACCURACY_COUNT, false, {0, 0}, requests},
    {"requests seen", ACCURACY_COUNT, false, {0, 0}, requests_seen},
    {"input tokens", ACCURACY_COUNT, false, {0, 0}, input_tokens},
    {"output tokens", ACCURACY_COUNT, false, {0, 0}, output_tokens},
    {"chunks", ACCURACY_COUNT, false, {0, 0}, chunks},
    {"batch size", ACCURACY_COUNT, false, {0, 0}, batch_size},
    /* Computed by both sides, in another order: equal but for rounding. */
    {"server TTFT", ACCURACY_SECONDS, false, {0, 1e-9}, server_ttft},
    {"switch (server)", ACCURACY_SECONDS, false, {0, 1e-9}, switching_by_server},
    {"TTFT", ACCURACY_SECONDS, true, {0.05, 1e-3}, check_add_ttft},
    {"inter-token time", ACCURACY_SECONDS, true, {0.05, 20e-6}, inter_token},
    {"end-to-end", ACCURACY_SECONDS, true, {0.05, 1e-3}, end_to_end},
    {"throughput", ACCURACY_PER_S, true, {0.05, 0}, throughput},
    {"send schedule", ACCURACY_SECONDS, true, {0.05, 1e-3}, send_schedule},
    {"switch (client)", ACCURACY_SECONDS, true, {0.05, 1e-3}, switching_by_client},
};

size_t check_count(void)
{
    return sizeof checks / sizeof *checks;
}

struct accuracy_line check_compare(size_t i, const struct measurement *measurement,
                                   bool counts_only)
{
    const struct check *check = &checks[i];
    struct accuracy_line line = {
        .name = check->name, .unit = check->unit, .judged = !(counts_only && check->clocked)};
    struct pairs pairs = {0};

    check->collect(measurement, &pairs);
    line.accuracy = accuracy_of(pairs.known, pairs.measured, pairs.count, check->tolerance);
    pairs_clear(&pairs);
    return line;
}
