/* Adjusted p values and verdicts. */
#include "stats/family.h"

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
    family_conclude(&family);
    expect_number("largest", estimate[0].p_adjusted, 0.2);
    expect_number("smallest", estimate[1].p_adjusted, 0.006);
    expect_number("middle", estimate[2].p_adjusted, 0.012);
    assert_int_equal(estimate[1].verdict, SWITCH_DETECTED);
    assert_int_equal(estimate[2].verdict, SWITCH_INCONCLUSIVE); /* alone it would do */
    assert_int_equal(family.count, 0);
    for (size_t i = 0; i < 3; i++)
        family_add(&family, &tied[i], 0.1);
    family_conclude(&family);
    expect_number("not below the one before", tied[1].p_adjusted, 0.09);
    expect_number("at most 1", tied[2].p_adjusted, 0.9);
    family_conclude(&family); /* none */
}

static void test_each_verdict_has_its_conditions(void **state)
{
    static const struct {
        const char *name;
        double p, smallest_s, steady_s;
        int flags;
        enum switch_verdict verdict;
        size_t switched;
    } cases[] = {
        {"sure", 0.009, 9, 0.1, 0, SWITCH_DETECTED, 2},
        {"not sure, and 40 ms would be seen", 0.02, 0.04, 0.1, 0, SWITCH_NOT_DETECTED, 0},
        {"60 ms might not be", 0.02, 0.06, 0.1, 0, SWITCH_INCONCLUSIVE, 0},
        {"but of a second they matter little", 0.02, 0.06, 1, 0, SWITCH_NOT_DETECTED, 0},
        {"few visits", 0.001, 0.01, 0.1, SWITCH_FLAG_FEW, SWITCH_INCONCLUSIVE, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct switch_estimate estimate = {.p = cases[i].p,
                                           .smallest_s = cases[i].smallest_s,
                                           .flags = cases[i].flags,
                                           .switched = 2};
        struct family family = {0};

        family_add(&family, &estimate, cases[i].steady_s);
        family_conclude(&family);
        if (estimate.verdict != cases[i].verdict || estimate.switched != cases[i].switched)
            fail_msg("%s: %s, %zu paid", cases[i].name, switch_verdict_words[estimate.verdict],
                     estimate.switched);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_p_values_are_adjusted_in_their_order),
        cmocka_unit_test(test_each_verdict_has_its_conditions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
