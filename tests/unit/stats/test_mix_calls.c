/* In which order a node served the calls of a mix, and what ran together. */
#include "stats/mix_calls.h"

#include "mixes.h"
#include "support.h"

/* Sent 1, 2, 3 by members 0, 1, 0; served 1, 3, 2. */
static void test_batches_stand_in_the_order_they_began(void **state)
{
    const struct outcome first[] = {served(1, 1, 0.5, 2), served(1.2, 2, 0.3, 3)};
    const struct outcome second[] = {served(1.1, 3, 0.4, 4)};
    const struct mix_outcomes members[] = {{each(first, 2), 2, 0}, {each(second, 1), 1, 1}};
    struct mix_calls calls;

    (void)state;
    mix_calls_make(members, 2, &calls);
    assert_true(calls.measurable && calls.source == SWITCH_SERVER);
    assert_int_equal(calls.count, 3);
    assert_int_equal(calls.batches, 3);
    for (size_t i = 0; i < 3; i++)
        expect_number("begins", round(1e6 * calls.batch[i].begin_s), 1e6 * (double)(i + 1));
    assert_int_equal(calls.batch[1].member, 0);
    assert_true(!calls.batch[0].same && calls.batch[1].same && !calls.batch[2].same);
    assert_int_equal(calls.call[1].member, 1); /* sent second, served last */
    assert_int_equal(calls.call[1].batch, 2);
    assert_true(calls.batch[0].alone && !calls.batch[1].alone && !calls.batch[2].alone);
    assert_true(calls.most_in_flight == 3);
    mix_calls_clear(&calls);
}

/* Two members that load the same follow their own; another batch size does not. */
static void test_configurations_are_what_is_loaded(void **state)
{
    const struct outcome first[] = {served(1, 1, 0.5, 2), served(4, 4, 0.51, 5),
                                    served(4.1, 4, 0.51, 5)};
    const struct outcome second[] = {served(2, 2, 0.4, 3), served(6, 6, 0.4, 7)};
    const struct mix_outcomes members[] = {{each(first, 3), 3, 7}, {each(second, 2), 2, 7}};
    struct mix_calls calls;

    (void)state;
    mix_calls_make(members, 2, &calls);
    assert_int_equal(calls.batches, 4);
    assert_int_equal(calls.batch[2].calls, 2);
    assert_true(calls.batch[2].size == 2);
    assert_true(calls.batch[1].same && !calls.batch[2].same && !calls.batch[3].same);
    mix_calls_clear(&calls);
}

static void test_without_the_servers_word_each_call_is_its_own(void **state)
{
    struct outcome outcome[] = {seen(1, 0.5, 2), seen(1.5, 0.5, 3), served(4, 4, 0.5, 5),
                                seen(6, 0.5, 7)};
    const struct mix_outcomes members[] = {{each(outcome, 4), 4, 0}};
    struct mix_calls calls;

    (void)state;
    outcome[3].end = REQUEST_TIMEOUT;
    mix_calls_make(members, 1, &calls);
    assert_int_equal(calls.source, SWITCH_CLIENT);
    assert_int_equal(calls.count, 3); /* what did not complete is in none */
    assert_int_equal(calls.batches, 3);
    expect_number("begin", calls.batch[1].begin_s, 1.5);
    assert_true(calls.batch[0].alone && !calls.batch[1].alone && calls.batch[2].alone);
    expect_number("in flight", calls.mean_in_flight, (1 + 1.5 + 1) / 4);
    mix_calls_clear(&calls);
    mix_calls_make(members, 0, &calls);
    assert_true(!calls.measurable && calls.batches == 0);
    mix_calls_clear(&calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_stand_in_the_order_they_began),
        cmocka_unit_test(test_configurations_are_what_is_loaded),
        cmocka_unit_test(test_without_the_servers_word_each_call_is_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
