/* Spread, replicates and families at their edges, against published tables. */
#include "stats/family.h"
#include "stats/replicate.h"

#include "stats/distribution.h"
#include "support.h"

enum { MOST = 15 };

static const struct spread_used spread = {0.1, 20};

static struct switch_side side_of(double exposed, double steady)
{
    return (struct switch_side){
        .exposed_s = exposed, .steady_s = steady, .steady = 4, .log_ratio = log(exposed / steady)};
}

/* Visits that cost so much on top of 0.2 s. */
static struct switch_estimate combined(const double *cost, size_t count)
{
    struct replicate replicate[MOST];
    struct switch_estimate into = {0};

    for (size_t i = 0; i < count; i++) {
        struct switch_side side = side_of(0.2 + cost[i], 0.2);

        replicate[i] = replicate_judge(&side, spread);
    }
    replicate_combine(replicate, count, spread, REPLICATE_SLOW_SHARE, 0.95, &into);
    return into;
}

/* Student's table for 20 degrees: 1.325, 1.725, 2.086, 2.528, 3.552; above what takes 8 ms more. */
static void test_the_p_of_a_visit_is_in_students_table(void **state)
{
    static const double t[] = {1.325, 1.725, 2.086, 2.528, 3.552};
    static const double p[] = {0.10, 0.05, 0.025, 0.01, 0.001};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct switch_side side = side_of(0.208 * exp(t[i] * 0.1 * sqrt(1.25)), 0.2);

        if (fabs(replicate_judge(&side, spread).p / p[i] - 1) > 0.003)
            fail_msg("%g: %g", p[i], replicate_judge(&side, spread).p);
    }
}

/* Binomial table, 5 %: three of twelve or more 1.96 %, of thirteen 2.45 %. */
static void test_of_thirteen_visits_a_fourth_must_stand_out(void **state)
{
    static const size_t n[] = {5, 12, 13}, k[] = {3, 3, 4};
    static const double by[] = {1, 2, 2}; /* half of twelve is looked at too */
    double cost[MOST];

    (void)state;
    for (size_t i = 0; i < MOST; i++)
        cost[i] = i < 4 ? 0.08 - 0.004 * (double)i : 0;
    for (size_t i = 0; i < COUNT_OF(n); i++) {
        struct switch_side side = side_of(0.2 + cost[k[i] - 1], 0.2);
        double p =
            by[i] * distribution_binomial_at_least(k[i], n[i], replicate_judge(&side, spread).p);

        if (fabs(combined(cost, n[i]).p / p - 1) > 1e-6)
            fail_msg("%zu visits: %g, not %g", n[i], combined(cost, n[i]).p, p);
    }
}

static void test_an_adjusted_p_ends_at_one_and_the_level_is_in(void **state)
{
    struct switch_estimate wide[] = {{.p = 0.6}, {.p = 0.7}}, edge = {.p = 0.01, .smallest_s = 9};
    struct family family = {0};

    (void)state;
    family_add(&family, &wide[0], 1);
    family_add(&family, &wide[1], 1);
    family_conclude(&family, REPLICATE_LEVEL);
    expect_number("twice 0.6", wide[0].p_adjusted, 1);
    expect_number("not below", wide[1].p_adjusted, 1);
    family_add(&family, &edge, 1);
    family_conclude(&family, REPLICATE_LEVEL);
    assert_int_equal(edge.verdict, SWITCH_DETECTED);
}

/* Two rows of 20 degrees, one with r times the other's variance. Bartlett: (40 ln((1 + r) ÷ 2) −
 * 20 ln r) ÷ 1.025, so r = 4 gives 8.7 (0.3 %), and r = 5.5 gives 12.7 (0.04 %). */
static void test_rows_are_unlike_at_one_in_a_thousand(void **state)
{
    static const struct {
        double r;
        bool unequal;
    } cases[] = {{1, false}, {4, false}, {5.5, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct switch_side one = {.steady = 21, .log_squares = 0.2};
        struct switch_side other = {.steady = 21, .log_squares = 0.2 * cases[i].r};
        struct switch_side three = {.steady = 4, .log_squares = 0.03};
        struct switch_side four = {.steady = 5, .log_squares = 0.04};
        struct spread rows;

        spread_init(&rows, 4);
        spread_add(&rows, 0, &one);
        spread_add(&rows, 1, &other);
        spread_judge(&rows);
        expect_true("by r", rows.unequal == cases[i].unequal);
        rows.unequal = true; /* a row's own spread is taken from four degrees on */
        spread_add(&rows, 2, &three);
        spread_add(&rows, 3, &four);
        expect_number("four", spread_of_row(&rows, 3).df, 4);
        expect_true("three", cases[i].r <= 1 || spread_of_row(&rows, 2).df == 47);
        spread_clear(&rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_p_of_a_visit_is_in_students_table),
        cmocka_unit_test(test_of_thirteen_visits_a_fourth_must_stand_out),
        cmocka_unit_test(test_an_adjusted_p_ends_at_one_and_the_level_is_in),
        cmocka_unit_test(test_rows_are_unlike_at_one_in_a_thousand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
