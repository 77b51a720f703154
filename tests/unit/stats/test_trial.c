/* One step of a search: the test's error by every way that independent calls can go, how alike
 * calls are against what textbooks say, and what is in flight against queues by hand. */
#include "stats/trial.h"

#include "core/random.h"
#include "support.h"

/* ln 0.05 ÷ ln 0.95 = 58.4: Wilks' number (1941). */
static void test_the_least_is_wilks_number(void **state)
{
    (void)state;
    assert_int_equal(trial_least(0.95), 59);
    assert_int_equal(trial_least(0.90), 29);
    assert_int_equal(trial_least(0.99), 299);
    assert_int_equal(trial_least(0.5), 5);
}

enum { CALLS = 1500 };

/* The probability that the test ever says so of calls that keep the limit with probability `p`,
 * over all ways that CALLS of them can go, looked at after each. */
static double ever(enum trial_verdict wanted, double p, double share, double *calls)
{
    static double mass[CALLS + 1], next[CALLS + 1];
    double said = 0;

    memset(mass, 0, sizeof mass);
    mass[0] = 1;
    *calls = 0;
    for (size_t n = 1; n <= CALLS; n++) {
        memset(next, 0, sizeof next);
        for (size_t good = 0; good < n; good++) {
            next[good] += mass[good] * (1 - p);
            next[good + 1] += mass[good] * p;
        }
        for (size_t good = 0; good <= n; good++) {
            enum trial_verdict verdict =
                next[good] > 0 ? trial_test(good, n, 1, share) : TRIAL_OPEN;

            if (verdict == TRIAL_OPEN)
                continue;
            said += verdict == wanted ? next[good] : 0;
            *calls += next[good] * (double)n;
            next[good] = 0;
        }
        memcpy(mass, next, sizeof mass);
    }
    return said;
}

/* At the share itself either verdict is wrong, and so is each that is on its far side. */
static void test_errors_are_held_however_often_it_is_looked_at(void **state)
{
    static const double shares[] = {0.9, 0.95, 0.99};
    double calls;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        double share = shares[i];

        assert_true(ever(TRIAL_KEPT, share, share, &calls) <= trial_error);
        assert_true(ever(TRIAL_BROKEN, share, share, &calls) <= trial_error);
        assert_true(ever(TRIAL_KEPT, 1 - 1.5 * (1 - share), share, &calls) <= trial_error / 2);
        assert_true(ever(TRIAL_BROKEN, 1 - (1 - share) / 1.5, share, &calls) <= trial_error / 2);
    }
}

/* It is no test that never says anything. */
static void test_what_is_clear_is_told_soon(void **state)
{
    double calls;

    (void)state;
    assert_true(ever(TRIAL_KEPT, 1, 0.95, &calls) > 0.999);
    assert_true(calls <= 1.3 * (double)trial_least(0.95));
    assert_true(ever(TRIAL_BROKEN, 0, 0.95, &calls) > 0.999);
    assert_true(calls <= 3);
    assert_true(ever(TRIAL_KEPT, 0.99, 0.95, &calls) > 0.99 && calls < 250);
    assert_true(ever(TRIAL_BROKEN, 0.8, 0.95, &calls) > 0.99 && calls < 60);
}

/* Calls that are alike tell less. */
static void test_inflation_asks_for_more(void **state)
{
    (void)state;
    assert_int_equal(trial_test(100, 100, 1, 0.95), TRIAL_KEPT);
    assert_int_equal(trial_test(100, 100, 4, 0.95), TRIAL_OPEN);
    assert_int_equal(trial_test(400, 400, 4, 0.95), TRIAL_KEPT);
    assert_int_equal(trial_test(0, 4, 1, 0.95), TRIAL_BROKEN);
    assert_int_equal(trial_test(0, 4, 16, 0.95), TRIAL_OPEN);
    assert_int_equal(trial_test(0, 0, 1, 0.95), TRIAL_OPEN);
}

/* A chain that keeps `kept` of its value each time: (1 + kept) ÷ (1 − kept). */
static void test_inflation_of_a_chain_is_the_textbooks(void **state)
{
    static const double kepts[] = {0, 0.5, 0.8};
    enum { VALUES = 60000 };
    double *value = memory_new(VALUES, sizeof *value);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kepts); i++) {
        const uint64_t key[] = {11, i};
        double expected = (1 + kepts[i]) / (1 - kepts[i]), now = 0, seen = 0;
        struct random random;

        random_init(&random, key, 2);
        for (size_t k = 0; k < VALUES; k++)
            value[k] = now = kepts[i] * now + random_normal(&random);
        for (size_t k = 0; k < VALUES; k += 6000)
            seen += trial_inflation(value + k, 6000, k % 12000 == 0) / 10;
        if (!(seen > 0.85 * expected && seen < 1.6 * expected))
            fail_msg("kept %g: %g, not %g", kepts[i], seen, expected);
        assert_true(trial_inflation(value, 15, false) == 1);
    }
    for (size_t k = 0; k < VALUES; k++)
        value[k] = 3;
    assert_true(trial_inflation(value, 100, true) == 1);
    free(value);
}

/* --- Looks ------------------------------------------------------------------------------------ */

enum { SENT = 400, WARMUP = 40 };

/* A call each `gap_s`, one at a time, each of `service_s`. */
static void serve(double gap_s, double service_s, double limit_s, struct trial_call *call)
{
    double free_s = 0;

    for (int i = 0; i < SENT; i++) {
        double sent_s = i * gap_s, begin_s = fmax(sent_s, free_s);

        free_s = begin_s + service_s;
        call[i] = (struct trial_call){sent_s, free_s, (free_s - sent_s) / limit_s, i >= WARMUP};
    }
}

static void test_a_look_counts_what_counts(void **state)
{
    const struct trial_rule rule = {.share = 0.95, .open_loop = true, .resolution = 0.05};
    struct trial_call call[SENT];
    struct trial trial = {0};

    (void)state;
    serve(1, 0.5, 1, call);
    call[100].margin = 1.5;
    call[WARMUP - 1].margin = INFINITY;
    trial_look(&rule, call, SENT, &trial);
    assert_int_equal(trial.calls, SENT - WARMUP);
    assert_int_equal(trial.good, SENT - WARMUP - 1);
    assert_int_equal(trial.verdict, TRIAL_KEPT);
    assert_false(trial.growing);
    assert_true(trial.in_flight == 0 && trial.growth == 0);
    expect_number("throughput", trial.throughput, 1);
}

/* With a tenth more than it can do, one in eleven calls more is in flight with each that comes. */
static void test_what_grows_is_seen(void **state)
{
    const struct trial_rule rule = {.share = 0.95, .open_loop = true, .resolution = 0.05};
    struct trial_call call[SENT];
    struct trial trial = {0};

    (void)state;
    serve(1, 1.1, 1e6, call);
    trial_look(&rule, call, SENT, &trial);
    assert_true(trial.growing && trial.verdict == TRIAL_BROKEN);
    assert_true(fabs(trial.growth - (1 - 1 / 1.1)) < 0.01);
    assert_int_equal(trial.good, trial.calls);
    serve(1, 0.75, 1e6, call);
    trial_look(&rule, call, SENT, &trial);
    assert_true(!trial.growing && trial.verdict == TRIAL_KEPT);
}

/* Where saturation alone is looked for, a step is kept once it is known not to grow. */
static void test_saturation_needs_what_is_in_flight_known(void **state)
{
    struct trial_rule rule = {
        .share = 0.95, .open_loop = true, .saturation = true, .resolution = 0.05};
    struct trial_call call[SENT];
    struct trial trial = {0};

    (void)state;
    serve(1, 0.75, 1e6, call);
    trial_look(&rule, call, WARMUP + 20, &trial);
    assert_int_equal(trial.verdict, TRIAL_OPEN);
    assert_true(isnan(trial.growth));
    trial_look(&rule, call, SENT, &trial);
    assert_int_equal(trial.verdict, TRIAL_KEPT);
    rule.open_loop = false;
    trial_look(&rule, call, SENT, &trial);
    assert_true(trial.verdict == TRIAL_OPEN && isnan(trial.in_flight));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_least_is_wilks_number),
        cmocka_unit_test(test_errors_are_held_however_often_it_is_looked_at),
        cmocka_unit_test(test_what_is_clear_is_told_soon),
        cmocka_unit_test(test_inflation_asks_for_more),
        cmocka_unit_test(test_inflation_of_a_chain_is_the_textbooks),
        cmocka_unit_test(test_a_look_counts_what_counts),
        cmocka_unit_test(test_what_grows_is_seen),
        cmocka_unit_test(test_saturation_needs_what_is_in_flight_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
