/* Quantiles of values that lie in intervals. */
#include "stats/bounds.h"

#include "core/clock.h"
#include "stats/quantile.h"
#include "support.h"

enum { VALUES_MOST = 9, SAMPLES = 400, PICKS = 60 };

struct sample {
    size_t count;
    double low[VALUES_MOST], high[VALUES_MOST];
};

static struct sample draw(unsigned *seed)
{
    struct sample sample = {.count = 1 + (size_t)rand_r(seed) % VALUES_MOST};

    for (size_t i = 0; i < sample.count; i++) {
        sample.low[i] = rand_r(seed) % 20;
        sample.high[i] = sample.low[i] + (rand_r(seed) % 3 ? rand_r(seed) % 12 : 0);
    }
    return sample;
}

static void expect_between(const char *name, double low, double value, double high)
{
    if (!(low <= value + 1e-9 && value <= high + 1e-9))
        fail_msg("%s: %g is not between %g and %g", name, value, low, high);
}

/* `pick` tells of each value which end it is at; −1: anywhere in its interval. */
static struct metric_summary summary_at(const struct sample *sample, long pick, unsigned *seed)
{
    double values[VALUES_MOST];

    for (size_t i = 0; i < sample->count; i++) {
        double share = pick < 0 ? rand_r(seed) % 101 / 100.0 : (double)(pick >> i & 1);

        values[i] = sample->low[i] + share * (sample->high[i] - sample->low[i]);
    }
    return quantile_summary(values, sample->count);
}

static void expect_within(const struct metric_bounds *bounds, const struct metric_summary *found)
{
    for (int i = 0; i < METRIC_QUANTILES; i++)
        expect_between("quantile", bounds->low[i], found->quantile[i], bounds->high[i]);
}

/* Every corner and points within: none is outside, and both ends are reached. */
static void test_bounds_hold_and_are_reached(void **state)
{
    unsigned seed = 3;

    (void)state;
    for (int i = 0; i < SAMPLES; i++) {
        struct sample sample = draw(&seed), sorted = sample;
        long corners = 1L << sample.count;
        struct metric_bounds bounds;
        struct metric_summary found;

        bounds_summary(sorted.low, sorted.high, sample.count, &bounds);
        for (long pick = -PICKS; pick < corners; pick++) {
            found = summary_at(&sample, pick, &seed);
            expect_within(&bounds, &found);
        }
        found = summary_at(&sample, 0, &seed);
        for (int k = 0; k < METRIC_QUANTILES; k++)
            expect_number("reached below", bounds.low[k], found.quantile[k]);
        found = summary_at(&sample, corners - 1, &seed);
        for (int k = 0; k < METRIC_QUANTILES; k++)
            expect_number("reached above", bounds.high[k], found.quantile[k]);
    }
}

static void test_a_number_only_where_bounds_agree(void **state)
{
    static const struct {
        double low, high;
        bool agree;
    } cases[] = {{0, 0, true},     {1, 1, true},     {1, 1.04, true},
                 {1, 1.06, false}, {0, 1e-6, false}, {2, 2.1, true},
                 {NAN, 1, false},  {1, NAN, false},  {NAN, NAN, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double point = bounds_point(cases[i].low, cases[i].high);

        expect_true("agree", bounds_agree(cases[i].low, cases[i].high) == cases[i].agree);
        expect_number("point", point, cases[i].agree ? (cases[i].low + cases[i].high) / 2 : NAN);
    }
}

static void test_exact_values_are_as_ever(void **state)
{
    double low[] = {3, 1, 2, 10}, high[] = {3, 1, 2, 10}, values[] = {3, 1, 2, 10};
    struct metric_bounds bounds;
    struct metric_summary found = bounds_summary(low, high, 4, &bounds);
    struct metric_summary wanted = quantile_summary(values, 4);

    (void)state;
    expect_number("mean", found.mean, wanted.mean);
    expect_number("stddev", found.stddev, wanted.stddev);
    expect_number("p99", found.quantile[6], wanted.quantile[6]);
    expect_number("p99, low", bounds.low[6], wanted.quantile[6]);
    assert_int_equal(found.count, 4);
    assert_int_equal(bounds_summary(low, high, 0, &bounds).count, 0);
}

static void test_one_that_is_not_known_hides_only_what_it_decides(void **state)
{
    double low[200], high[200];
    struct metric_bounds bounds;
    struct metric_summary found;

    (void)state;
    for (int i = 0; i < 200; i++)
        low[i] = high[i] = 1;
    high[0] = high[1] = high[2] = 3;
    found = bounds_summary(low, high, 200, &bounds);
    expect_number("p95", found.quantile[5], 1);
    expect_number("p99", found.quantile[6], NAN);
    expect_number("p99, low", bounds.low[6], 1);
    expect_number("p99, high", bounds.high[6], 3);
    expect_number("most", found.most, NAN);
    expect_number("stddev", found.stddev, NAN);
    expect_number("mean", found.mean, 1.015);
}

/* --- Of any number ---------------------------------------------------------------------------- */

/* Durations from nanoseconds to hours. */
static int64_t draw_ns(unsigned *seed)
{
    return (int64_t)rand_r(seed) << (rand_r(seed) % 11) >> (rand_r(seed) % 32);
}

static void expect_close(const char *name, double coarse, double exact, double sign)
{
    double wider = sign * (coarse - exact);

    if (!(wider >= -1e-12 && wider <= exact / BOUNDS_STEPS + 1e-9))
        fail_msg("%s: %g for %g", name, coarse, exact);
}

static void test_any_number_of_them_has_bounds_little_wider(void **state)
{
    enum { MANY = 3000 };
    static double low[MANY], high[MANY];
    unsigned seed = 5;

    (void)state;
    for (int round = 0; round < 20; round++) {
        size_t count = 1 + (size_t)rand_r(&seed) % MANY;
        struct bounds kept = {0};
        struct metric_bounds exact, coarse;
        struct metric_summary found, wanted;

        for (size_t i = 0; i < count; i++) {
            int64_t from = draw_ns(&seed), to = from + (rand_r(&seed) % 2 ? draw_ns(&seed) : 0);

            bounds_add(&kept, from, to);
            low[i] = clock_seconds(0, from);
            high[i] = clock_seconds(0, to);
        }
        wanted = bounds_summary(low, high, count, &exact);
        found = bounds_conclude(&kept, &coarse);
        assert_int_equal(found.count, count);
        for (int i = 0; i < METRIC_QUANTILES; i++) {
            expect_close("low", coarse.low[i], exact.low[i], -1);
            expect_close("high", coarse.high[i], exact.high[i], 1);
        }
        assert_true(isnan(found.mean) == isnan(wanted.mean));
        assert_true(isnan(found.mean) || fabs(found.mean / wanted.mean - 1) < 1e-9);
        expect_number("most", found.most, wanted.most);
        expect_number("least", found.least, wanted.least);
        bounds_clear(&kept);
    }
}

static void test_longer_than_any_bucket(void **state)
{
    struct bounds kept = {0};
    struct metric_bounds bounds;
    struct metric_summary found;

    (void)state;
    bounds_add(&kept, INT64_C(20000) * CLOCK_NS_PER_S, INT64_C(20000) * CLOCK_NS_PER_S);
    bounds_add(&kept, -5, -7);
    found = bounds_conclude(&kept, &bounds);
    expect_number("most", found.most, 20000);
    expect_number("least", found.least, 0);
    expect_true("p99", bounds.low[6] <= 19800.1 && bounds.high[6] >= 19799.9);
    bounds_clear(&kept);
    assert_int_equal(bounds_conclude(&kept, &bounds).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds_hold_and_are_reached),
        cmocka_unit_test(test_a_number_only_where_bounds_agree),
        cmocka_unit_test(test_exact_values_are_as_ever),
        cmocka_unit_test(test_one_that_is_not_known_hides_only_what_it_decides),
        cmocka_unit_test(test_any_number_of_them_has_bounds_little_wider),
        cmocka_unit_test(test_longer_than_any_bucket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
