/* How long batches use the node, one after another and beside each other. */
#include "stats/mix_use.h"

#include "mixes.h"
#include "support.h"

struct use_case {
    const char *name;
    double begin_s[4], took_s[4]; /* of the batches of members 0, 1, 0, 1 */
    double from_s, until_s;
    double all, second; /* the shares that are found, of all and of the second member */
};

static const struct use_case cases[] = {
    {"one after another", {1, 2, 3, 4}, {1, 1, 1, 1}, 1, 5, 1, 0.5},
    {"of all its time", {1, 3, 5, 7}, {1, 1, 1, 1}, -INFINITY, INFINITY, 4 / 7.0, 2 / 7.0},
    {"cut at both ends", {1, 2, 3, 4}, {1, 1, 1, 1}, 1.5, 4.5, 1, 1.5 / 3},
    {"idle in between", {1, 3, 5, 7}, {1, 1, 1, 1}, 1, 9, 0.5, 0.25},
    /* the second is read 0.2 s late, and so seems to run beside the third: it did not */
    {"read late", {1, 2.2, 3, 4}, {1, 1, 1, 1}, 1, 5, 1, 0.5},
    {"beside each other", {1, 1.2, 1.4, 1.6}, {1, 1, 1, 1}, 1, 3, 0.8, 0.7},
};

static void test_shares_are_of_the_time_asked_for(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const struct use_case *given = &cases[c];
        struct outcome outcome[2][2];
        struct mix_outcomes members[2];
        struct mix_calls calls;

        for (size_t i = 0; i < 4; i++)
            outcome[i % 2][i / 2] =
                served(given->begin_s[i], given->begin_s[i], 0.1 + 0.01 * (double)i,
                       given->begin_s[i] + given->took_s[i]);
        for (size_t m = 0; m < 2; m++)
            members[m] = (struct mix_outcomes){each(outcome[m], 2), 2, m};
        mix_calls_make(members, 2, &calls);
        expect_number(
            given->name,
            round(1e6 * mix_use_share(&calls, MIX_USE_ALL, given->from_s, given->until_s)),
            round(1e6 * given->all));
        expect_number(given->name,
                      round(1e6 * mix_use_share(&calls, 1, given->from_s, given->until_s)),
                      round(1e6 * given->second));
        mix_calls_clear(&calls);
    }
}

/* All were sent at 1 s, and ran one after another from then on. Two responses were read 0.5 s late
 * and more: their batches seem to overlap others, and cannot have run beside them. */
static void test_what_was_read_late_ran_by_itself(void **state)
{
    const struct outcome outcome[] = {served(1, 1, 0.1, 2), served(1, 2.6, 0.11, 3.6),
                                      served(1, 3, 0.12, 4), served(1, 4.5, 0.13, 5.5)};
    const struct mix_outcomes members[] = {{each(outcome, 4), 4, 0}};
    struct mix_calls calls;

    (void)state;
    mix_calls_make(members, 1, &calls);
    expect_number("overlap", mix_use_overlap(&calls, MIX_USE_ALL, false), 0);
    expect_number("share", round(1e6 * mix_use_share(&calls, MIX_USE_ALL, 1, 6)), 0.8e6);
    mix_calls_clear(&calls);
}

/* Two calls of one batch use the node once. */
static void test_a_batch_counts_once(void **state)
{
    const struct outcome together[] = {served(1, 1, 0.5, 3), served(1.1, 1, 0.5, 2.9)};
    const struct mix_outcomes members[] = {{each(together, 2), 2, 0}};
    struct mix_calls calls;

    (void)state;
    mix_calls_make(members, 1, &calls);
    expect_number("share", round(1e6 * mix_use_share(&calls, 0, 1, 5)), 0.5e6);
    mix_calls_clear(&calls);
}

static void test_what_the_server_does_not_tell_is_not_known(void **state)
{
    struct outcome outcome[] = {served(1, 1, 0.5, 2), seen(2, 0.5, 3)};
    const struct mix_outcomes members[] = {{each(outcome, 2), 2, 0}};
    struct mix_calls calls;

    (void)state;
    mix_calls_make(members, 1, &calls);
    assert_true(isnan(mix_use_share(&calls, MIX_USE_ALL, 1, 3)));
    mix_calls_clear(&calls);
    outcome[1] = served(2, 2, 0.5, 3);
    outcome[1].figures.value[METRIC_SERVER_END_TO_END_LATENCY_S] = NAN;
    mix_calls_make(members, 1, &calls);
    assert_true(isnan(mix_use_share(&calls, 0, 1, 3)));
    mix_calls_clear(&calls);
    mix_calls_make(members, 0, &calls);
    assert_true(isnan(mix_use_share(&calls, MIX_USE_ALL, 1, 3)));
    mix_calls_clear(&calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_are_of_the_time_asked_for),
        cmocka_unit_test(test_what_was_read_late_ran_by_itself),
        cmocka_unit_test(test_a_batch_counts_once),
        cmocka_unit_test(test_what_the_server_does_not_tell_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
