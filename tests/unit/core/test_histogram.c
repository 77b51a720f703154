/* Durations in buckets. */
#include "core/histogram.h"

#include <stdlib.h>

#include "support.h"

static struct histogram *filled(const int64_t *values, size_t count)
{
    struct histogram *histogram = calloc(1, sizeof *histogram);

    for (size_t i = 0; i < count; i++)
        histogram_add(histogram, values[i]);
    return histogram;
}

static void test_nothing_has_no_quantile(void **state)
{
    struct histogram *empty = filled(NULL, 0);

    (void)state;
    assert_true(isnan(histogram_quantile_s(empty, 0.5)));
    free(empty);
}

static void test_small_values_are_exact(void **state)
{
    static const int64_t values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, -5};
    struct histogram *histogram = filled(values, COUNT_OF(values));

    (void)state;
    expect_number("0 counts twice", histogram_quantile_s(histogram, 0.2), 0);
    expect_number("the middle", histogram_quantile_s(histogram, 0.5), 3e-9);
    expect_number("the largest", histogram_quantile_s(histogram, 1), 8e-9);
    free(histogram);
}

/* Whatever the value, its bucket tells it to half of 1/32, and none is past the largest. */
static void test_each_value_is_kept_to_a_64th(void **state)
{
    (void)state;
    for (int64_t value = 1; value < INT64_MAX / 3; value = value * 3 / 2 + 1) {
        const int64_t values[] = {value, INT64_MAX};
        struct histogram *histogram = filled(values, 2);
        double kept = histogram_quantile_s(histogram, 0.5) * 1e9;

        assert_true(fabs(kept - (double)value) <= (double)value / 64 + 1e-6);
        expect_number("largest", histogram_quantile_s(histogram, 1) * 1e9, (double)INT64_MAX);
        free(histogram);
    }
}

static void test_two_merge_as_if_they_were_one(void **state)
{
    static const int64_t low[] = {1000, 2000, 3000}, high[] = {1000000, 2000000},
                         both[] = {1000, 2000, 3000, 1000000, 2000000};
    struct histogram *a = filled(low, 3), *b = filled(high, 2), *all = filled(both, 5);

    (void)state;
    histogram_merge(a, b);
    assert_memory_equal(a, all, sizeof *a);
    free(a);
    free(b);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_has_no_quantile),
        cmocka_unit_test(test_small_values_are_exact),
        cmocka_unit_test(test_each_value_is_kept_to_a_64th),
        cmocka_unit_test(test_two_merge_as_if_they_were_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
