/* The self-test's judgement: where measured and known agree in all, nothing is outside; where one
 * thing is wrong, the quantities that it belongs to are outside, and no others. */
#include "selftest/check.h"

#include "records.h"
#include "support.h"

/* Loading takes 0.05 + 20 / 100 s; a prompt has 10 + 6 tokens, so prefill takes 0.01 + 16 / 1000.
 */
static const char bundle[] =
    "node: {hbm_gb: 100, ddr_to_hbm_gb_per_s: 100, switch_overhead_s: 0.05}\n"
    "experts: [{name: m, weight_gb: 20, template_tokens: 6, prefill_overhead_s: 0.01,\n"
    "           prefill_tokens_per_s: 1000, decode_tokens_per_s: 100,\n"
    "           tiers: [{tokens: 4096, batch_sizes: [1, 2]}]}]\n";

static const char csv[] = "model_name,input_tokens,output_tokens,num_requests,concurrent_requests,"
                          "qps\nm,10,5,4,1,\nm,10,2,3,1,\nm,10,5,2,2,\nm,10,2,3,,10\n";

static const double load_s = 0.25, prefill_s = 0.026, decode_s = 0.01;

/* Twelve requests 0.1 s apart, the first of them waiting for its weights. */
static void happen(struct measurement *measurement)
{
    size_t k = 0;

    measurement->witness.count = 12;
    measurement->witness.request = memory_new(12, sizeof *measurement->witness.request);
    for (size_t r = 0; r < PROFILE_ROWS; r++) {
        for (int64_t i = 0; i < measurement->rows->row[r].num_requests; i++, k++) {
            struct witness_request *seen = &measurement->witness.request[k];
            int64_t tokens = measurement->rows->row[r].output_tokens;

            *seen = (struct witness_request){.index = (int64_t)k,
                                             .prompt_tokens = 16,
                                             .completion_tokens = tokens,
                                             .batch_size = r == PROFILE_TOGETHER ? 1 + i : 1,
                                             .switch_s = k == 0 ? load_s : 0,
                                             .arrived_ns = (int64_t)(k + 10) * 100 * MS};
            seen->time_to_first_token_s = seen->switch_s + prefill_s;
            seen->first_token_ns =
                seen->arrived_ns + clock_from_seconds(seen->time_to_first_token_s);
            seen->last_token_ns =
                seen->first_token_ns + clock_from_seconds((double)(tokens - 1) * decode_s);
        }
    }
}

static void measure_request(const struct witness_request *seen, struct outcome *outcome,
                            size_t *chunks)
{
    double *value = outcome->figures.value;

    outcome->end = REQUEST_COMPLETED;
    *chunks = (size_t)seen->completion_tokens;
    outcome->figures = no_figures();
    value[METRIC_NUMBER_INPUT_TOKENS] = 16;
    value[METRIC_NUMBER_OUTPUT_TOKENS] = (double)seen->completion_tokens;
    value[METRIC_BATCH_SIZE_USED] = (double)seen->batch_size;
    value[METRIC_SERVER_TTFT_S] = seen->time_to_first_token_s;
    value[METRIC_CLIENT_TTFT_S] = seen->time_to_first_token_s;
    value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S] = decode_s;
    value[METRIC_CLIENT_END_TO_END_LATENCY_S] =
        seen->time_to_first_token_s + (double)(seen->completion_tokens - 1) * decode_s;
}

/* A client that makes no mistake. */
static void measure(struct measurement *measurement)
{
    const struct witness_request *seen = measurement->witness.request;

    measurement->results.count = PROFILE_ROWS;
    measurement->results.step = memory_new(PROFILE_ROWS, sizeof *measurement->results.step);
    for (size_t r = 0; r < PROFILE_ROWS; r++) {
        struct step *step = &measurement->results.step[r];
        struct responses *responses = &measurement->responses[r];

        step->started = step->completed = responses->count =
            (size_t)measurement->rows->row[r].num_requests;
        responses->outcome = memory_new(responses->count, sizeof *responses->outcome);
        responses->chunks = memory_new(responses->count, sizeof *responses->chunks);
        for (size_t i = 0; i < responses->count; i++)
            measure_request(seen++, &responses->outcome[i], &responses->chunks[i]);
    }
    measurement->results.step[PROFILE_LONG].switching =
        (struct switching){SWITCHING_FOUND, load_s, true};
    /* From the first arrival to 0.1 s later, a first token and four more. */
    measurement->results.step[PROFILE_TOGETHER].client_total_output_throughput =
        10 / (0.1 + prefill_s + 4 * decode_s);
}

static void begin(struct measurement *measurement, struct rows *rows)
{
    struct faults faults = {0};

    *measurement = (struct measurement){.rows = rows};
    *rows = (struct rows){0};
    support_write("bundle.yaml", bundle);
    assert_true(bundle_read("bundle.yaml", &measurement->bundle, &faults));
    assert_true(rows_parse(csv, strlen(csv), "csv", rows, &faults, &faults));
    happen(measurement);
    measure(measurement);
}

static void end(struct measurement *measurement, struct rows *rows)
{
    measurement_clear(measurement);
    rows_clear(rows);
}

/* --- What may go wrong ------------------------------------------------------------------------ */

static double *figure(struct measurement *measurement, enum profile_row row, size_t i,
                      enum metric metric)
{
    return &measurement->responses[row].outcome[i].figures.value[metric];
}

static void nothing(struct measurement *measurement)
{
    (void)measurement;
}

static void one_failed(struct measurement *measurement)
{
    measurement->results.step[PROFILE_SHORT].completed--;
}

static void one_sent_twice(struct measurement *measurement)
{
    measurement->witness.count--; /* the client tells of one more than came */
}

static void prompt_token_off(struct measurement *measurement)
{
    *figure(measurement, PROFILE_PACED, 2, METRIC_NUMBER_INPUT_TOKENS) += 1;
}

static void output_token_off(struct measurement *measurement)
{
    *figure(measurement, PROFILE_SHORT, 0, METRIC_NUMBER_OUTPUT_TOKENS) -= 1;
}

static void chunk_lost(struct measurement *measurement)
{
    measurement->responses[PROFILE_TOGETHER].chunks[1]--;
}

static void batch_size_off(struct measurement *measurement)
{
    *figure(measurement, PROFILE_TOGETHER, 0, METRIC_BATCH_SIZE_USED) = 2;
}

static void batch_sizes_swapped(struct measurement *measurement)
{
    *figure(measurement, PROFILE_TOGETHER, 0, METRIC_BATCH_SIZE_USED) = 2;
    *figure(measurement, PROFILE_TOGETHER, 1, METRIC_BATCH_SIZE_USED) = 1;
}

static void batch_size_unknown(struct measurement *measurement)
{
    *figure(measurement, PROFILE_TOGETHER, 1, METRIC_BATCH_SIZE_USED) = NAN;
}

static void server_ttft_off(struct measurement *measurement)
{
    *figure(measurement, PROFILE_LONG, 3, METRIC_SERVER_TTFT_S) += 1e-6;
}

static void switch_off(struct measurement *measurement)
{
    measurement->results.step[PROFILE_LONG].switching.time_s -= 1e-6;
}

static void switch_not_found(struct measurement *measurement)
{
    measurement->results.step[PROFILE_LONG].switching =
        (struct switching){SWITCHING_NONE, NAN, true};
}

/* Adds a share of the value, or the same time, to each request that goes one at a time. */
static void shift(struct measurement *measurement, enum metric metric, double share, double shift_s)
{
    for (size_t i = 0; i < measurement->responses[PROFILE_LONG].count; i++)
        *figure(measurement, PROFILE_LONG, i, metric) *= 1 + share;
    for (size_t i = 0; i < measurement->responses[PROFILE_LONG].count; i++)
        *figure(measurement, PROFILE_LONG, i, metric) += shift_s;
    for (size_t i = 0; i < measurement->responses[PROFILE_SHORT].count; i++)
        *figure(measurement, PROFILE_SHORT, i, metric) += shift_s;
}

static void ttft_a_little_late(struct measurement *measurement)
{
    shift(measurement, METRIC_CLIENT_TTFT_S, 0, 1e-3); /* of 26 ms: less than 5 % */
}

static void ttft_late(struct measurement *measurement)
{
    shift(measurement, METRIC_CLIENT_TTFT_S, 0, 1.5e-3);
}

static void ttft_early(struct measurement *measurement)
{
    shift(measurement, METRIC_CLIENT_TTFT_S, 0, -1.5e-3);
}

static void ttft_grows(struct measurement *measurement)
{
    shift(measurement, METRIC_CLIENT_TTFT_S, 0.1, 0);
}

static void gaps_long(struct measurement *measurement)
{
    shift(measurement, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, 0.06, 0);
}

static void latency_short(struct measurement *measurement)
{
    shift(measurement, METRIC_CLIENT_END_TO_END_LATENCY_S, 0, -6e-3);
}

static void throughput_high(struct measurement *measurement)
{
    measurement->results.step[PROFILE_TOGETHER].client_total_output_throughput *= 1.06;
}

/* Each send is counted from the one before, so lateness adds up. */
static void sends_drift(struct measurement *measurement)
{
    for (size_t i = 0; i < 3; i++)
        measurement->witness.request[9 + i].arrived_ns += (int64_t)i * 3 * MS;
}

static void sends_wander(struct measurement *measurement)
{
    measurement->witness.request[10].arrived_ns += 4 * MS; /* 5 % of 0.1 s are 5 ms */
}

static const struct {
    const char *name;
    void (*spoil)(struct measurement *measurement);
    const char *outside; /* the quantities, each with a comma behind it */
} cases[] = {
    {"nothing", nothing, ""},
    {"one failed", one_failed, "requests,"},
    {"one sent twice", one_sent_twice,
     "requests seen,input tokens,output tokens,chunks,batch size,server TTFT,TTFT,"
     "inter-token time,end-to-end,throughput,send schedule,switch (client),"},
    {"a prompt token too many", prompt_token_off, "input tokens,"},
    {"an output token too few", output_token_off, "output tokens,"},
    {"a chunk lost", chunk_lost, "chunks,"},
    {"a wrong batch size", batch_size_off, "batch size,"},
    {"batch sizes in another order", batch_sizes_swapped, ""},
    {"a batch size not known", batch_size_unknown, "batch size,"},
    {"the server's TTFT off by 1 µs", server_ttft_off, "server TTFT,"},
    {"the switch off by 1 µs", switch_off, "switch (server),"},
    {"no switch found", switch_not_found, "switch (server),"},
    {"TTFTs a little late", ttft_a_little_late, ""},
    {"TTFTs late", ttft_late, "TTFT,"},
    {"TTFTs early", ttft_early, "TTFT,"},
    {"TTFTs 10 % too long", ttft_grows, "TTFT,switch (client),"},
    {"gaps 6 % too long", gaps_long, "inter-token time,"},
    {"latencies short", latency_short, "end-to-end,"},
    {"throughput 6 % too high", throughput_high, "throughput,"},
    {"sends that drift", sends_drift, "send schedule,"},
    {"sends that wander a little", sends_wander, ""},
};

static void collect_outside(const struct measurement *measurement, bool counts_only,
                            struct text *names)
{
    for (size_t i = 0; i < check_count(); i++) {
        struct accuracy_line line = check_compare(i, measurement, counts_only);

        if (line.judged && !line.accuracy.inside)
            text_printf(names, "%s,", line.name);
    }
}

static void test_what_is_wrong_is_seen_where_it_belongs(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct measurement measurement;
        struct rows rows;
        struct text outside = {0};

        begin(&measurement, &rows);
        cases[i].spoil(&measurement);
        collect_outside(&measurement, false, &outside);
        expect_text(cases[i].name, outside.bytes ? outside.bytes : "", cases[i].outside);
        text_clear(&outside);
        end(&measurement, &rows);
    }
}

static void test_counts_alone_are_judged_where_asked(void **state)
{
    struct measurement measurement;
    struct rows rows;
    struct text outside = {0};
    size_t judged = 0;

    (void)state;
    begin(&measurement, &rows);
    ttft_late(&measurement);
    gaps_long(&measurement);
    sends_drift(&measurement);
    throughput_high(&measurement);
    chunk_lost(&measurement);
    server_ttft_off(&measurement);
    collect_outside(&measurement, true, &outside);
    expect_text("counts only", outside.bytes, "chunks,server TTFT,");
    for (size_t i = 0; i < check_count(); i++)
        judged += check_compare(i, &measurement, true).judged;
    assert_int_equal(judged, 8);
    text_clear(&outside);
    end(&measurement, &rows);
}

static void test_ttfts_are_collected_as_they_left(void **state)
{
    struct measurement measurement;
    struct rows rows;
    struct pairs ttft = {0}, lateness = {0};

    (void)state;
    begin(&measurement, &rows);
    for (size_t i = 0; i < measurement.witness.count; i++)
        measurement.witness.request[i].first_token_ns += 2 * MS; /* the simulator was late */
    check_add_ttft(&measurement, &ttft);
    check_add_lateness(&measurement, &lateness);
    assert_int_equal(ttft.count, 7); /* of the two rows that go one at a time */
    expect_number("with the switch", ttft.known[0], load_s + prefill_s + 0.002);
    expect_number("measured", ttft.measured[0], load_s + prefill_s);
    expect_number("without", ttft.known[6], prefill_s + 0.002);
    assert_int_equal(lateness.count, 12);
    expect_number("the model's", lateness.known[5], prefill_s);
    expect_number("as it left", lateness.measured[5], prefill_s + 0.002);
    pairs_clear(&ttft);
    pairs_clear(&lateness);
    end(&measurement, &rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_what_is_wrong_is_seen_where_it_belongs),
        in_folder(test_counts_alone_are_judged_where_asked),
        in_folder(test_ttfts_are_collected_as_they_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
