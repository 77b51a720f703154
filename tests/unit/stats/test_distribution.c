/* Distributions against published tables and identities. */
#include "stats/distribution.h"

#include "support.h"

static void expect_near(const char *name, double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("%s: %.15g, not %.15g", name, actual, expected);
}

/* Critical values of any table of Student's t; one degree is Cauchy's distribution. */
static void test_students_t(void **state)
{
    static const struct {
        double df, p, t;
    } cases[] = {
        {1, 0.01, 31.820515953773958}, {1, 0.25, 1},
        {2, 0.025, 4.302652729911275}, {4, 0.005, 4.604094871415897},
        {20, 0.01, 2.52797700},        {20, 0.2, 0.859964439732408},
        {30, 0.025, 2.04227246},       {120, 0.05, 1.65765090},
        {INFINITY, 0.025, 1.95996398}, {7.5, 0.5, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_near("quantile", distribution_t_quantile_above(cases[i].p, cases[i].df), cases[i].t,
                    1e-8 * fmax(1, cases[i].t));
        expect_near("tail", distribution_t_above(cases[i].t, cases[i].df), cases[i].p, 1e-9);
        expect_near("other tail", distribution_t_above(-cases[i].t, cases[i].df), 1 - cases[i].p,
                    1e-9);
    }
    expect_near("far out", distribution_t_above(1e6, 10), 0, 1e-50);
    expect_near("at infinity", distribution_t_above(INFINITY, 3), 0, 0);
}

static void test_binomial_tails(void **state)
{
    (void)state;
    expect_near("none", distribution_binomial_at_least(0, 5, 0.1), 1, 0);
    expect_near("more than there are", distribution_binomial_at_least(6, 5, 0.9), 0, 0);
    expect_near("all", distribution_binomial_at_least(3, 3, 0.2), 0.008, 1e-14);
    expect_near("two of three", distribution_binomial_at_least(2, 3, 0.05), 0.00725, 1e-14);
    expect_near("one of four", distribution_binomial_at_least(1, 4, 0.01), 1 - pow(0.99, 4), 1e-14);
    expect_near("never", distribution_binomial_at_least(2, 3, 0), 0, 0);
}

/* Two degrees are an exponential distribution. */
static void test_chi_square(void **state)
{
    (void)state;
    expect_near("two", distribution_chi_square_above(9.21034, 2), 0.01, 0.002);
    expect_near("ten", distribution_chi_square_above(23.2093, 10), 0.01, 0.0005);
    expect_near("ten", distribution_chi_square_above(9.34182, 10), 0.5, 0.001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_students_t),
        cmocka_unit_test(test_binomial_tails),
        cmocka_unit_test(test_chi_square),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
