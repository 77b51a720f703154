/* Visits judged alone and together, with the arithmetic done by hand. */
#include "stats/replicate.h"

#include "stats/distribution.h"
#include "stats/steady.h"
#include "support.h"

static const struct spread_used spread = {0.1, 20};

/* An exposed observation beside four steady ones of `steady` each. */
static struct switch_side side_of(double exposed, double steady)
{
    return (struct switch_side){
        .exposed_s = exposed, .steady_s = steady, .steady = 4, .log_ratio = log(exposed / steady)};
}

static void expect_near(const char *name, double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-6 * fmax(1e-9, fabs(expected))))
        fail_msg("%s: %.12g, not %.12g", name, actual, expected);
}

/* t = ln(0.3 ÷ 0.208) ÷ (0.1 √1.25), and the other way ln(0.3 ÷ 0.2) */
static void test_a_visit_is_judged_by_its_prediction_interval(void **state)
{
    struct switch_side side = side_of(0.3, 0.2);
    struct replicate replicate = replicate_judge(&side, spread);

    (void)state;
    expect_near("p", replicate.p,
                distribution_t_above(0.36624439495488316 / 0.11180339887498948, 20));
    expect_near("sooner", replicate.sooner_p,
                1 - distribution_t_above(0.4054651081081644 / 0.11180339887498948, 20));
    expect_near("value", replicate.value_s, 0.1);
    expect_near("error", replicate.error_s, 0.1 * 0.2 * 1.118033988749895);
}

/* What no clock tells apart is no switch, even where nothing varies: not beside what a first
 * request takes more without a load, 8 ms. */
static void test_without_any_spread_a_microsecond_is_the_measure(void **state)
{
    const struct spread_used none = {0, 20};
    struct switch_side nanosecond = side_of(0.208 + 1e-9, 0.2), millisecond = side_of(0.209, 0.2);

    (void)state;
    assert_true(replicate_judge(&nanosecond, none).p > 0.4);
    assert_true(replicate_judge(&millisecond, none).p < 1e-9);
}

/* Visits of 7 ms, which nothing else explains, are no switch; those of 20 ms are. */
static void test_what_cold_caches_take_is_no_switch(void **state)
{
    const struct spread_used quiet = {0.01, 20};
    struct switch_side cold = side_of(0.027, 0.02), loaded = side_of(0.04, 0.02);

    (void)state;
    assert_true(replicate_judge(&cold, quiet).p > 0.9);
    assert_true(replicate_judge(&cold, quiet).sooner_p > 0.99);
    assert_true(replicate_judge(&loaded, quiet).p < 1e-9);
}

enum { VISITS = 12 };

/* Combines visits whose exposed observations are these, beside 0.2 s; that share may be slow. */
static struct switch_estimate combined_among(const double *exposed, size_t count, double share)
{
    struct replicate replicate[VISITS];
    struct switch_estimate into = {0};

    for (size_t i = 0; i < count; i++) {
        struct switch_side side = side_of(exposed[i], 0.2);

        replicate[i] = replicate_judge(&side, spread);
    }
    replicate_combine(replicate, count, spread, share, 0.95, &into);
    return into;
}

static struct switch_estimate combined(const double *exposed, size_t count)
{
    return combined_among(exposed, count, REPLICATE_SLOW_SHARE);
}

static double p_of(double exposed)
{
    struct switch_side side = side_of(exposed, 0.2);

    return replicate_judge(&side, spread).p;
}

/* So many must stand out as stalls in 5 % of requests bring about in less than 2 % of cases: of
 * two to four that is two (P of two of four: 1.4 %), of five three (2.3 % for two). */
static void test_as_many_must_stand_out_as_stalls_do_not_explain(void **state)
{
    static const double exposed[] = {0.31, 0.25, 0.24, 0.23, 0.22};
    static const size_t k[] = {1, 2, 2, 2, 3};

    (void)state;
    for (size_t n = 1; n <= 5; n++)
        expect_near("p", combined(exposed, n).p,
                    distribution_binomial_at_least(k[n - 1], n, p_of(exposed[k[n - 1] - 1])));
}

/* Of two, both must stand out at a share of 1.5 % (2.98 % of cases have one), at 0.9 % one (1.79
 * %); of three, all at 20 % (0.8 %; two of three are 10.4 %), and no more than there are. */
static void test_the_share_of_slow_requests_says_how_many_must_stand_out(void **state)
{
    static const struct {
        size_t visits, needed;
        double share;
    } cases[] = {{1, 1, 0.5},  {2, 2, 0.015}, {2, 1, 0.009}, {3, 3, 0.2},
                 {3, 2, 0.05}, {2, 2, 0.9},   {12, 2, 0.01}, {12, 3, 0.05}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (replicate_needed_among(cases[i].visits, cases[i].share) != cases[i].needed)
            fail_msg("%zu at %g: %zu", cases[i].visits, cases[i].share,
                     replicate_needed_among(cases[i].visits, cases[i].share));
    }
}

/* Student's table: t of 2.5 % with 20 degrees is 2.085963. */
static void test_visits_are_combined_by_their_mean(void **state)
{
    static const double one[] = {0.5}, two[] = {0.5, 0.7}, three[] = {0.7, 0.51, 0.5};
    double error = 0.1 * 0.2 * 1.118033988749895, t = 2.0859634472658364;
    struct switch_estimate estimate = combined(one, 1);

    (void)state;
    expect_near("one", estimate.value_s, 0.3);
    expect_near("its low end", estimate.low_s, 0.3 - t * error);
    expect_near("its high end", estimate.high_s, 0.3 + t * error);
    expect_near("two", combined(two, 2).value_s, 0.4);
    estimate = combined(three, 3);
    expect_near("three", estimate.value_s, 0.37);
    expect_near("error", estimate.standard_error_s, error / sqrt(3));
    assert_int_equal(estimate.outstanding, 3);
}

static void test_visits_that_stand_out_are_counted_and_may_be_too_few(void **state)
{
    static const double few[] = {0.5, 0.2, 0.21}, all[] = {0.5, 0.51, 0.49};
    struct switch_estimate estimate = combined(few, 3);

    (void)state;
    assert_int_equal(estimate.flags, SWITCH_FLAG_FEW);
    assert_int_equal(estimate.outstanding, 1);
    expect_near("of all", estimate.value_s, (0.3 + 0.01) / 3);
    assert_int_equal(combined(all, 3).outstanding, 3);
    assert_int_equal(combined(all, 3).flags, 0);
    assert_int_equal(combined_among(few, 3, 0.005).flags, 0); /* then one of three is enough */
}

/* Three slow requests of 55, which took 0.1, 0.2 and 0.3 of a TTFT more: 4 ÷ 75 of requests are
 * slow, 0.6 ÷ 55 is what one takes more on average. */
static void test_slow_requests_take_their_part(void **state)
{
    double excess[] = {0.1, 0.2, 0.3};
    const struct study_steady steady = {.requests = 55,
                                        .slow = 3,
                                        .excess = excess,
                                        .slow_share = 4.0 / 75,
                                        .slow_excess = 0.6 / 55,
                                        .slow_variance = 0.14 / 55 - 0.36 / 55 / 55,
                                        .widening = 1};
    struct switch_side side = side_of(0.25, 0.2); /* 0.25 of a TTFT more */
    struct replicate replicate = replicate_judge_among(&side, spread, &steady);
    double error = 0.2 * sqrt(0.01 * 1.25 + 0.14 / 55 - 0.36 / 3025);

    (void)state;
    expect_near("value", replicate.value_s, 0.05 - 0.2 * 0.6 / 55);
    expect_near("error", replicate.error_s, 0.1 * 0.2 * 1.118033988749895);
    expect_near("in an interval", replicate.interval_error_s, error);
    expect_near("chance", replicate.slow_p, replicate.p + 4.0 / 75 * 2 / 4); /* one is as slow */
    expect_number("none is slow", replicate_judge(&side, spread).slow_p, 0);
}

/* (t of 1 % + t of 20 %) √(1 + 1/4) standard deviations, above 8 ms 1.04 times as much. Of three
 * visits two must stand out: at 1 % so do they by chance where 5.89 % of visits do, and in 80 %
 * where 71.3 % do (3 q² − 2 q³). */
static void test_the_smallest_that_is_seen(void **state)
{
    double t = distribution_t_quantile_above(0.01, 20) + distribution_t_quantile_above(0.2, 20);
    double three = distribution_t_quantile_above(0.0589033, 20) +
                   distribution_t_quantile_above(1 - 0.7128603, 20);
    static const double one[] = {0.21};

    (void)state;
    expect_near("in deviations", replicate_smallest(4, 20, 1, REPLICATE_LEVEL), t * sqrt(1.25));
    expect_near("in seconds", combined(one, 1).smallest_s,
                0.008 + 1.04 * t * sqrt(1.25) * 0.1 * 0.2);
    assert_true(fabs(replicate_smallest(4, 20, 3, REPLICATE_LEVEL) / (three * sqrt(1.25)) - 1) <
                1e-4);
}

/* Of twelve, six that stand out a little say what three would not. */
static void test_half_of_many_visits_show_together_what_none_shows_alone(void **state)
{
    static const double little[VISITS] = {0.228, 0.228, 0.228, 0.228, 0.228, 0.228,
                                          0.228, 0.228, 0.20,  0.20,  0.20,  0.20};
    double p = p_of(0.228);

    (void)state;
    assert_true(p > 0.1);
    assert_true(distribution_binomial_at_least(3, VISITS, p) > 0.1);
    expect_near("p", combined(little, VISITS).p, 2 * distribution_binomial_at_least(6, VISITS, p));
    assert_true(replicate_smallest(4, 20, 12, REPLICATE_LEVEL) <
                0.6 * replicate_smallest(4, 20, 3, REPLICATE_LEVEL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_visit_is_judged_by_its_prediction_interval),
        cmocka_unit_test(test_what_cold_caches_take_is_no_switch),
        cmocka_unit_test(test_without_any_spread_a_microsecond_is_the_measure),
        cmocka_unit_test(test_as_many_must_stand_out_as_stalls_do_not_explain),
        cmocka_unit_test(test_the_share_of_slow_requests_says_how_many_must_stand_out),
        cmocka_unit_test(test_visits_are_combined_by_their_mean),
        cmocka_unit_test(test_visits_that_stand_out_are_counted_and_may_be_too_few),
        cmocka_unit_test(test_slow_requests_take_their_part),
        cmocka_unit_test(test_the_smallest_that_is_seen),
        cmocka_unit_test(test_half_of_many_visits_show_together_what_none_shows_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
