/* Where a load stops to keep its limit, from steps whose curve is known. */
#include "stats/load_curve.h"

#include "support.h"

static double logistic(double z)
{
    return 1 / (1 + exp(-z));
}

/* A step whose share is the curve's own. */
static struct trial step_at(double load, double truth, double slope, double share, size_t calls,
                            double inflation)
{
    double p = logistic(log(share / (1 - share)) - slope * log(load / truth));

    return (struct trial){.load = load,
                          .calls = calls,
                          .good = (size_t)round(p * (double)calls),
                          .inflation = inflation,
                          .alike = inflation,
                          .growth = NAN,
                          .growth_error = NAN};
}

/* The error of x by a curve of known slope: 1 ÷ (slope · √(n p q ÷ inflation)) in ln(load). */
static void test_the_load_and_its_interval(void **state)
{
    static const struct {
        double truth, slope, share, inflation;
        size_t calls;
    } cases[] = {
        {10, 8, 0.95, 1, 2000},
        {10, 8, 0.95, 4, 8000},
        {0.7, 20, 0.9, 1, 1000},
        {150, 5, 0.99, 1, 20000},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double truth = cases[i].truth, share = cases[i].share;
        struct trial trial[5];
        struct load_estimate found;
        double error = 1 / (cases[i].slope * sqrt(5 * (double)cases[i].calls * share * (1 - share) /
                                                  cases[i].inflation));
        double width;

        for (int k = 0; k < 5; k++)
            trial[k] = step_at(truth * (0.96 + 0.02 * k), truth, cases[i].slope, share,
                               cases[i].calls, cases[i].inflation);
        found = load_curve_fit(trial, 5, share, false, (struct load_window){truth / 2, truth * 2});
        width = log(found.high / found.low) / 2 / 1.645;
        if (!(fabs(found.load / truth - 1) < 0.01 + error / 2))
            fail_msg("case %zu: %g, not %g", i, found.load, truth);
        if (!(width > 0.8 * error && width < 2.5 * error))
            fail_msg("case %zu: ± %g, not %g", i, width, error);
        assert_true(found.low < found.load && found.load < found.high);
    }
}

/* A few requests that fail at any load do not make the load that keeps the limit lower. */
static void test_a_lapse_is_no_load(void **state)
{
    struct trial trial[6];
    struct load_estimate found;

    (void)state;
    for (int k = 0; k < 6; k++) {
        trial[k] = step_at(7 + k, 10, 30, 0.97 / 0.99 * 0.98, 4000, 1);
        trial[k].good = (size_t)((double)trial[k].good * 0.98);
    }
    found = load_curve_fit(trial, 6, 0.95, false, (struct load_window){5, 20});
    assert_true(found.low < 10.6 && found.high > 9.6);
}

/* Two steps at which all calls are good and bad: anywhere between is as likely. */
static void test_between_two_steps(void **state)
{
    struct trial trial[2] = {step_at(8, 9, 200, 0.95, 2000, 1), step_at(16, 9, 200, 0.95, 2000, 1)};
    struct load_estimate found =
        load_curve_fit(trial, 2, 0.95, false, (struct load_window){8 / 1.3, 16 * 1.3});

    (void)state;
    assert_true(found.low > 7.5 && found.low < 9 && found.high > 13.5 && found.high < 16.8);
}

/* What the endpoint carries, c: in flight grows by 1 − c ÷ load. */
static void test_what_grows_tells_what_is_carried(void **state)
{
    struct trial trial[3] = {step_at(8, 1e6, 8, 0.95, 1000, 1), step_at(16, 1e6, 8, 0.95, 1000, 1),
                             step_at(12, 1e6, 8, 0.95, 1000, 1)};
    struct load_estimate found;

    (void)state;
    for (int i = 0; i < 3; i++) {
        trial[i].growth = fmax(0, 1 - 10 / trial[i].load);
        trial[i].growth_error = 0.02;
        trial[i].growing = trial[i].growth > 0;
    }
    found = load_curve_fit(trial, 3, 0.95, true, (struct load_window){8 / 1.3, 16 * 1.3});
    if (!(fabs(found.load / 10 - 1) < 0.03))
        fail_msg("%g (%g to %g)", found.load, found.low, found.high);
    if (!(found.low > 9.2 && found.low < 10 && found.high > 10 && found.high < 10.8))
        fail_msg("%g to %g", found.low, found.high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_load_and_its_interval),
        cmocka_unit_test(test_a_lapse_is_no_load),
        cmocka_unit_test(test_between_two_steps),
        cmocka_unit_test(test_what_grows_tells_what_is_carried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
