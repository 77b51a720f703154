/* Quantiles and moments. Wanted numbers: pandas 3.0 (Series.quantile, .std) and numpy.percentile,
 * which agree. */
#include "stats/quantile.h"

#include "support.h"

static const struct {
    const char *name;
    double value[10];
    size_t count;
    double quantile[METRIC_QUANTILES]; /* 5 25 50 75 90 95 99 % */
    double mean, least, most, stddev;
} cases[] = {
    {"one value", {3}, 1, {3, 3, 3, 3, 3, 3, 3}, 3, 3, 3, NAN},
    {"two", {2, 1}, 2, {1.05, 1.25, 1.5, 1.75, 1.9, 1.95, 1.99}, 1.5, 1, 2, 0.7071067811865476},
    {"four, unsorted",
     {0.2, 0.9, 0.4, 0.1},
     4,
     {0.115, 0.175, 0.3, 0.525, 0.75, 0.825, 0.885},
     0.4,
     0.1,
     0.9,
     0.3559026084010437},
    {"one to ten",
     {10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
     10,
     {1.45, 3.25, 5.5, 7.75, 9.1, 9.55, 9.91},
     5.5,
     1,
     10,
     3.0276503540974917},
    {"ties and one far out",
     {0.35, 0.12, 0.47, 0.12, 5, 0.33, 0.29},
     7,
     {0.12, 0.205, 0.33, 0.41, 2.282, 3.641, 4.7282},
     0.9542857142857144,
     0.12,
     5,
     1.7884151004251139},
    {"all alike", {0.1, 0.1, 0.1}, 3, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 0.1, 0.1, 0.1, 0},
};

static void test_summaries_are_what_pandas_gives(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double values[10];
        struct metric_summary summary;

        memcpy(values, cases[i].value, sizeof values);
        summary = quantile_summary(values, cases[i].count);
        expect_true(cases[i].name, summary.count == cases[i].count);
        for (int k = 0; k < METRIC_QUANTILES; k++)
            expect_number(cases[i].name, summary.quantile[k], cases[i].quantile[k]);
        expect_number(cases[i].name, summary.mean, cases[i].mean);
        expect_number(cases[i].name, summary.least, cases[i].least);
        expect_number(cases[i].name, summary.most, cases[i].most);
        expect_number(cases[i].name, summary.stddev, cases[i].stddev);
    }
}

static void test_no_values_have_a_count_of_0(void **state)
{
    struct metric_summary summary = quantile_summary(NULL, 0);

    (void)state;
    assert_int_equal(summary.count, 0);
    assert_true(isnan(summary.stddev));
}

static void test_the_ends_are_the_least_and_the_most(void **state)
{
    const double values[] = {1, 4, 9};

    (void)state;
    assert_true(quantile_of_sorted(values, 3, 0) == 1);
    assert_true(quantile_of_sorted(values, 3, 1) == 9);
    assert_true(quantile_of_sorted(values, 3, 0.25) == 2.5);
}

static void test_equal_values_deviate_by_exactly_0(void **state)
{
    double values[7];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++)
        values[i] = 0.1; /* their mean is not 0.1 in floating point */
    assert_true(quantile_stddev(values, COUNT_OF(values)) == 0);
    assert_true(isnan(quantile_stddev(values, 1)));
}

static void test_a_large_offset_costs_no_digits_of_the_deviation(void **state)
{
    const double values[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}; /* sample variance 30 */

    (void)state;
    expect_number("offset", quantile_stddev(values, 4), sqrt(30));
}

/* At least one value lies beyond it, on the side where fewer do. */
static void test_a_quantile_needs_a_value_beyond_it(void **state)
{
    static const struct {
        double share;
        size_t least;
    } needed[] = {{0.05, 20}, {0.25, 4}, {0.5, 2}, {0.75, 4}, {0.9, 10}, {0.95, 20}, {0.99, 100}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        if (!quantile_is_supported(needed[i].least, needed[i].share))
            fail_msg("%g of %zu", needed[i].share, needed[i].least);
        if (quantile_is_supported(needed[i].least - 1, needed[i].share))
            fail_msg("%g of one fewer than %zu", needed[i].share, needed[i].least);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summaries_are_what_pandas_gives),
        cmocka_unit_test(test_no_values_have_a_count_of_0),
        cmocka_unit_test(test_the_ends_are_the_least_and_the_most),
        cmocka_unit_test(test_equal_values_deviate_by_exactly_0),
        cmocka_unit_test(test_a_large_offset_costs_no_digits_of_the_deviation),
        cmocka_unit_test(test_a_quantile_needs_a_value_beyond_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
