/* Intervals of means over calls, against known values and by how often they hold the truth. */
#include "stats/mix_interval.h"

#include "core/random.h"
#include "support.h"

enum { VALUES = 400, RECORDS = 400 };

/* 2 of 20 independent ones: Wilson's interval, 0.028 to 0.301 (with t for 19 degrees, a little
 * wider); of none of 20, up to 0.180 by t = 2.093. */
static void test_shares_have_wilsons_interval(void **state)
{
    double values[20] = {[3] = 1, [11] = 1};
    struct mix_range range = mix_interval_of_share((struct mix_error){0.1, 0, INFINITY}, 20);

    (void)state;
    assert_true(fabs(range.low - 0.02787) < 1e-4 && fabs(range.high - 0.30103) < 1e-4);
    range = mix_interval_of_share(mix_error_of(values, 20), 20);
    assert_true(range.value == 0.1 && range.low < 0.0279 && range.high > 0.301);
    range = mix_interval_of_share((struct mix_error){0, 0, INFINITY}, 20);
    assert_true(range.low == 0 && fabs(range.high - 0.16113) < 1e-4);
    range = mix_interval_of_share((struct mix_error){NAN, NAN, NAN}, 0);
    assert_true(isnan(range.value) && isnan(range.high));
}

static void test_means_that_are_nothing_have_a_bound(void **state)
{
    struct mix_range range = mix_interval_of_mean((struct mix_error){0, 0, 10}, 0.25);

    (void)state;
    assert_true(range.value == 0 && range.low == 0 && range.high == 0.25);
    range = mix_interval_of_mean((struct mix_error){0.1, NAN, NAN}, 0.25);
    assert_true(range.low == 0 && isinf(range.high)); /* of one value */
    range = mix_interval_of_difference((struct mix_error){3, 0.3, 100},
                                       (struct mix_error){1, 0.4, 100});
    assert_true(range.value == 2 && fabs(range.high - 2 - 0.5 * 1.9719) < 1e-3);
}

/* Whether values in a row pay, which follows whether the one before did. */
static double draw(double *value, double stays, struct random *random)
{
    bool pays = random_unit(random) < 0.2;

    for (size_t i = 0; i < VALUES; i++) {
        if (random_unit(random) >= stays)
            pays = random_unit(random) < 0.2;
        value[i] = pays;
    }
    return 0.2;
}

static void test_intervals_hold_the_truth_of_values_that_are_alike(void **state)
{
    static const double stays[] = {0, 0.5, 0.8};

    (void)state;
    for (size_t s = 0; s < COUNT_OF(stays); s++) {
        const uint64_t key[] = {0x6d69, s};
        struct random random;
        size_t share_holds = 0, mean_holds = 0;

        random_init(&random, key, 2);
        for (size_t i = 0; i < RECORDS; i++) {
            double value[VALUES], truth = draw(value, stays[s], &random);
            struct mix_error error = mix_error_of(value, VALUES);
            struct mix_range share = mix_interval_of_share(error, VALUES);
            struct mix_range mean = mix_interval_of_mean(error, 1);

            share_holds += share.low <= truth && truth <= share.high;
            mean_holds += mean.low <= truth && truth <= mean.high;
        }
        if (share_holds < 0.92 * RECORDS || mean_holds < 0.92 * RECORDS)
            fail_msg("%g: %zu and %zu of %d hold it", stays[s], share_holds, mean_holds, RECORDS);
    }
}

/* A queue remembers longer the busier its node is: fewer blocks, and fewer degrees of freedom. */
static void test_waits_have_fewer_blocks_before_a_busy_node(void **state)
{
    static const struct {
        double utilisation, blocks;
    } cases[] = {{0.2, 15}, {0.5, 15}, {0.7, 7.2}, {0.8, 3.2}, {0.95, 3}, {1.2, 3}};
    static double values[2000];
    struct random random;
    const uint64_t key[] = {0x6d77};

    (void)state;
    random_init(&random, key, 1);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        values[i] = random_unit(&random);
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        struct mix_error error = mix_error_of_waits(values, COUNT_OF(values), cases[c].utilisation);

        if (fabs(error.df + 1 - cases[c].blocks) > 0.1)
            fail_msg("at %g: %g blocks", cases[c].utilisation, error.df + 1);
        assert_true(fabs(error.value - 0.5) < 0.02 && error.error > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_have_wilsons_interval),
        cmocka_unit_test(test_waits_have_fewer_blocks_before_a_busy_node),
        cmocka_unit_test(test_means_that_are_nothing_have_a_bound),
        cmocka_unit_test(test_intervals_hold_the_truth_of_values_that_are_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
