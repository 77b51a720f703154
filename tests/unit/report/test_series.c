/* Amounts over a run's time. */
#include "report/series.h"

#include "support.h"

static double sum_of(const struct series *series)
{
    double sum = 0;

    for (size_t i = 0; i < series->bins; i++)
        sum += series->amount[i];
    return sum;
}

static void test_amounts_fall_where_their_time_is(void **state)
{
    static const struct {
        const char *name;
        double from_s, to_s, amount;
        size_t bin; /* in which it ends, and what it has there */
        double there;
    } cases[] = {
        {"two bins, evenly", 0, 0.125, 8, 1, 4},
        {"a quarter of it in the second", 0.015625, 0.078125, 8, 1, 2},
        {"at one moment", 0.1, 0.1, 8, 1, 8},
        {"the wrong way round", 0.3, 0.1, 8, 1, 8},
        {"before the run began", -4, -3, 8, 0, 8},
        {"from before", -1, 0.125, 8, 1, 4},
        {"an end on a border", 0.125, 0.1875, 8, 2, 8},
        {"a moment on a border", 0.1875, 0.1875, 8, 2, 8},
        {"the last border", 15, 15, 8, SERIES_BINS - 1, 8},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct series series = {0};

        series_add(&series, cases[i].from_s, cases[i].to_s, cases[i].amount);
        assert_int_equal(series.bins, cases[i].bin + 1);
        expect_number(cases[i].name, series.amount[cases[i].bin], cases[i].there);
        expect_number(cases[i].name, sum_of(&series), cases[i].amount);
    }
}

static void test_what_is_not_known_is_nowhere(void **state)
{
    struct series series = {0};

    (void)state;
    series_add(&series, NAN, 1, 8);
    series_add(&series, 0, INFINITY, 8);
    series_add(&series, 0, 1, NAN);
    assert_int_equal(series.bins, 0);
}

/* A run that lasts hours has wider bins, and as many tokens. */
static void test_bins_widen_as_the_run_goes_on(void **state)
{
    struct series series = {0};

    (void)state;
    for (int i = 0; i < 10000; i++)
        series_add(&series, i, i + 1, 100);
    assert_int_equal(series.width_s, 64);
    assert_int_equal(series.bins, 157);
    expect_true("all", fabs(sum_of(&series) - 1e6) < 1e-6);
    expect_true("evenly", fabs(series.amount[0] - 6400) < 1e-6);
    expect_true("to the last", fabs(series.amount[156] - 1600) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amounts_fall_where_their_time_is),
        cmocka_unit_test(test_what_is_not_known_is_nowhere),
        cmocka_unit_test(test_bins_widen_as_the_run_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
