/* Steps in series whose steps are known. */
#include "stats/changes.h"

#include <math.h>

#include "core/random.h"
#include "support.h"

enum { MOST = 64 };

/* Normal values of mean 10 and deviation 1, with steps of so many deviations behind them. */
static void make(double *value, size_t count, uint64_t seed, const size_t *at, const double *step,
                 size_t steps)
{
    const uint64_t key[] = {seed, 77};
    struct random random;

    random_init(&random, key, 2);
    for (size_t i = 0; i < count; i++) {
        value[i] = 10 + random_normal(&random);
        for (size_t k = 0; k < steps; k++)
            value[i] += i >= at[k] ? step[k] : 0;
    }
}

/* 300 series at 0.05 show 15 steps, and at four standard deviations of that 30. */
static void test_series_without_a_step_show_one_as_seldom_as_asked(void **state)
{
    struct change change[MOST];
    double value[MOST];
    size_t shown = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        make(value, 16, seed, NULL, NULL, 0);
        shown += changes_find(value, 16, 0.05, change) > 0;
    }
    assert_in_range(shown, 2, 30);
}

/* A step of three deviations between two runs of eight values. */
static void test_a_clear_step_is_found_where_it_is(void **state)
{
    static const size_t at[] = {8};
    static const double step[] = {3};
    struct change change[MOST];
    double value[MOST];
    size_t found = 0, placed = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        size_t changes;

        make(value, 16, seed, at, step, 1);
        changes = changes_find(value, 16, 0.05, change);
        found += changes > 0;
        for (size_t i = 0; i < changes; i++) {
            assert_true(change[i].p <= 0.05);
            placed += change[i].at >= 7 && change[i].at <= 9 && change[i].after > change[i].before;
        }
    }
    assert_in_range(found, 95, 100);
    assert_in_range(placed, 90, 100);
}

static void test_two_steps_are_two_with_the_means_between_them(void **state)
{
    static const size_t at[] = {12, 24};
    static const double step[] = {4, -6};
    struct change change[MOST];
    double value[MOST];

    (void)state;
    make(value, 40, 5, at, step, 2);
    assert_int_equal(changes_find(value, 40, 0.01, change), 2);
    assert_int_equal(change[0].at, 12);
    assert_int_equal(change[1].at, 24);
    assert_true(fabs(change[0].before - 10) < 1 && fabs(change[0].after - 14) < 1);
    assert_true(change[1].before == change[0].after && fabs(change[1].after - 8) < 1);
}

static void test_what_is_no_step(void **state)
{
    static const struct {
        const char *name;
        double value[12];
        size_t count, steps;
    } cases[] = {
        {"nothing", {0}, 0, 0},
        {"one", {1}, 1, 0},
        {"too few for any", {1, 1, 1, 9, 9, 9, 9}, 7, 0},
        {"four and four", {1, 1.1, 1.2, 1.3, 9, 9.1, 9.2, 9.3}, 8, 1},
        {"all the same", {3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, 10, 0},
        {"one odd value", {1, 2, 1, 2, 1, 2, 900, 1, 2, 1, 2, 1}, 12, 0},
        {"up and down", {1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, 12, 0},
        {"equal values on both sides", {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2}, 12, 1},
    };
    struct change change[MOST];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].name,
                    changes_find(cases[i].value, cases[i].count, 0.05, change) == cases[i].steps);
}

/* Of four and four values, 70 ways to part them, two are as far as the step: 2 ÷ 70. */
static void test_a_probability_is_what_counting_gives(void **state)
{
    static const double value[] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct change change[MOST];

    (void)state;
    assert_int_equal(changes_find(value, 8, 0.05, change), 1);
    assert_int_equal(change[0].at, 4);
    assert_true(fabs(change[0].p - 2.0 / 70) < 0.006);
    assert_true(change[0].before == 2.5 && change[0].after == 6.5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_without_a_step_show_one_as_seldom_as_asked),
        cmocka_unit_test(test_a_clear_step_is_found_where_it_is),
        cmocka_unit_test(test_two_steps_are_two_with_the_means_between_them),
        cmocka_unit_test(test_what_is_no_step),
        cmocka_unit_test(test_a_probability_is_what_counting_gives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
