/* Figures turn by turn: a table of requests, and what they come to by hand. */
#include "stats/turns.h"

#include "support.h"

static struct outcome outcome(size_t session, int64_t turn, int64_t turns, double ttft_s,
                              double cached)
{
    struct outcome one = {.session = session, .turn = turn, .turns = turns};

    for (int i = 0; i < METRIC_COUNT; i++)
        one.figures.value[i] = NAN;
    one.end = isnan(ttft_s) ? REQUEST_TRUNCATED : REQUEST_COMPLETED;
    one.figures.value[METRIC_CLIENT_TTFT_S] = ttft_s;
    one.figures.value[METRIC_CACHED_TOKENS] = cached;
    return one;
}

enum { TTFT = 0, SERVER_TTFT = 1, CACHED = 5 };

static void test_turns_are_summed_up(void **state)
{
    /* Session 0 has all of its three turns, 1 fails in its second, 2 is to have two. */
    const struct outcome last[] = {outcome(0, 1, 3, 1, 0),    outcome(1, 1, 3, 2, 0),
                                   outcome(0, 2, 3, 4, 10),   outcome(2, 1, 2, 6, 0),
                                   outcome(1, 2, 3, NAN, 99), outcome(2, 2, 2, 8, 30),
                                   outcome(0, 3, 3, 16, 50)};
    struct step step = {0};

    (void)state;
    turns_sum_up(last, COUNT_OF(last), &step);
    assert_int_equal(step.turns, 3);
    assert_int_equal(step.turn[0].started, 3);
    assert_int_equal(step.turn[1].started, 3);
    assert_int_equal(step.turn[2].started, 1);
    assert_int_equal(step.turn[1].completed, 2);
    assert_int_equal(step.turn[0].not_sent + step.turn[1].not_sent, 0);
    assert_int_equal(step.turn[2].not_sent, 1);
    assert_int_equal(step.turns_not_sent, 1);
    expect_number("first", step.turn[0].metric[TTFT].mean, 3);
    expect_number("second", step.turn[1].metric[TTFT].mean, 6);
    expect_number("its median", step.turn[1].metric[TTFT].quantile[2], 6);
    expect_number("what a cache knew", step.turn[1].metric[CACHED].mean, 20);
    expect_number("third", step.turn[2].metric[CACHED].mean, 50);
    assert_int_equal(step.turn[0].metric[SERVER_TTFT].count, 0);
    step_clear(&step);
}

static void test_requests_of_no_session_have_no_turns(void **state)
{
    const struct outcome last[] = {outcome(0, 0, 0, 1, 0), outcome(0, 0, 0, 2, 0)};
    struct step step = {0};

    (void)state;
    turns_sum_up(last, COUNT_OF(last), &step);
    assert_true(step.turns == 0 && !step.turn && step.turns_not_sent == 0);
    turns_sum_up(NULL, 0, &step);
    assert_int_equal(step.turns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns_are_summed_up),
        cmocka_unit_test(test_requests_of_no_session_have_no_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
