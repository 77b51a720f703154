/* When open-loop requests leave. */
#include "load/pacing.h"

#include "support.h"

enum { REQUESTS = 100000 };

static struct pacing start(double qps, enum row_distribution distribution, uint64_t seed,
                           uint64_t step)
{
    const struct row row = {.qps = qps, .qps_distribution = distribution};
    struct pacing pacing;

    pacing_init(&pacing, &row, seed, step);
    return pacing;
}

static void test_the_first_request_leaves_at_once(void **state)
{
    (void)state;
    for (int i = ROW_CONSTANT; i <= ROW_EXPONENTIAL; i++) {
        struct pacing pacing = start(2, (enum row_distribution)i, 1, 0);

        assert_int_equal(pacing.next, 0);
        assert_true(pacing.at_s == 0);
    }
}

static void test_constant_gaps_pile_up_no_rounding(void **state)
{
    struct pacing pacing = start(0.3, ROW_CONSTANT, 1, 0);

    (void)state;
    for (int i = 1; i <= REQUESTS; i++) {
        pacing_advance(&pacing);
        assert_true(pacing.at_s == i / 0.3);
    }
    assert_int_equal(pacing.next, REQUESTS);
}

/* Gaps at 4 a second: uniform over 0 … 0.5 s has mean 0.25 and variance 0.5²/12, exponential with
 * mean 0.25 has variance 0.25². Bounds: five standard errors. */
static void test_random_gaps_have_their_distribution(void **state)
{
    static const struct {
        const char *name;
        enum row_distribution distribution;
        double most, variance, variance_error;
    } cases[] = {
        {"uniform", ROW_UNIFORM, 0.5, 0.25 / 12, 0.0004},
        {"exponential", ROW_EXPONENTIAL, INFINITY, 0.0625, 0.0028},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pacing pacing = start(4, cases[i].distribution, 11, 3);
        double squares = 0, mean, variance;

        for (int k = 0; k < REQUESTS; k++) {
            double before = pacing.at_s, gap;

            pacing_advance(&pacing);
            gap = pacing.at_s - before;
            expect_true(cases[i].name, gap >= 0 && gap <= cases[i].most + 1e-9);
            squares += gap * gap;
        }
        mean = pacing.at_s / REQUESTS;
        variance = squares / REQUESTS - mean * mean;
        expect_true(cases[i].name, fabs(mean - 0.25) < 5 * sqrt(cases[i].variance / REQUESTS));
        expect_true(cases[i].name, fabs(variance - cases[i].variance) < cases[i].variance_error);
    }
}

static void test_gaps_follow_from_seed_step_and_request(void **state)
{
    struct pacing one = start(1, ROW_EXPONENTIAL, 5, 2);
    struct pacing again = start(1, ROW_EXPONENTIAL, 5, 2);
    struct pacing seed = start(1, ROW_EXPONENTIAL, 6, 2);
    struct pacing step = start(1, ROW_EXPONENTIAL, 5, 3);
    struct pacing fast = start(10, ROW_EXPONENTIAL, 5, 2);

    (void)state;
    for (int i = 0; i < 10; i++) {
        pacing_advance(&one);
        pacing_advance(&again);
        pacing_advance(&seed);
        pacing_advance(&step);
        pacing_advance(&fast);
        assert_true(one.at_s == again.at_s);
        assert_true(one.at_s != seed.at_s && one.at_s != step.at_s);
        expect_number("ten times as fast", fast.at_s, one.at_s / 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_request_leaves_at_once),
        cmocka_unit_test(test_constant_gaps_pile_up_no_rounding),
        cmocka_unit_test(test_random_gaps_have_their_distribution),
        cmocka_unit_test(test_gaps_follow_from_seed_step_and_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
