/* A row's figures from those of its requests (formats.md, section 6). */
#include "stats/summary.h"

#include "records.h"
#include "store/frequency.h"
#include "support.h"

static struct outcome failed(enum request_end end, int status, int64_t sent_ms, int64_t done_ms)
{
    struct outcome outcome = outcome_of(9, 9, sent_ms, done_ms);

    outcome.end = end;
    outcome.http_status = status;
    outcome.figures.value[METRIC_NUMBER_OUTPUT_TOKENS] = 1000;
    return outcome;
}

static struct outcome completed(double ttft_s, double tokens, double per_s, int64_t sent_ms,
                                int64_t done_ms)
{
    struct outcome outcome = outcome_of(ttft_s, NAN, sent_ms, done_ms);

    outcome.figures.value[METRIC_NUMBER_OUTPUT_TOKENS] = tokens;
    outcome.figures.value[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] = per_s;
    return outcome;
}

/* First send at 500 ms, last end, of a failed request, at 4500 ms: four seconds. */
static void test_counts_and_throughput_of_a_row(void **state)
{
    const struct outcome outcomes[] = {
        completed(0.9, 30, 100, 1000, 3000), failed(REQUEST_TIMEOUT, 0, 1100, 4500),
        completed(0.1, 10, 50, 500, 2500),   failed(REQUEST_HTTP_ERROR, 429, 1200, 1300),
        completed(0.2, 20, 60, 1300, 4000),  failed(REQUEST_HTTP_ERROR, 429, 1200, 1300),
    };
    struct step step = {0};
    struct text table = {0};

    (void)state;
    summary_of(outcomes, COUNT_OF(outcomes), &step);
    assert_int_equal(step.started, 6);
    assert_int_equal(step.completed, 3);
    assert_int_equal(step.errors, 3);
    frequency_add_errors(&step, &table);
    assert_string_equal(table.bytes, "{429: 2, 'timeout': 1}");
    expect_number("wall", step.wall_s, 4);
    expect_number("throughput", step.client_total_output_throughput, 60 / 4.0);
    expect_number("per minute", step.completed_per_min, 45);
    expect_number("mean speed", step.mean_output_throughput, 70);
    assert_int_equal(step.metric[METRIC_CLIENT_TTFT_S].count, 3); /* errors are in no metric */
    expect_number("median TTFT", step.metric[METRIC_CLIENT_TTFT_S].quantile[2], 0.2);
    expect_number("largest TTFT", step.metric[METRIC_CLIENT_TTFT_S].most, 0.9);
    assert_int_equal(step.metric[METRIC_SERVER_TTFT_S].count, 0);
    assert_int_equal(step.switching.verdict, SWITCHING_FOUND); /* 0.9 over 0.1 and 0.2 */
    expect_number("switch", step.switching.time_s, 0.75);
    assert_false(step.switching.from_server);
    text_clear(&table);
    step_clear(&step);
}

static void test_a_row_without_completed_requests_knows_nothing(void **state)
{
    struct outcome outcome = failed(REQUEST_DNS_ERROR, 0, 0, 10);
    struct step step = {0};

    (void)state;
    outcome.sent_ns = CLOCK_NEVER;
    outcome.started_ns = CLOCK_NEVER;
    summary_of(&outcome, 1, &step);
    assert_int_equal(step.started, 1);
    assert_int_equal(step.completed, 0);
    assert_true(isnan(step.wall_s));
    assert_true(isnan(step.client_total_output_throughput));
    assert_true(isnan(step.mean_output_throughput));
    assert_true(isnan(step.completed_per_min));
    assert_true(isnan(step.representative_batch_size));
    assert_int_equal(step.switching.verdict, SWITCHING_FIRST_FAILED);
    for (int i = 0; i < METRIC_COUNT; i++)
        expect_true(metric_table[i].key, step.metric[i].count == 0);
    step_clear(&step);
    summary_of(NULL, 0, &step);
    assert_int_equal(step.started, 0);
    assert_true(isnan(step.wall_s));
    step_clear(&step);
}

/* Ten seconds of connecting, before and after what was sent from 2 s to 3 s. */
static void test_an_attempt_that_never_connected_is_part_of_the_wall_time(void **state)
{
    struct outcome outcomes[] = {failed(REQUEST_CONNECT_TIMEOUT, 0, 0, 1000),
                                 completed(0.1, 10, 50, 2000, 3000),
                                 failed(REQUEST_LOCAL_PORTS, 0, 0, 11000)};
    struct step step = {0};

    (void)state;
    outcomes[0].sent_ns = outcomes[2].sent_ns = CLOCK_NEVER;
    outcomes[0].started_ns = 500 * MS;
    outcomes[2].started_ns = 10000 * MS;
    summary_of(outcomes, COUNT_OF(outcomes), &step);
    expect_number("wall", step.wall_s, 10.5);
    expect_number("throughput", step.client_total_output_throughput, 10 / 10.5);
    assert_int_equal(step.local_failures, 1);
    step_clear(&step);
}

static void test_error_kinds_stand_most_frequent_first_then_by_code(void **state)
{
    const struct outcome outcomes[] = {
        failed(REQUEST_TRUNCATED, 200, 0, 1),  failed(REQUEST_HTTP_ERROR, 503, 0, 1),
        failed(REQUEST_HTTP_ERROR, 429, 0, 1), failed(REQUEST_CANCELLED, 0, 0, 1),
        failed(REQUEST_CANCELLED, 0, 0, 1),
    };
    struct step step = {0};
    struct text table = {0};

    (void)state;
    summary_of(outcomes, COUNT_OF(outcomes), &step);
    frequency_add_errors(&step, &table);
    assert_string_equal(table.bytes, "{'cancelled': 2, 429: 1, 503: 1, 'truncated': 1}");
    text_clear(&table);
    step_clear(&step);
}

static void test_error_codes_are_a_status_or_a_word(void **state)
{
    char code[24];

    (void)state;
    summary_error_code(REQUEST_HTTP_ERROR, 429, code, sizeof code);
    assert_string_equal(code, "429");
    for (int end = REQUEST_TIMEOUT; end < REQUEST_ENDS; end++) {
        summary_error_code((enum request_end)end, 200, code, sizeof code);
        assert_string_equal(code, request_end_words[end]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_and_throughput_of_a_row),
        cmocka_unit_test(test_a_row_without_completed_requests_knows_nothing),
        cmocka_unit_test(test_an_attempt_that_never_connected_is_part_of_the_wall_time),
        cmocka_unit_test(test_error_kinds_stand_most_frequent_first_then_by_code),
        cmocka_unit_test(test_error_codes_are_a_status_or_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
