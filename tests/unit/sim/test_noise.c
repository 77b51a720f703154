/* Noise over many draws, against what its distributions say. The seed is fixed, so each of these
 * either holds always or never; the bounds are five standard errors. */
#include "sim/noise.h"

#include "support.h"

enum { DRAWS = 100000 };

static void expect_near(const char *name, double actual, double expected, double error)
{
    if (fabs(actual - expected) > 5 * error)
        fail_msg("%s: %g, expected %g within 5 × %g", name, actual, expected, error);
}

/* Mean and standard deviation of the factor and of its logarithm, over tokens or over requests. */
static void test_jitter_is_lognormal_with_mean_1(void **state)
{
    static const double jitters[] = {0.01, 0.1, 0.5};

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(jitters); i++) {
        double sigma = jitters[i / 2];
        bool tokens = i % 2;
        const struct bundle_noise about = {.jitter = sigma};
        double sum = 0, log_sum = 0, log_squares = 0, mean, log_mean;

        for (int64_t k = 0; k < DRAWS; k++) {
            const struct noise noise = {&about, 7, tokens ? 3 : k};
            double factor = noise_factor(&noise, tokens ? k : 0);

            sum += factor;
            log_sum += log(factor);
            log_squares += log(factor) * log(factor);
        }
        mean = sum / DRAWS;
        log_mean = log_sum / DRAWS;
        expect_near("mean", mean, 1, sqrt((exp(sigma * sigma) - 1) / DRAWS));
        expect_near("mean of the logarithm", log_mean, -sigma * sigma / 2, sigma / sqrt(DRAWS));
        expect_near("sigma", sqrt(log_squares / DRAWS - log_mean * log_mean), sigma,
                    sigma / sqrt(2.0 * DRAWS));
    }
}

/* Mean 1 and the spread itself as standard deviation, not as sigma of the logarithm. */
static void test_loads_spread_lognormally_with_mean_1(void **state)
{
    static const double spreads[] = {0.02, 0.2, 0.5, 1};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spreads); i++) {
        const struct bundle_noise about = {.load_spread = spreads[i]};
        double variance = spreads[i] * spreads[i], sigma = sqrt(log(1 + variance));
        double sum = 0, log_sum = 0, log_squares = 0, log_mean;

        for (int64_t k = 0; k < DRAWS; k++) {
            const struct noise noise = {&about, 7, k};
            double factor = noise_load_factor(&noise);

            assert_true(factor > 0);
            sum += factor;
            log_sum += log(factor);
            log_squares += log(factor) * log(factor);
        }
        log_mean = log_sum / DRAWS;
        expect_near("mean", sum / DRAWS, 1, spreads[i] / sqrt(DRAWS));
        expect_near("mean of the logarithm", log_mean, -sigma * sigma / 2, sigma / sqrt(DRAWS));
        expect_near("sigma", sqrt(log_squares / DRAWS - log_mean * log_mean), sigma,
                    sigma / sqrt(2.0 * DRAWS));
    }
}

static void test_drift_grows_by_its_share_each_minute(void **state)
{
    static const struct {
        double per_min, since_start_s, factor;
    } cases[] = {
        {0, 1e6, 1},
        {0.5, 0, 1},
        {0.5, 60, 1.5},
        {0.5, 120, 2.25},
        {-0.2, 60, 0.8},
        {-0.2, 180, 0.512},
        {1, 30, 1.4142135623730951},
        {1, 36000, 1000},
        /* and no more */ {-0.9, 600, 0.001}, /* and no less */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct bundle_noise about = {.drift_per_min = cases[i].per_min};
        const struct noise noise = {&about, 7, (int64_t)i};

        expect_number("drift", noise_drift_factor(&noise, cases[i].since_start_s), cases[i].factor);
    }
}

static void test_choices_are_even(void **state)
{
    const struct bundle_noise about = {0};
    int64_t chosen[3] = {0}, again = 0;

    (void)state;
    for (int64_t k = 0; k < DRAWS; k++) {
        const struct noise noise = {&about, 7, k};

        chosen[noise_choice(&noise, 0, 3)]++;
        again += noise_choice(&noise, 0, 3) == noise_choice(&noise, 1, 3);
    }
    for (int i = 0; i < 3; i++)
        expect_near("share", (double)chosen[i] / DRAWS, 1.0 / 3, sqrt(2.0 / 9 / DRAWS));
    expect_near("two choices are alike by chance", (double)again / DRAWS, 1.0 / 3,
                sqrt(2.0 / 9 / DRAWS));
}

static void test_stalls_come_as_often_as_they_should(void **state)
{
    const struct bundle_noise about = {.stall_probability = 0.02, .stall_s = 0.3};
    const struct noise noise = {&about, 7, 0};
    int stalls = 0;

    (void)state;
    for (int64_t k = 0; k < DRAWS; k++) {
        double stall_s = noise_stall_s(&noise, k);

        assert_true(stall_s == 0 || stall_s == 0.3);
        stalls += stall_s > 0;
    }
    expect_near("share", (double)stalls / DRAWS, 0.02, sqrt(0.02 * 0.98 / DRAWS));
}

static void test_draws_follow_from_seed_request_and_token_alone(void **state)
{
    const struct bundle_noise about = {
        .jitter = 0.2, .stall_probability = 0.5, .stall_s = 1, .load_spread = 0.2};
    const struct noise one = {&about, 7, 3}, other_seed = {&about, 8, 3}, other = {&about, 7, 4};
    double first = noise_factor(&one, 5), load = noise_load_factor(&one);

    (void)state;
    for (int64_t k = 0; k < 10; k++) {
        noise_factor(&one, k);
        noise_stall_s(&one, k);
    }
    assert_true(noise_factor(&one, 5) == first);
    assert_true(noise_factor(&one, 6) != first);
    assert_true(noise_factor(&other_seed, 5) != first);
    assert_true(noise_factor(&other, 5) != first);
    assert_true(noise_load_factor(&one) == load);
    assert_true(noise_load_factor(&other_seed) != load);
    assert_true(noise_load_factor(&other) != load);
}

static void test_without_noise_nothing_changes(void **state)
{
    const struct bundle_noise about = {.network_delay_s = 1, .warmup_s = 1, .prefix_cache = true};
    const struct noise noise = {&about, 7, 3};

    (void)state;
    assert_false(noise_is_on(&noise));
    for (int64_t k = 0; k < 10; k++) {
        assert_true(noise_factor(&noise, k) == 1);
        assert_true(noise_stall_s(&noise, k) == 0);
    }
    assert_true(noise_load_factor(&noise) == 1);
    assert_true(noise_drift_factor(&noise, 1e9) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jitter_is_lognormal_with_mean_1),
        cmocka_unit_test(test_loads_spread_lognormally_with_mean_1),
        cmocka_unit_test(test_drift_grows_by_its_share_each_minute),
        cmocka_unit_test(test_choices_are_even),
        cmocka_unit_test(test_stalls_come_as_often_as_they_should),
        cmocka_unit_test(test_draws_follow_from_seed_request_and_token_alone),
        cmocka_unit_test(test_without_noise_nothing_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
