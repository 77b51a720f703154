/* Requests that were sent again count by their last attempt. */
#include "stats/retries.h"

#include "stats/summary.h"
#include "stats/switching.h"
#include "support.h"

static struct outcome attempt_at(size_t index, int attempt, enum request_end end)
{
    struct outcome outcome = {.index = index,
                              .attempt = attempt,
                              .end = end,
                              .http_status = end == REQUEST_HTTP_ERROR ? 429 : 200};

    for (int i = 0; i < METRIC_COUNT; i++)
        outcome.figures.value[i] = NAN;
    outcome.sent_ns = outcome.started_ns = (int64_t)(10 * index + (size_t)attempt) * 1000000;
    outcome.done_ns = outcome.sent_ns + 500000;
    outcome.figures.value[METRIC_CLIENT_TTFT_S] = 0.1;
    outcome.figures.value[METRIC_NUMBER_OUTPUT_TOKENS] = 10;
    return outcome;
}

static void test_the_last_of_each_is_found_in_any_order(void **state)
{
    struct outcome outcomes[] = {
        attempt_at(1, 2, REQUEST_COMPLETED),  attempt_at(0, 1, REQUEST_COMPLETED),
        attempt_at(1, 1, REQUEST_HTTP_ERROR), attempt_at(2, 1, REQUEST_HTTP_ERROR),
        attempt_at(3, 1, REQUEST_HTTP_ERROR), attempt_at(3, 3, REQUEST_HTTP_ERROR),
        attempt_at(3, 2, REQUEST_HTTP_ERROR)};
    static const bool retried[] = {false, false, true, false, true, false, true};
    struct outcome last[COUNT_OF(outcomes)];

    (void)state;
    assert_int_equal(retries_mark(outcomes, COUNT_OF(outcomes)), 3);
    for (size_t i = 0; i < COUNT_OF(outcomes); i++)
        assert_int_equal(outcomes[i].retried, retried[i]);
    assert_int_equal(retries_last(outcomes, COUNT_OF(outcomes), last), 4);
    assert_int_equal(last[0].attempt, 2);
    assert_int_equal(last[3].attempt, 3);
    assert_int_equal(retries_mark(last, 4), 0);
    assert_int_equal(retries_mark(NULL, 0), 0);
    outcomes[4].attempt = 3; /* two that say to be the last */
    outcomes[1].index = SIZE_MAX;
    assert_int_equal(retries_mark(outcomes, COUNT_OF(outcomes)), 2);
    assert_false(outcomes[4].retried || outcomes[5].retried);
}

static void test_figures_go_by_the_last(void **state)
{
    struct outcome outcomes[] = {
        attempt_at(0, 1, REQUEST_HTTP_ERROR), attempt_at(0, 2, REQUEST_COMPLETED),
        attempt_at(1, 1, REQUEST_COMPLETED), attempt_at(2, 1, REQUEST_HTTP_ERROR),
        attempt_at(2, 2, REQUEST_HTTP_ERROR)};
    struct step step = {0};

    (void)state;
    retries_mark(outcomes, COUNT_OF(outcomes));
    summary_of(outcomes, COUNT_OF(outcomes), &step);
    assert_int_equal(step.started, 3);
    assert_int_equal(step.completed, 2);
    assert_int_equal(step.errors, 1);
    assert_int_equal(step.retries, 2);
    assert_int_equal(step.error[0].count, 1);
    assert_int_equal(step.metric[METRIC_CLIENT_TTFT_S].count, 2);
    expect_number("from the first send of all", step.wall_s, 0.0215);
    assert_int_equal(step.switching.verdict, SWITCHING_RETRIED);
    outcomes[0].retried = false;
    assert_int_equal(switching_estimate(outcomes, COUNT_OF(outcomes)).verdict,
                     SWITCHING_FIRST_FAILED);
    step_clear(&step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_of_each_is_found_in_any_order),
        cmocka_unit_test(test_figures_go_by_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
