/* Rates that go from one value to another. */
#include "traffic/ramp.h"

#include "support.h"

/* Counts Λ(t) by hand. */
static void test_counts_are_the_integral_of_the_rate(void **state)
{
    static const struct {
        const char *name;
        struct ramp ramp;
        double at_s, count;
    } cases[] = {
        {"begin", {ROW_RAMP_LINEAR, 2, 6, 10}, 0, 0},
        {"half way", {ROW_RAMP_LINEAR, 2, 6, 10}, 5, 15},
        {"end", {ROW_RAMP_LINEAR, 2, 6, 10}, 10, 40},
        {"behind", {ROW_RAMP_LINEAR, 2, 6, 10}, 12, 52},
        {"down", {ROW_RAMP_LINEAR, 6, 2, 10}, 5, 25},
        {"level", {ROW_RAMP_LINEAR, 3, 3, 10}, 7, 21},
        {"doubling", {ROW_RAMP_EXPONENTIAL, 1, 2, 10}, 10, 14.426950408889635}, /* 10 / ln 2 */
        {"half way", {ROW_RAMP_EXPONENTIAL, 1, 2, 10}, 5, 5.975838523046157},
        {"halving", {ROW_RAMP_EXPONENTIAL, 2, 1, 10}, 10, 14.426950408889635},
        {"behind", {ROW_RAMP_EXPONENTIAL, 2, 1, 10}, 11, 15.426950408889635},
        {"level", {ROW_RAMP_EXPONENTIAL, 3, 3, 10}, 7, 21},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].name,
                    fabs(ramp_count(&cases[i].ramp, cases[i].at_s) - cases[i].count) < 1e-9);
}

static void test_moments_are_the_inverse_of_counts(void **state)
{
    static const double rates[] = {1e-3, 0.5, 1, 1.0000001, 20, 1e4};

    (void)state;
    for (size_t from = 0; from < COUNT_OF(rates); from++) {
        for (size_t to = 0; to < COUNT_OF(rates); to++) {
            for (int shape = ROW_RAMP_LINEAR; shape <= ROW_RAMP_EXPONENTIAL; shape++) {
                struct ramp ramp = {(enum row_ramp)shape, rates[from], rates[to], 60};
                char *name =
                    memory_printf("%g to %g, %s", ramp.from, ramp.to, row_ramp_names[shape]);

                for (double at_s = 0; at_s < 90; at_s += 1.7)
                    expect_true(name, fabs(ramp_moment(&ramp, ramp_count(&ramp, at_s)) - at_s) <
                                          1e-6 * (1 + at_s));
                free(name);
            }
        }
    }
}

/* Over its time where it has one, else over that of its requests. */
static void test_a_row_has_its_ramp(void **state)
{
    static const struct {
        const char *name;
        struct row row;
        double over_s;
    } cases[] = {
        {"time", {.qps = 2, .qps_end = 6, .num_requests = 8, .duration_s = 30}, 30},
        {"requests", {.qps = 2, .qps_end = 6, .num_requests = 40}, 10},
        {"exponential",
         {.qps = 1, .qps_end = 2, .num_requests = 100, .qps_ramp = ROW_RAMP_EXPONENTIAL},
         69.314718055994531}, /* 100 ln 2 */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ramp ramp = ramp_of(&cases[i].row);

        expect_number(cases[i].name, ramp.over_s, cases[i].over_s);
        expect_true(cases[i].name, ramp.from == cases[i].row.qps);
        expect_true(cases[i].name, ramp.to == cases[i].row.qps_end);
        expect_true(cases[i].name, ramp.shape == cases[i].row.qps_ramp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_the_integral_of_the_rate),
        cmocka_unit_test(test_moments_are_the_inverse_of_counts),
        cmocka_unit_test(test_a_row_has_its_ramp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
