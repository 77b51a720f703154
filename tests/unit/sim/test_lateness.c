/* Quantiles from buckets against those of the values themselves. */
#include "sim/lateness.h"

#include "support.h"

static void expect_close(double share, int64_t actual, int64_t expected)
{
    if (llabs(actual - expected) > expected / LATENESS_STEPS + 1)
        fail_msg("the quantile %g is %lld, not about %lld", share, (long long)actual,
                 (long long)expected);
}

/* 1, 2, 4 ... up to a century, which fall into buckets of all widths, and their neighbours. */
static void test_each_value_is_found_in_its_bucket(void **state)
{
    (void)state;
    for (int shift = 0; shift < 62; shift++) {
        for (int64_t by = -1; by <= 1; by++) {
            struct lateness lateness = {0};
            int64_t value = ((int64_t)1 << shift) + by;

            lateness_add(&lateness, value);
            lateness_add(&lateness, INT64_MAX); /* so that the most does not stand in for it */
            expect_close(0.5, lateness_quantile_ns(&lateness, 0.5), value);
        }
    }
}

static void test_quantiles_of_many(void **state)
{
    struct lateness lateness = {0};

    (void)state;
    for (int64_t i = 1; i <= 100000; i++)
        lateness_add(&lateness, i * 10);
    assert_int_equal(lateness.count, 100000);
    expect_close(0.01, lateness_quantile_ns(&lateness, 0.01), 10000);
    expect_close(0.5, lateness_quantile_ns(&lateness, 0.5), 500000);
    expect_close(0.99, lateness_quantile_ns(&lateness, 0.99), 990000);
    assert_true(lateness_quantile_ns(&lateness, 1) <= 1000000);
    assert_int_equal(lateness.most_ns, 1000000);
}

static void test_early_and_none(void **state)
{
    struct lateness lateness = {0};

    (void)state;
    assert_int_equal(lateness_quantile_ns(&lateness, 0.5), 0);
    lateness_add(&lateness, -5);
    assert_int_equal(lateness.count, 1);
    assert_int_equal(lateness_quantile_ns(&lateness, 0.5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_is_found_in_its_bucket),
        cmocka_unit_test(test_quantiles_of_many),
        cmocka_unit_test(test_early_and_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
