/* What a study would show, beside textbook values and beside draws. */
#include "stats/prospect.h"

#include <math.h>

#include "core/random.h"
#include "stats/distribution.h"
#include "stats/replicate.h"
#include "support.h"

/* Without a spread of its own it is what replicate.h promises. */
static void test_a_switch_that_does_not_vary_is_found_as_ever(void **state)
{
    static const size_t visits[] = {1, 2, 3, 4, 7, 12, 40};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(visits); i++) {
        for (double df = 4; df < 400; df *= 3)
            expect_number("smallest", prospect_smallest(2, 0, df, visits[i], 0.01 / 5),
                          2 * replicate_smallest(INFINITY, df, visits[i], 0.01 / 5));
    }
}

/* By the normal's quantiles: 2.326348 (.01), 0.841621 (.20). One visit, a switch S with
 * S = 2.326348 + 0.841621 √(1 + (share S)²). */
static void test_one_visit_by_the_normal_distribution(void **state)
{
    static const struct {
        double share, wanted;
    } cases[] = {{0, 3.167969}, {0.2, 3.338316}, {0.5, 4.335563}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double s = prospect_smallest(1, cases[i].share, INFINITY, 1, 0.01);
        double again = 2.326348 + 0.841621 * sqrt(1 + pow(cases[i].share * s, 2));

        assert_float_equal(s, again, 1e-5);
        assert_float_equal(s, cases[i].wanted, 2e-6);
    }
    assert_true(isinf(prospect_smallest(1, 1.2, INFINITY, 1, 0.01)));
}

/* How often the visits find a switch as large as that, drawn: 80 %, within the 99.9 % binomial
 * interval of 20,000 (± 0.93 %). */
static void test_so_large_a_switch_is_found_in_80_of_100_draws(void **state)
{
    static const struct {
        size_t visits;
        double share;
    } cases[] = {{1, 0.2}, {1, 0.5}, {2, 0.2}, {2, 0.5}};
    enum { DRAWS = 20000 };
    const double level = 0.002;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double s = prospect_smallest(1, cases[i].share, INFINITY, cases[i].visits, level);
        size_t k = replicate_needed(cases[i].visits), found = 0;
        const uint64_t key[] = {0x70726f, i};
        double bound = distribution_t_quantile_above(
            distribution_binomial_share(k, cases[i].visits, level), INFINITY);
        struct random random;

        random_init(&random, key, 2);
        for (int draw = 0; draw < DRAWS; draw++) {
            size_t above = 0;

            for (size_t v = 0; v < cases[i].visits; v++)
                above +=
                    s * (1 + cases[i].share * random_normal(&random)) + random_normal(&random) >
                    bound;
            found += above >= k;
        }
        if (fabs((double)found / DRAWS - 0.8) > 0.0093)
            fail_msg("%zu visits, share %g: found in %zu of %d", cases[i].visits, cases[i].share,
                     found, DRAWS);
    }
}

/* t by tables: .975 of 2, 3, 4, 9 and 19 degrees of freedom. */
static void test_the_half_width_is_that_of_a_t_interval(void **state)
{
    static const struct {
        double share, visits, groups, wanted;
    } cases[] = {
        {0.1, 2, 3, 4.302653 * 0.1 / M_SQRT2},
        {0.1, 2, 4, 3.182446 * 0.1 / M_SQRT2},
        {0.2, 2, 5, 2.776445 * 0.2 / M_SQRT2},
        {0.2, 3, 5, 2.262157 * 0.2 / 1.7320508},
        {0.2, 5, 5, 2.093024 * 0.2 / 2.2360680},
        {0.2, 2, 2, INFINITY}, /* one degree of freedom */
        {0.2, 1, 9, INFINITY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double half = prospect_half_width(cases[i].share, cases[i].visits, cases[i].groups, 0.95);

        if (isinf(cases[i].wanted))
            assert_true(isinf(half));
        else
            assert_float_equal(half, cases[i].wanted, 1e-6);
    }
    assert_true(prospect_half_width(0.2, 3, 5, 1 - 0.05 / 12) >
                1.5 * prospect_half_width(0.2, 3, 5, 0.95));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_switch_that_does_not_vary_is_found_as_ever),
        cmocka_unit_test(test_one_visit_by_the_normal_distribution),
        cmocka_unit_test(test_so_large_a_switch_is_found_in_80_of_100_draws),
        cmocka_unit_test(test_the_half_width_is_that_of_a_t_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
