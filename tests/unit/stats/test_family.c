/* Adjusted p values and verdicts. */
#include "stats/family.h"
#include "stats/replicate.h"

#include "support.h"

/* Holm: in ascending order times how many are left, never falling: 0.002 × 3, 0.006 × 2, 0.2. */
static void test_p_values_are_adjusted_in_their_order(void **state)
{
    struct switch_estimate estimate[] = {{.p = 0.2}, {.p = 0.002}, {.p = 0.006}};
    struct switch_estimate tied[] = {{.p = 0.03}, {.p = 0.04}, {.p = 0.9}};
    struct family family = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        family_add(&family, &estimate[i], 0.1);
    family_conclude(&family, REPLICATE_LEVEL);
    expect_number("largest", estimate[0].p_adjusted, 0.2);
    expect_number("smallest", estimate[1].p_adjusted, 0.006);
    expect_number("middle", estimate[2].p_adjusted, 0.012);
    assert_int_equal(estimate[1].verdict, SWITCH_DETECTED);
    assert_int_equal(estimate[2].verdict, SWITCH_INCONCLUSIVE); /* alone it would do */
    assert_int_equal(family.count, 0);
    for (size_t i = 0; i < 3; i++)
        family_add(&family, &tied[i], 0.1);
    family_conclude(&family, REPLICATE_LEVEL);
    expect_number("not below the one before", tied[1].p_adjusted, 0.09);
    expect_number("at most 1", tied[2].p_adjusted, 0.9);
    family_conclude(&family, REPLICATE_LEVEL); /* none */
}

static void test_each_verdict_has_its_conditions(void **state)
{
    static const struct {
        const char *name;
        double p, smallest_s, steady_s;
        int flags;
        enum switch_verdict verdict;
        double slow_p;
        int flags_after;
    } cases[] = {
        {"sure", 0.009, 0.4, 0.1, 0, SWITCH_DETECTED, 0, 0},
        {"under twice the smallest", 0.009, 0.6, 0.1, 0, SWITCH_DETECTED, 0,
         SWITCH_FLAG_OVERSTATED},
        {"not sure, and 40 ms would be seen", 0.02, 0.04, 0.1, 0, SWITCH_NOT_DETECTED, 0, 0},
        {"60 ms might not be", 0.02, 0.06, 0.1, 0, SWITCH_INCONCLUSIVE, 0, 0},
        {"but of a second they matter little", 0.02, 0.06, 1, 0, SWITCH_NOT_DETECTED, 0, 0},
        {"few visits", 0.02, 0.01, 0.1, SWITCH_FLAG_FEW, SWITCH_INCONCLUSIVE, 0, SWITCH_FLAG_FEW},
        {"slow requests are not why", 0.001, 0.01, 0.1, 0, SWITCH_DETECTED, 0.0059, 0},
        {"they may be", 0.001, 0.01, 0.1, 0, SWITCH_INCONCLUSIVE, 0.0061, SWITCH_FLAG_FEW},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct switch_estimate estimate = {.p = cases[i].p,
                                           .smallest_s = cases[i].smallest_s,
                                           .flags = cases[i].flags,
                                           .slow_p = cases[i].slow_p,
                                           .value_s = 1};
        struct family family = {0};

        family_add(&family, &estimate, cases[i].steady_s);
        family_conclude(&family, REPLICATE_LEVEL);
        if (estimate.verdict != cases[i].verdict || estimate.flags != cases[i].flags_after)
            fail_msg("%s: %s, flags %d", cases[i].name, switch_verdict_words[estimate.verdict],
                     estimate.flags);
    }
}

/* Of twenty, slow requests may explain one in twenty at most: each less than 0.0025. */
static void test_a_family_may_be_wrong_once_in_twenty_by_slow_requests(void **state)
{
    static const double slow_p[] = {0.0024, 0.0026};
    static const enum switch_verdict verdict[] = {SWITCH_DETECTED, SWITCH_INCONCLUSIVE};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(slow_p); i++) {
        struct switch_estimate estimate[20] = {0};
        struct family family = {0};

        for (size_t k = 0; k < COUNT_OF(estimate); k++) {
            estimate[k] = (struct switch_estimate){.p = 1e-9, .slow_p = slow_p[i], .value_s = 1};
            family_add(&family, &estimate[k], 0.1);
        }
        family_conclude(&family, REPLICATE_LEVEL);
        assert_int_equal(estimate[0].verdict, verdict[i]);
    }
}

/* An estimate below zero makes no clock finer. */
static void test_what_is_not_there_is_not_above_the_noise(void **state)
{
    struct switch_estimate above = {.value_s = 0.01, .low_s = -0.01, .high_s = 0.03};
    struct switch_estimate below = {.value_s = -0.03, .low_s = -0.05, .high_s = -0.01};

    (void)state;
    expect_number("the interval's end", family_none_above_s(&above), 0.03);
    expect_number("half its width", family_none_above_s(&below), 0.02);
    expect_number("50 ms", family_matters_s(0.1), 0.05);
    expect_number("a fifth", family_matters_s(1), 0.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_p_values_are_adjusted_in_their_order),
        cmocka_unit_test(test_each_verdict_has_its_conditions),
        cmocka_unit_test(test_a_family_may_be_wrong_once_in_twenty_by_slow_requests),
        cmocka_unit_test(test_what_is_not_there_is_not_above_the_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
