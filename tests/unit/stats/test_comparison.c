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
        held += compared(4, 1.00, 0.01, 0.05, 0.5, seed).p_held <= 0.05;
        better += compared(4, 0.90, 0.01, 0.05, 0.5, seed).p_improved <= 0.05;
    }
    if (found < 70 || held < 65 || better < 95)
        fail_msg("%zu found, %zu held, %zu better", found, held, better);
}

static void test_little_data_settles_nothing_and_says_how_much_would(void **state)
{
    struct comparison comparison = compared(1, 1.03, 0, 0.05, 0.5, 3);

    (void)state;
    assert_false(comparison.by_runs);
    assert_true(comparison.p_regressed > 0.05 && comparison.p_held > 0.05);
    assert_true(comparison.more > 1);
}

static void test_known_values_give_known_ratios(void **state)
{
    double a[] = {3, 1, 2}, b[] = {2.2, 4.4, 3.3}, zero[] = {0, 0, 0};
    struct comparison_run base = {a, 3}, candidate = {b, 3}, nothing = {zero, 3};
    const uint64_t key[] = {1};
    struct comparison_asked asked = {.quantile = 0.5,
                                     .margin = 0.05,
                                     .confidence = 0.95,
                                     .resamples = 500,
                                     .key = key,
                                     .keys = 1};
    struct comparison comparison = comparison_of(&(struct comparison_side){&base, 1},
                                                 &(struct comparison_side){&candidate, 1}, &asked);

    (void)state;
    assert_true(fabs(comparison.base - 2) < 1e-12 && fabs(comparison.candidate - 3.3) < 1e-12);
    assert_true(fabs(comparison.ratio - 1.65) < 1e-12);
    assert_true(comparison.p_held < comparison.p_regressed); /* higher is better */
    comparison = comparison_of(&(struct comparison_side){&nothing, 1},
                               &(struct comparison_side){&candidate, 1}, &asked);
    assert_true(isnan(comparison.base));
    asked.lower_is_better = true;
    comparison = comparison_of_estimates(0.1, 0, 0.12, 0, 20, &asked);
    assert_true(comparison.p_regressed == 0 && fabs(comparison.ratio - 1.2) < 1e-12);
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
        cmocka_unit_test(test_the_seed_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
