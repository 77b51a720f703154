/* How much TTFTs vary: pooled, and where rows are too unlike for that. */
#include "stats/spread.h"

#include "support.h"

static struct switch_side side_of(size_t steady, double squares)
{
    return (struct switch_side){.steady = steady, .log_squares = squares};
}

static void test_rows_share_one_spread(void **state)
{
    struct switch_side first = side_of(5, 0.04), second = side_of(3, 0.02), lone = side_of(1, 0);
    struct spread spread;
    struct spread_used used;

    (void)state;
    spread_init(&spread, 3);
    expect_true("nothing yet", isnan(spread_of_row(&spread, 0).deviation));
    spread_add(&spread, 0, &first);
    spread_add(&spread, 1, &second);
    spread_add(&spread, 2, &lone); /* has no deviation of its own */
    spread_judge(&spread);
    used = spread_of_row(&spread, 2);
    expect_number("degrees", used.df, 6);
    expect_number("deviation", used.deviation, 0.1);
    expect_true("alike", !spread.unequal);
    spread_clear(&spread);
}

/* Deviations of 0.01 and 0.1 with 20 degrees each. */
static void test_rows_too_unlike_stand_for_themselves(void **state)
{
    struct switch_side quiet = side_of(21, 20 * 1e-4), loud = side_of(21, 20 * 1e-2);
    struct switch_side few_quiet = side_of(3, 2 * 1e-4), few_loud = side_of(3, 2 * 0.04);
    struct spread spread;
    double pooled = sqrt((20 * 1e-4 + 20 * 1e-2 + 2 * 1e-4 + 2 * 0.04) / 44);

    (void)state;
    spread_init(&spread, 4);
    spread_add(&spread, 0, &quiet);
    spread_add(&spread, 1, &loud);
    spread_add(&spread, 2, &few_quiet);
    spread_add(&spread, 3, &few_loud);
    spread_judge(&spread);
    expect_true("unlike", spread.unequal);
    expect_number("quiet", spread_of_row(&spread, 0).deviation, 0.01);
    expect_number("loud", spread_of_row(&spread, 1).deviation, 0.1);
    expect_number("degrees", spread_of_row(&spread, 1).df, 20);
    expect_number("too few to be that quiet", spread_of_row(&spread, 2).deviation, pooled);
    expect_number("few, but loud", spread_of_row(&spread, 3).deviation, 0.2);
    spread_clear(&spread);
}

/* Bartlett's test needs two rows that vary. */
static void test_rows_that_do_not_vary_say_nothing_of_others(void **state)
{
    struct switch_side still = side_of(9, 0), moving = side_of(9, 8 * 0.01);
    struct spread spread;

    (void)state;
    spread_init(&spread, 2);
    spread_add(&spread, 0, &still);
    spread_add(&spread, 1, &moving);
    spread_judge(&spread);
    expect_true("not judged", !spread.unequal);
    spread_clear(&spread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_share_one_spread),
        cmocka_unit_test(test_rows_too_unlike_stand_for_themselves),
        cmocka_unit_test(test_rows_that_do_not_vary_say_nothing_of_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
