/* Which requests keep their limits, and how many a second. */
#include "stats/goodput.h"

#include "records.h"
#include "support.h"

static const struct objectives both = {
    {{METRIC_CLIENT_TTFT_S, 0.5}, {METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S, 0.05}}, 2};

static struct outcome answer(double ttft_s, double time_per_token_s, double tokens)
{
    struct outcome outcome = outcome_of(ttft_s, NAN, 0, 1000);

    outcome.figures.value[METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S] = time_per_token_s;
    outcome.figures.value[METRIC_NUMBER_OUTPUT_TOKENS] = tokens;
    return outcome;
}

static void test_a_good_request_keeps_all_limits(void **state)
{
    const struct objectives fast = {{{METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 20}}, 1};
    struct outcome outcome = answer(0.5, 0.05, 10);

    (void)state;
    assert_true(goodput_keeps(&outcome, &both));
    outcome = answer(0.501, 0.01, 10);
    assert_false(goodput_keeps(&outcome, &both));
    outcome = answer(0.1, 0.051, 10);
    assert_false(goodput_keeps(&outcome, &both));
    outcome = answer(0.1, NAN, 1);
    assert_true(goodput_keeps(&outcome, &both));
    outcome = answer(0.1, NAN, 10);
    assert_false(goodput_keeps(&outcome, &both));
    outcome.figures.value[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] = 20;
    assert_true(goodput_keeps(&outcome, &fast));
    outcome.figures.value[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] = 19.9;
    assert_false(goodput_keeps(&outcome, &fast));
}

static void test_a_gap_that_is_not_known_is_good_where_it_cannot_be_longer(void **state)
{
    const struct objectives gap = {{{METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S, 0.05}}, 1};
    struct outcome outcome = answer(0.1, 0.01, 10);

    (void)state;
    outcome.figures.value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S] = NAN;
    outcome.figures.value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S] = 0.01;
    outcome.figures.value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S] = 0.04;
    assert_true(goodput_keeps(&outcome, &gap));
    outcome.figures.value[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S] = 0.06;
    assert_false(goodput_keeps(&outcome, &gap));
}

/* Of four sent in two seconds one fails and one is late. */
static void test_goodput_is_of_the_wall_time_and_the_share_of_all_sent(void **state)
{
    struct outcome outcomes[] = {answer(0.1, 0.01, 10), answer(0.6, 0.01, 10),
                                 answer(0.1, 0.01, 10), answer(0.1, 0.01, 10)};
    struct step step = {.started = 4, .wall_s = 2};

    (void)state;
    outcomes[2].end = REQUEST_TRUNCATED;
    goodput_count(outcomes, 4, &both, &step);
    expect_number("per second", step.goodput_requests_per_s, 1);
    expect_number("share", step.goodput_share, 0.5);
    goodput_count(outcomes, 4, &(struct objectives){.count = 0}, &step);
    assert_true(isnan(step.goodput_requests_per_s) && isnan(step.goodput_share));
}

/* Of two requests one was sent again: its first attempt kept every limit, its second did not. */
static void test_only_the_last_attempt_at_a_request_counts(void **state)
{
    struct outcome outcomes[] = {answer(0.1, 0.01, 10), answer(0.6, 0.01, 10),
                                 answer(0.1, 0.01, 10)};
    struct step step = {.started = 2, .wall_s = 2};

    (void)state;
    outcomes[0].retried = true;
    goodput_count(outcomes, 3, &both, &step);
    expect_number("share", step.goodput_share, 0.5);
    expect_number("per second", step.goodput_requests_per_s, 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_request_keeps_all_limits),
        cmocka_unit_test(test_a_gap_that_is_not_known_is_good_where_it_cannot_be_longer),
        cmocka_unit_test(test_goodput_is_of_the_wall_time_and_the_share_of_all_sent),
        cmocka_unit_test(test_only_the_last_attempt_at_a_request_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
