/* When open-loop requests leave. */
#include "traffic/arrivals.h"

#include "support.h"

enum { REQUESTS = 100000 };

static struct arrivals start(double qps, enum row_distribution distribution, uint64_t seed,
                             uint64_t step)
{
    const struct row row = {.qps = qps, .qps_distribution = distribution};
    struct arrivals arrivals;

    arrivals_init(&arrivals, &row, seed, step);
    return arrivals;
}

static void test_the_first_request_leaves_at_once(void **state)
{
    (void)state;
    for (int i = ROW_CONSTANT; i <= ROW_EXPONENTIAL; i++) {
        struct arrivals arrivals = start(2, (enum row_distribution)i, 1, 0);

        assert_int_equal(arrivals.next, 0);
        assert_true(arrivals.at_s == 0);
    }
}

static void test_constant_gaps_pile_up_no_rounding(void **state)
{
    struct arrivals arrivals = start(0.3, ROW_CONSTANT, 1, 0);

    (void)state;
    for (int i = 1; i <= REQUESTS; i++) {
        arrivals_advance(&arrivals);
        assert_true(arrivals.at_s == i / 0.3);
    }
    assert_int_equal(arrivals.next, REQUESTS);
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
        struct arrivals arrivals = start(4, cases[i].distribution, 11, 3);
        double squares = 0, mean, variance;

        for (int k = 0; k < REQUESTS; k++) {
            double before = arrivals.at_s, gap;

            arrivals_advance(&arrivals);
            gap = arrivals.at_s - before;
            expect_true(cases[i].name, gap >= 0 && gap <= cases[i].most + 1e-9);
            squares += gap * gap;
        }
        mean = arrivals.at_s / REQUESTS;
        variance = squares / REQUESTS - mean * mean;
        expect_true(cases[i].name, fabs(mean - 0.25) < 5 * sqrt(cases[i].variance / REQUESTS));
        expect_true(cases[i].name, fabs(variance - cases[i].variance) < cases[i].variance_error);
    }
}

static void test_gaps_follow_from_seed_step_and_request(void **state)
{
    struct arrivals one = start(1, ROW_EXPONENTIAL, 5, 2);
    struct arrivals again = start(1, ROW_EXPONENTIAL, 5, 2);
    struct arrivals seed = start(1, ROW_EXPONENTIAL, 6, 2);
    struct arrivals step = start(1, ROW_EXPONENTIAL, 5, 3);
    struct arrivals fast = start(10, ROW_EXPONENTIAL, 5, 2);

    (void)state;
    for (int i = 0; i < 10; i++) {
        arrivals_advance(&one);
        arrivals_advance(&again);
        arrivals_advance(&seed);
        arrivals_advance(&step);
        arrivals_advance(&fast);
        assert_true(one.at_s == again.at_s);
        assert_true(one.at_s != seed.at_s && one.at_s != step.at_s);
        expect_number("ten times as fast", fast.at_s, one.at_s / 10);
    }
}

/* As they were drawn before gaps could be anything else: a seed gives the schedule it gave. */
static void test_a_seed_gives_the_schedule_it_always_gave(void **state)
{
    static const struct {
        const char *name;
        enum row_distribution distribution;
        double qps, first, second, thousandth;
    } cases[] = {
        {"uniform", ROW_UNIFORM, 4, 0.11271741688922088, 0.18927368691812324, 243.86637997021995},
        {"slow", ROW_UNIFORM, 0.3, 1.5028988918562785, 2.5236491589083103, 3251.5517329362679},
        {"random", ROW_EXPONENTIAL, 4, 0.063863370733473271, 0.10541023627733116,
         235.38626698569516},
        {"slow", ROW_EXPONENTIAL, 0.3, 0.85151160977964369, 1.4054698170310824, 3138.4835598092704},
    };
    double at_s[1001];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arrivals arrivals = start(cases[i].qps, cases[i].distribution, 20261128, 7);

        arrivals_fill(&arrivals, at_s, COUNT_OF(at_s));
        expect_true(cases[i].name, at_s[1] == cases[i].first);
        expect_true(cases[i].name, at_s[2] == cases[i].second);
        expect_true(cases[i].name, at_s[1000] == cases[i].thousandth);
    }
}

/* Gamma gaps of shape b have mean 1/qps and coefficient of variation 1/√b; that of the variance's
 * estimate follows from the kurtosis 3 + 6/b. Bounds: five standard errors. */
static void test_burstiness_is_the_shape_of_gamma_gaps(void **state)
{
    static const double shapes[] = {0.25, 0.5, 1, 2, 4, 100};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        const double b = shapes[i];
        const struct row row = {.qps = 4, .qps_distribution = ROW_GAMMA, .burstiness = b};
        char *name = memory_printf("shape %g", b);
        struct arrivals arrivals;
        double sum = 0, squares = 0, mean, variance;

        arrivals_init(&arrivals, &row, 11, 3);
        for (size_t k = 1; k <= REQUESTS; k++) {
            double gap = arrivals_gap(&arrivals, k);

            expect_true(name, gap >= 0 && isfinite(gap));
            sum += gap;
            squares += gap * gap;
        }
        mean = sum / REQUESTS;
        variance = squares / REQUESTS - mean * mean;
        expect_true(name, fabs(mean - 1) < 5 * sqrt(1 / b / REQUESTS));
        expect_true(name, fabs(variance * b - 1) < 5 * sqrt((2 + 6 / b) / REQUESTS));
        for (size_t k = 0; k < REQUESTS; k++)
            arrivals_advance(&arrivals);
        expect_true(name, fabs(arrivals.at_s - sum / 4) < 1e-6);
        free(name);
    }
}

/* Of gaps with shape 1, as of exponential ones, e^−1 are above the mean. */
static void test_burstiness_1_is_exponential(void **state)
{
    const struct row row = {.qps = 4, .qps_distribution = ROW_GAMMA, .burstiness = 1};
    struct arrivals arrivals;
    int above = 0;

    (void)state;
    arrivals_init(&arrivals, &row, 5, 0);
    for (size_t k = 0; k < REQUESTS; k++)
        above += arrivals_gap(&arrivals, k) > 1;
    assert_true(fabs((double)above / REQUESTS - exp(-1)) < 0.0077); /* five standard errors */
}

static const struct row shaped[] = {
    {.qps = 3},
    {.qps = 3, .qps_distribution = ROW_UNIFORM},
    {.qps = 3, .qps_distribution = ROW_EXPONENTIAL, .qps_end = 9, .num_requests = 80},
    {.qps = 9,
     .qps_distribution = ROW_GAMMA,
     .burstiness = 0.5,
     .qps_end = 1,
     .duration_s = 20,
     .qps_ramp = ROW_RAMP_EXPONENTIAL,
     .warmup_requests = 5},
};

static void test_moments_are_the_same_in_whatever_blocks(void **state)
{
    enum { MOMENTS = 210 };
    double whole[MOMENTS], parts[MOMENTS];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(shaped); i++) {
        char *name = memory_printf("row %zu", i);
        struct arrivals one, other;

        arrivals_init(&one, &shaped[i], 3, 4);
        arrivals_init(&other, &shaped[i], 3, 4);
        arrivals_fill(&one, whole, MOMENTS);
        for (size_t done = 0, block = 1; done < MOMENTS; done += block++)
            arrivals_fill(&other, parts + done, block);
        for (size_t k = 0; k < MOMENTS; k++) {
            expect_true(name, whole[k] == parts[k]);
            expect_true(name, k == 0 || whole[k] >= whole[k - 1]);
        }
        expect_true(name, one.next == MOMENTS && other.next == MOMENTS);
        free(name);
    }
}

/* Constant gaps on a ramp from 2 to 6 over 10 s: request k leaves when 2 t + 0.2 t² is k, so that
 * 40 leave before its end, and six each second behind it. */
static void test_constant_gaps_follow_the_ramp(void **state)
{
    const struct row row = {
        .qps = 2, .qps_end = 6, .duration_s = 10, .num_requests = 100, .warmup_requests = 4};
    struct arrivals arrivals;
    double at_s[60];

    (void)state;
    arrivals_init(&arrivals, &row, 1, 0);
    arrivals_fill(&arrivals, at_s, COUNT_OF(at_s));
    for (size_t k = 0; k <= 4; k++)
        expect_number("warm-up", at_s[k], (double)k / 2);
    for (size_t k = 4; k <= 44; k++) {
        double t = at_s[k] - 2;

        assert_true(fabs(2 * t + 0.2 * t * t - (double)(k - 4)) < 1e-9);
    }
    expect_number("the end", at_s[44], 12);
    expect_number("behind it", at_s[50], 13);
}

/* A ramp from 10 to 40 over 100 s, of exponential gaps: 2,500 requests, of which
 * 10 · 50 + 0.15 · 50² = 875 in the first half; Poisson, so that five deviations are 148. */
static void test_random_gaps_follow_the_ramp(void **state)
{
    const struct row row = {
        .qps = 10, .qps_end = 40, .duration_s = 100, .qps_distribution = ROW_EXPONENTIAL};
    struct arrivals arrivals;
    int first = 0, second = 0;

    (void)state;
    for (arrivals_init(&arrivals, &row, 8, 1); arrivals.at_s < 100; arrivals_advance(&arrivals)) {
        first += arrivals.at_s < 50;
        second += arrivals.at_s >= 50;
    }
    assert_true(abs(first - 875) < 148);
    assert_true(abs(second - 1625) < 202);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_request_leaves_at_once),
        cmocka_unit_test(test_constant_gaps_pile_up_no_rounding),
        cmocka_unit_test(test_random_gaps_have_their_distribution),
        cmocka_unit_test(test_gaps_follow_from_seed_step_and_request),
        cmocka_unit_test(test_a_seed_gives_the_schedule_it_always_gave),
        cmocka_unit_test(test_burstiness_is_the_shape_of_gamma_gaps),
        cmocka_unit_test(test_burstiness_1_is_exponential),
        cmocka_unit_test(test_moments_are_the_same_in_whatever_blocks),
        cmocka_unit_test(test_constant_gaps_follow_the_ramp),
        cmocka_unit_test(test_random_gaps_follow_the_ramp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
