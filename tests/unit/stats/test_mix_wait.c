/* How much longer calls wait because of switching, followed by hand. */
#include "stats/mix_wait.h"

#include "mixes.h"
#include "support.h"

/* Sent at 1.0, 1.5, 2.0 and 10, each 1 s of service; the second pays 2 s. */
static void follow(const struct outcome *first, size_t firsts, const struct outcome *second,
                   size_t seconds, struct mix_calls *calls)
{
    const struct mix_outcomes members[] = {{each(first, firsts), firsts, 0},
                                           {each(second, seconds), seconds, 1}};

    mix_calls_make(members, 2, calls);
    for (size_t i = 0; i < calls->batches; i++) {
        struct mix_batch *batch = &calls->batch[i];

        batch->paid = batch->ttft_s > 2;
        batch->extra_s = batch->paid * 2;
    }
}

/* With everything loaded they begin at 1, 2, 3 and 10. */
static void test_calls_wait_for_switches_before_them_too(void **state)
{
    const struct outcome first[] = {served(1, 1, 0.2, 2), served(2, 5, 0.2, 6),
                                    served(10, 10, 0.2, 11)};
    const struct outcome second[] = {served(1.5, 2, 2.2, 5)};
    static const double longer_s[] = {0, 2, 2, 0};
    struct mix_calls calls;
    double found[4];

    (void)state;
    follow(first, 3, second, 1, &calls);
    assert_true(mix_wait_find(&calls, found));
    for (size_t i = 0; i < 4; i++)
        expect_number("longer", round(1e6 * found[i]) / 1e6, longer_s[i]);
    mix_calls_clear(&calls);
}

/* Tokens come beside the next batch's prefill: what is in line is the time to the first. */
static void test_a_node_that_decodes_beside_is_freed_by_the_first_token(void **state)
{
    const struct outcome first[] = {served(1, 1, 1, 8), served(2, 5, 1, 9)};
    const struct outcome second[] = {served(1.5, 2, 3, 10)};
    static const double longer_s[] = {0, 2, 2};
    struct mix_calls calls;
    double found[3];

    (void)state;
    follow(first, 2, second, 1, &calls);
    assert_true(mix_wait_find(&calls, found));
    for (size_t i = 0; i < 3; i++)
        expect_number("longer", round(1e6 * found[i]) / 1e6, longer_s[i]);
    mix_calls_clear(&calls);
}

static void test_batches_beside_each_other_tell_nothing(void **state)
{
    const struct outcome first[] = {served(1, 1, 1, 3), served(2, 2.1, 1, 4)};
    const struct outcome second[] = {served(1, 1.5, 1, 3)};
    struct mix_calls calls;
    double found[3];

    (void)state;
    follow(first, 2, second, 1, &calls);
    assert_true(!mix_wait_find(&calls, found));
    mix_calls_clear(&calls);
    follow(first, 0, second, 0, &calls);
    assert_true(!mix_wait_find(&calls, found));
    mix_calls_clear(&calls);
}

/* What lies between client and node, 0.1 s each time, is no wait. */
static void test_the_way_there_is_taken_out(void **state)
{
    const struct outcome first[] = {served(1, 1.1, 0.2, 2), served(3, 3.1, 0.2, 4),
                                    served(5, 5.1, 0.2, 6)};
    struct mix_calls calls;
    double found[3];

    (void)state;
    follow(first, 3, NULL, 0, &calls);
    assert_true(mix_wait_find(&calls, found));
    for (size_t i = 0; i < 3; i++)
        expect_number("longer", round(1e6 * found[i]) / 1e6, 0);
    mix_calls_clear(&calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_wait_for_switches_before_them_too),
        cmocka_unit_test(test_a_node_that_decodes_beside_is_freed_by_the_first_token),
        cmocka_unit_test(test_batches_beside_each_other_tell_nothing),
        cmocka_unit_test(test_the_way_there_is_taken_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
