/* Switches of two releases: what one costs, how often it is paid, and seconds per visit, where
 * nothing is a value too. */
#include "stats/comparison_switch.h"

#include "stats/distribution.h"
#include "support.h"

static struct comparison_asked asked_with(double margin)
{
    return (struct comparison_asked){.lower_is_better = true, .margin = margin, .confidence = 0.95};
}

static void test_values(void **state)
{
    const struct comparison_visits some = {3, 1, 0, 0.2, 0.01, 5}, none = {0, 4, 0, NAN, NAN, NAN};
    const struct comparison_visits untold = {0, 0, 0, NAN, NAN, NAN};

    (void)state;
    expect_number("share", comparison_paid_share(&some), 0.75);
    expect_number("per visit", comparison_per_visit(&some), 0.15);
    expect_number("no share", comparison_paid_share(&none), 0);
    expect_number("nothing per visit", comparison_per_visit(&none), 0);
    expect_number("untold", comparison_paid_share(&untold), NAN);
    expect_number("untold per visit", comparison_per_visit(&untold), NAN);
}

/* Logarithms have errors of 0.1 and 0.05; Welch's df is 0.0125² ÷ (0.01² / 4 + 0.0025² / 10) =
 * 6.0976; and t of that is 2.43805 at 2.5 % (between the tables' 2.4469 for 6 and 2.3646 for 7). */
static void test_costs_have_the_ratio_of_estimates(void **state)
{
    const struct comparison_visits base = {5, 0, 0, 1, 0.1, 4},
                                   candidate = {11, 2, 0, 1.2, 0.06, 10};
    const struct comparison_visits none = {0, 4, 0, NAN, NAN, NAN};
    struct comparison_asked asked = asked_with(0.05);
    struct comparison comparison = comparison_of_costs(&base, &candidate, &asked);
    double t = distribution_t_quantile_above(0.025, 156.25 / 25.625);

    (void)state;
    expect_number("df", comparison.df, 156.25 / 25.625);
    expect_number("error", comparison.error, sqrt(0.0125));
    expect_number("change", comparison.change, 1.2);
    expect_number("low", comparison.low, 1.2 * exp(-t * sqrt(0.0125)));
    expect_number("high", comparison.high, 1.2 * exp(t * sqrt(0.0125)));
    expect_number("regressed", comparison.p_regressed,
                  distribution_t_above(log(1.2 / 1.05) / sqrt(0.0125), 156.25 / 25.625));
    assert_true(t > 2.3646 && t < 2.4469);
    assert_int_equal(comparison.unit, COMPARISON_VISITS);
    assert_true(comparison.units == 5 && !comparison.by_difference);
    assert_true(isnan(comparison_of_costs(&base, &none, &asked).base));
    assert_true(isnan(comparison_of_costs(&none, &base, &asked).base));
}

/* z of 3/3 and 0/3 is 1 ÷ √(0.25 × 2/3 × 6/5) = 2.2361. */
static void test_shares_are_held_by_a_score_test(void **state)
{
    const struct comparison_visits all = {3, 0, 0, 1, 0.1, 4}, none = {0, 3, 0, NAN, NAN, NAN};
    struct comparison_asked asked = asked_with(0.05);
    struct comparison gone = comparison_of_paid_shares(&all, &none, &asked);
    struct comparison come = comparison_of_paid_shares(&none, &all, &asked);

    (void)state;
    assert_true(gone.by_difference && gone.change == -1 && come.change == 1);
    expect_number("improved", gone.p_improved, distribution_t_above(sqrt(5), INFINITY));
    assert_int_equal(comparison_shows(&gone, gone.p_regressed, 0.95), COMPARISON_SHOWS_IMPROVEMENT);
    assert_int_equal(comparison_shows(&come, come.p_regressed, 0.95), COMPARISON_SHOWS_REGRESSION);
    assert_true(gone.low == -1 || fabs(gone.low + 1) < 1e-9);
    assert_true(gone.high < 0);
}

/* What is the same takes visits to be shown: so many of each side at so large a margin. */
static void test_the_same_is_shown_by_enough_visits(void **state)
{
    static const struct {
        const char *name;
        double paid, not_paid, margin;
        enum comparison_shown share, per_visit;
    } cases[] = {
        {"6 of 6 at 5", 6, 0, 0.05, COMPARISON_SHOWS_NOTHING, COMPARISON_SHOWS_NOTHING},
        {"6 of 6 at 50", 6, 0, 0.5, COMPARISON_SHOWS_WITHIN, COMPARISON_SHOWS_WITHIN},
        {"100 of 100 at 5", 100, 0, 0.05, COMPARISON_SHOWS_WITHIN, COMPARISON_SHOWS_WITHIN},
        {"0 of 6 at 5", 0, 6, 0.05, COMPARISON_SHOWS_NOTHING, COMPARISON_SHOWS_WITHIN},
        {"0 of 100 at 5", 0, 100, 0.05, COMPARISON_SHOWS_WITHIN, COMPARISON_SHOWS_WITHIN},
        {"30 of 60 at 5", 30, 30, 0.05, COMPARISON_SHOWS_NOTHING, COMPARISON_SHOWS_NOTHING},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct comparison_visits side = {
            cases[i].paid, cases[i].not_paid, 0, cases[i].paid > 0 ? 0.5 : NAN, 0.001, 20};
        struct comparison_asked asked = asked_with(cases[i].margin);
        struct comparison share = comparison_of_paid_shares(&side, &side, &asked);
        struct comparison visit = comparison_of_visits(&side, &side, &asked);

        expect_true(cases[i].name,
                    comparison_shows(&share, share.p_regressed, 0.95) == cases[i].share);
        expect_true(cases[i].name,
                    comparison_shows(&visit, visit.p_regressed, 0.95) == cases[i].per_visit);
    }
}

/* (3 + 1) ÷ (3 + 2) = 0.8 of a cost of 1 ± 0.1 against 0.2 of it: 0.8 ± √(0.16 / 5 + 0.08²), and
 * 0.2 ± √(0.16 / 5 + 0.02²), each with infinite df for the share and 4 for the cost. */
static void test_a_switch_that_vanished_is_improved(void **state)
{
    const struct comparison_visits all = {3, 0, 0, 1, 0.1, 4}, none = {0, 3, 0, NAN, NAN, NAN};
    struct comparison_asked asked = asked_with(0.05);
    struct comparison gone = comparison_of_visits(&all, &none, &asked);
    double before = 0.032 + 0.0064, now = 0.032 + 0.0004;
    double df_before = before * before / (0.0064 * 0.0064 / 4);
    double df_now = now * now / (0.0004 * 0.0004 / 4);
    double df = pow(before + now, 2) / (before * before / df_before + now * now / df_now);
    double half = sqrt(before + now) * distribution_t_quantile_above(0.025, df);

    (void)state;
    expect_number("error", gone.error, sqrt(before + now));
    expect_number("df", gone.df, df);
    expect_number("change", gone.change, -1);
    expect_number("low", gone.low, -0.6 - half);
    expect_number("high", gone.high, -0.6 + half);
    expect_number("regressed", gone.p_regressed,
                  distribution_t_above((0.2 - 1.05 * 0.8) / sqrt(now + 1.05 * 1.05 * before), df));
    assert_int_equal(comparison_shows(&gone, gone.p_regressed, 0.95), COMPARISON_SHOWS_IMPROVEMENT);
    gone = comparison_of_visits(&none, &all, &asked);
    assert_int_equal(comparison_shows(&gone, gone.p_regressed, 0.95), COMPARISON_SHOWS_REGRESSION);
}

/* 1 of 6, where one of the base's stood out alone: not the 4 of 6 against 0 of 5 that it seems. */
static void test_visits_that_could_not_be_told_are_taken_either_way(void **state)
{
    const struct comparison_visits seems = {0, 5, 1, NAN, NAN, NAN},
                                   none = {0, 6, 0, NAN, NAN, NAN};
    const struct comparison_visits one = {1, 5, 0, NAN, NAN, NAN}, some = {4, 2, 0, 1, 0.01, 20};
    struct comparison_asked asked = asked_with(0.05);
    struct comparison open = comparison_of_paid_shares(&seems, &some, &asked);
    struct comparison paid = comparison_of_paid_shares(&one, &some, &asked);
    struct comparison not_paid = comparison_of_paid_shares(&none, &some, &asked);
    struct comparison back = comparison_of_paid_shares(&some, &seems, &asked);

    (void)state;
    expect_number("base", open.base, 0);
    expect_number("change", open.change, 2.0 / 3);
    expect_number("as if it had paid", open.p_regressed, paid.p_regressed);
    expect_number("as if it had not", open.p_improved, not_paid.p_improved);
    assert_true(open.low == paid.low && open.high == not_paid.high && paid.low < not_paid.low);
    expect_number("as if it had", back.p_improved,
                  comparison_of_paid_shares(&some, &one, &asked).p_improved);
    open = comparison_of_visits(&seems, &some, &asked);
    expect_number("seconds", open.p_regressed,
                  comparison_of_visits(&one, &some, &asked).p_regressed);
    open = comparison_of_visits(&none, &seems, &asked);
    assert_int_equal(comparison_shows(&open, open.p_regressed, 0.95), COMPARISON_SHOWS_NOTHING);
    open = comparison_of_visits(&seems, &none, &asked);
    assert_int_equal(comparison_shows(&open, open.p_regressed, 0.95), COMPARISON_SHOWS_WITHIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_costs_have_the_ratio_of_estimates),
        cmocka_unit_test(test_shares_are_held_by_a_score_test),
        cmocka_unit_test(test_the_same_is_shown_by_enough_visits),
        cmocka_unit_test(test_a_switch_that_vanished_is_improved),
        cmocka_unit_test(test_visits_that_could_not_be_told_are_taken_either_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
