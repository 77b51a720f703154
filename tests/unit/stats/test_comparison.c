/* One release's values held against another's: known answers, and how often nothing is called
 * something. */
#include "stats/comparison.h"

#include "core/random.h"
#include "stats/distribution.h"
#include "support.h"

enum { RUNS = 4, REQUESTS = 40, PAIRS = 1000 };

/* Runs of log-normal values around `middle`: between runs with one sigma, within with another. */
struct drawn {
    double value[RUNS][REQUESTS];
    struct comparison_run run[RUNS];
    struct comparison_side side;
};

static void draw(struct drawn *drawn, size_t runs, double middle, double between, double within,
                 struct random *random)
{
    for (size_t i = 0; i < runs; i++) {
        double of_run = middle * exp(between * random_normal(random));

        for (size_t k = 0; k < REQUESTS; k++)
            drawn->value[i][k] = of_run * exp(within * random_normal(random));
        drawn->run[i] = (struct comparison_run){drawn->value[i], REQUESTS};
    }
    drawn->side = (struct comparison_side){drawn->run, runs};
}

static struct comparison compared(size_t runs, double ratio, double between, double margin,
                                  double quantile, uint64_t seed)
{
    const uint64_t drawing[] = {0x6161, seed}, key[] = {0x6262, seed};
    const struct comparison_asked asked = {.quantile = quantile,
                                           .lower_is_better = true,
                                           .margin = margin,
                                           .confidence = 0.95,
                                           .resamples = 200,
                                           .key = key,
                                           .keys = 2};
    struct drawn base, candidate;
    struct random random;

    random_init(&random, drawing, 2);
    draw(&base, runs, 0.2, between, 0.1, &random);
    draw(&candidate, runs, 0.2 * ratio, between, 0.1, &random);
    return comparison_of(&base.side, &candidate.side, &asked);
}

/* More than so many of PAIRS at 5 % each would be seen in less than 1 of 1000 cases. */
static size_t most_by_chance(void)
{
    size_t most = 0;

    while (distribution_binomial_at_least(most + 1, PAIRS, 0.05) > 0.001)
        most++;
    return most;
}

/* At no margin, where the candidate is as good as the base: the hardest case. With a margin of 5 %
 * it hardly ever happens. */
static void test_equal_releases_are_rarely_called_worse(void **state)
{
    static const struct {
        const char *name;
        size_t runs;
        double between, quantile;
    } cases[] = {{"one run", 1, 0, 0.5},
                 {"one run, mean", 1, 0, NAN},
                 {"one run, p90", 1, 0, 0.9},
                 {"three runs", 3, 0.03, 0.5},
                 {"four runs, p95", 4, 0.03, 0.95}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t worse = 0, with_margin = 0, covered = 0;

        for (uint64_t seed = 0; seed < PAIRS; seed++) {
            struct comparison none =
                compared(cases[i].runs, 1, cases[i].between, 0, cases[i].quantile, seed);
            struct comparison some =
                compared(cases[i].runs, 1, cases[i].between, 0.05, cases[i].quantile, seed);

            worse += none.p_regressed <= 0.05;
            with_margin += some.p_regressed <= 0.05;
            covered += none.low <= 1 && 1 <= none.high;
        }
        if (worse > most_by_chance() || 2 * with_margin >= worse || covered < 0.92 * PAIRS)
            fail_msg("%s: %zu worse, %zu with a margin, %zu covered of %d", cases[i].name, worse,
                     with_margin, covered, PAIRS);
    }
}

static void test_a_tenth_slower_is_found_and_the_same_is_held(void **state)
{
    size_t found = 0, held = 0, better = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        found += compared(4, 1.10, 0.01, 0.05, 0.5, seed).p_regressed <= 0.05;
        held += compared(4, 1.00, 0.01, 0.05, 0.5, seed).p_within <= 0.05;
        better += compared(4, 0.90, 0.01, 0.05, 0.5, seed).p_improved <= 0.05;
    }
    if (found < 70 || held < 65 || better < 95)
        fail_msg("%zu found, %zu held, %zu better", found, held, better);
}

static void test_little_data_settles_nothing_and_says_how_much_would(void **state)
{
    struct comparison comparison = compared(1, 1.03, 0, 0.05, 0.5, 3);

    (void)state;
    assert_int_equal(comparison.unit, COMPARISON_REQUESTS);
    assert_true(comparison.units == REQUESTS);
    assert_true(comparison.p_regressed > 0.05 && comparison.p_within > 0.05);
    assert_true(comparison.more > 1);
}

static struct comparison_asked asked_for(double quantile, double margin, const uint64_t *key)
{
    return (struct comparison_asked){.quantile = quantile,
                                     .lower_is_better = true,
                                     .margin = margin,
                                     .confidence = 0.95,
                                     .resamples = 500,
                                     .key = key,
                                     .keys = 1};
}

static void test_known_values_give_known_ratios(void **state)
{
    const double a[] = {3, 1, 2}, b[] = {2.2, 4.4, 3.3}, zero[] = {0, 0, 0};
    struct comparison_run base = {a, 3}, candidate = {b, 3}, nothing = {zero, 3};
    const uint64_t key[] = {1};
    struct comparison_asked asked = asked_for(0.5, 0.05, key);
    struct comparison comparison;

    (void)state;
    asked.lower_is_better = false;
    comparison = comparison_of(&(struct comparison_side){&base, 1},
                               &(struct comparison_side){&candidate, 1}, &asked);
    assert_true(fabs(comparison.base - 2) < 1e-12 && fabs(comparison.candidate - 3.3) < 1e-12);
    assert_true(fabs(comparison.change - 1.65) < 1e-12 && !comparison.by_difference);
    assert_true(comparison.p_within < comparison.p_regressed);
    assert_true(a[0] == 3 && b[0] == 2.2); /* in the order they were sent, still */
    comparison = comparison_of(&(struct comparison_side){&nothing, 1},
                               &(struct comparison_side){&candidate, 1}, &asked);
    assert_true(isnan(comparison.base));
}

/* Runs of one request each, given by their logarithms. */
struct logs {
    double value[4];
    struct comparison_run run[4];
};

static struct comparison_side side_of_logs(struct logs *logs, const double *log_of, size_t runs)
{
    for (size_t i = 0; i < runs; i++) {
        logs->value[i] = exp(log_of[i]);
        logs->run[i] = (struct comparison_run){&logs->value[i], 1};
    }
    return (struct comparison_side){logs->run, runs};
}

static const struct pooled {
    const char *name;
    double base[4], candidate[4];
    size_t base_runs, candidate_runs;
    double change, variance, df, t;
} pooled[] = {
    {"three and four",
     {0, 0.02, 0.04},
     {0.06, 0.08, 0.10, 0.12},
     3,
     4,
     0.07,
     0.0028 / 5 * (1.0 / 3 + 1.0 / 4),
     5,
     2.570582},
    {"one and three", {0}, {0.05, 0.07, 0.09}, 1, 3, 0.07, 0.0004 * (1 + 1.0 / 3), 2, 4.302653},
    {"three and one", {0.05, 0.07, 0.09}, {0}, 3, 1, -0.07, 0.0004 * (1 + 1.0 / 3), 2, 4.302653},
    {"two and two", {0, 0.02}, {0.01, 0.05}, 2, 2, 0.02, (0.0002 + 0.0008) / 2, 2, 4.302653},
};

/* Two-sample t by hand, t from the printed tables. Squares around the means of .02 and .09 are
 * .0008 and .0020, so s² = .0028 ÷ 5; of one run beside .05, .07, .09 it is .0008 ÷ 2. */
static void test_runs_are_held_by_a_pooled_t(void **state)
{
    const uint64_t key[] = {1};
    const struct comparison_asked asked = asked_for(0.5, 0.05, key);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pooled); i++) {
        const struct pooled *wanted = &pooled[i];
        struct logs before, now;
        struct comparison_side base = side_of_logs(&before, wanted->base, wanted->base_runs);
        struct comparison_side candidate =
            side_of_logs(&now, wanted->candidate, wanted->candidate_runs);
        struct comparison comparison = comparison_of(&base, &candidate, &asked);
        double error = sqrt(wanted->variance), half = wanted->t * error;

        expect_true(wanted->name, comparison.unit == COMPARISON_RUNS);
        expect_number(wanted->name, comparison.df, wanted->df);
        expect_true(wanted->name, fabs(comparison.error - error) < 1e-12);
        expect_true(wanted->name, fabs(log(comparison.change) - wanted->change) < 1e-12);
        expect_true(wanted->name, fabs(log(comparison.low) - wanted->change + half) < 1e-6);
        expect_true(wanted->name, fabs(log(comparison.high) - wanted->change - half) < 1e-6);
        expect_number(wanted->name, comparison.p_regressed,
                      distribution_t_above((wanted->change - log(1.05)) / error, wanted->df));
    }
}

static void test_runs_are_the_unit_where_their_spread_is_known(void **state)
{
    static const struct {
        size_t base, candidate;
        bool by_runs;
    } cases[] = {{1, 1, false}, {1, 2, false}, {2, 1, false}, {1, 3, true},
                 {3, 1, true},  {2, 2, true},  {5, 1, true},  {0, 9, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(comparison_is_by_runs(cases[i].base, cases[i].candidate) == cases[i].by_runs);
}

/* (1² + 2²)² ÷ (1⁴ / 4 + 2⁴ / 9) = 25 ÷ 2.02778. */
static void test_degrees_of_freedom_are_welchs(void **state)
{
    (void)state;
    expect_number("Welch", comparison_welch_df(1, 4, 2, 9), 25 / (0.25 + 16.0 / 9));
    expect_number("equal", comparison_welch_df(3, 7, 3, 7), 14);
    expect_number("one has none", comparison_welch_df(0, 4, 2, 9), 9);
    expect_number("nor the other", comparison_welch_df(1, 4, 0, 9), 4);
    expect_number("normal", comparison_welch_df(1, INFINITY, 1, 6), 24);
    expect_number("not known", comparison_welch_df(INFINITY, 1, 2, 9), 1);
}

/* The mean of requests that are not alike: s ÷ √n of each, with n − 1 degrees. A pair of runs of 8
 * whose requests are 2, 4, 4, 4, 5, 5, 7, 9 has s² = 32 ÷ 7 around 5. */
static void test_requests_of_one_run_have_their_own_error(void **state)
{
    const double values[] = {402, 405, 404, 409, 404, 407, 404, 405};
    struct comparison_run run = {values, 8};
    const struct comparison_side side = {&run, 1};
    const uint64_t key[] = {1};
    struct comparison_asked asked = asked_for(NAN, 0.05, key);
    struct comparison comparison;

    (void)state;
    asked.resamples = 20000;
    comparison = comparison_of(&side, &side, &asked);
    assert_int_equal(comparison.unit, COMPARISON_REQUESTS);
    assert_true(comparison.units == 8);
    assert_true(fabs(comparison.df - 14) < 0.05); /* both errors are drawn */
    assert_true(fabs(comparison.error / (sqrt(2 * 32.0 / 7 / 8) / 405) - 1) < 0.02);
}

static void test_one_request_settles_nothing(void **state)
{
    const double one[] = {0.2}, other[] = {0.4};
    struct comparison_run base = {one, 1}, candidate = {other, 1};
    const uint64_t key[] = {1};
    const struct comparison_asked asked = asked_for(0.5, 0.05, key);
    struct comparison comparison = comparison_of(&(struct comparison_side){&base, 1},
                                                 &(struct comparison_side){&candidate, 1}, &asked);

    (void)state;
    assert_true(isinf(comparison.error) && comparison.low == 0 && isinf(comparison.high));
    assert_int_equal(comparison_shows(&comparison, comparison.p_regressed, 0.95),
                     COMPARISON_SHOWS_NOTHING);
}

enum { ALIKE_MOST = 1000 };

/* A request is like the one before. */
static void draw_alike(double value[ALIKE_MOST], size_t count, double middle, struct random *random)
{
    double off = random_normal(random);

    for (size_t i = 0; i < count; i++) {
        value[i] = middle * exp(0.1 * off);
        off = 0.9 * off + sqrt(1 - 0.81) * random_normal(random);
    }
}

static struct comparison compared_alike(size_t count, double quantile, double slower, uint64_t seed)
{
    static double value[2][ALIKE_MOST];
    const uint64_t drawing[] = {0x6172, seed};
    struct comparison_run base = {value[0], count}, candidate = {value[1], count};
    struct comparison_asked asked = asked_for(quantile, 0.05, &seed);
    struct random random;

    asked.resamples = 100;
    random_init(&random, drawing, 2);
    draw_alike(value[0], count, 0.2, &random);
    draw_alike(value[1], count, 0.2 * slower, &random);
    return comparison_of(&(struct comparison_side){&base, 1},
                         &(struct comparison_side){&candidate, 1}, &asked);
}

/* One run of each, around the same value: whole resamples and ranks alike hold nearly what they
 * promise, where blocks of one hold 40 %. */
static void test_requests_that_are_alike_are_taken_in_blocks(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        double quantile;
    } cases[] = {
        {"median of 200", 200, 0.5}, {"mean of 200", 200, NAN}, {"mean of 1000", 1000, NAN}};
    enum { DRAWS = 300 };

    (void)state;
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        size_t covered = 0, passed = 0;

        for (uint64_t seed = 0; seed < DRAWS; seed++) {
            struct comparison equal = compared_alike(cases[c].count, cases[c].quantile, 1, seed);

            covered += equal.low <= 1 && 1 <= equal.high;
            passed += compared_alike(cases[c].count, cases[c].quantile, 1.1, seed).p_within <= 0.05;
        }
        if (covered < 0.90 * DRAWS || passed > 0.03 * DRAWS)
            fail_msg("%s: %zu covered, %zu passed at twice the margin, of %d", cases[c].name,
                     covered, passed, DRAWS);
    }
}

/* Without runs an improvement is one past the margin; a regression counts before all else. */
static void test_what_is_shown(void **state)
{
    static const struct {
        const char *name;
        double regressed, held, improved;
        enum comparison_shown shown;
    } cases[] = {{"regressed", 0.05, 0.9, 1, COMPARISON_SHOWS_REGRESSION},
                 {"neither", 0.06, 0.06, 0.5, COMPARISON_SHOWS_NOTHING},
                 {"held", 0.9, 0.05, 0.026, COMPARISON_SHOWS_WITHIN},
                 {"improved", 0.9, 0.01, 0.025, COMPARISON_SHOWS_IMPROVEMENT},
                 {"better, but not held", 0.9, 0.06, 0.01, COMPARISON_SHOWS_NOTHING}};
    const struct comparison_distance distance = {-0.04, 0.01, -0.09, 0.01, INFINITY};
    const struct comparison_asked asked = asked_for(0.5, 0.05, NULL);
    struct comparison by_requests = {.unit = COMPARISON_REQUESTS};
    struct comparison by_runs = {.unit = COMPARISON_RUNS};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct comparison comparison = {.p_within = cases[i].held,
                                              .p_improved = cases[i].improved};

        /* 1 − 0.95 is a hair more than 0.05 */
        expect_true(cases[i].name,
                    comparison_shows(&comparison, cases[i].regressed, 0.95) == cases[i].shown);
    }
    comparison_conclude(&asked, &distance, &by_requests);
    comparison_conclude(&asked, &distance, &by_runs);
    expect_number("by runs", by_runs.p_improved, distribution_t_above(4, INFINITY));
    expect_number("by requests", by_requests.p_improved, distribution_t_above(-1, INFINITY));
}

/* The same seed gives the same interval, another one almost the same. */
static void test_the_seed_decides(void **state)
{
    struct comparison one = compared(3, 1, 0.02, 0.05, 0.5, 7);
    struct comparison again = compared(3, 1, 0.02, 0.05, 0.5, 7);

    (void)state;
    assert_true(one.low == again.low && one.high == again.high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_releases_are_rarely_called_worse),
        cmocka_unit_test(test_a_tenth_slower_is_found_and_the_same_is_held),
        cmocka_unit_test(test_little_data_settles_nothing_and_says_how_much_would),
        cmocka_unit_test(test_known_values_give_known_ratios),
        cmocka_unit_test(test_runs_are_held_by_a_pooled_t),
        cmocka_unit_test(test_runs_are_the_unit_where_their_spread_is_known),
        cmocka_unit_test(test_degrees_of_freedom_are_welchs),
        cmocka_unit_test(test_requests_of_one_run_have_their_own_error),
        cmocka_unit_test(test_one_request_settles_nothing),
        cmocka_unit_test(test_requests_that_are_alike_are_taken_in_blocks),
        cmocka_unit_test(test_what_is_shown),
        cmocka_unit_test(test_the_seed_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
