/* Steady requests, looked at: slow ones, transients, drift, neighbours. */
#include "stats/steady.h"

#include "core/random.h"
#include "support.h"
#include "visits.h"

enum { VISITS = 10, EACH = 6 };

static char model[] = "m";

/* Visits of EACH steady requests around 0.2 s, one a second, that vary by 1 %. */
struct fixture {
    struct step step[VISITS];
    struct switch_sample sample[VISITS][EACH];
    struct study study;
};

static void make(struct fixture *fixture)
{
    const uint64_t key[] = {0x737465};
    struct random random;

    random_init(&random, key, 1);
    *fixture = (struct fixture){0};
    for (size_t v = 0; v < VISITS; v++) {
        struct switch_side *side = &fixture->step[v].measurement.side[SWITCH_SERVER];

        fixture->step[v] = step_to(model, v, 0.2);
        fixture->step[v].measurement.begin_ns = (int64_t)(v * 10 + 1) * 1000000000;
        for (size_t i = 0; i < EACH; i++)
            fixture->sample[v][i] =
                (struct switch_sample){.ttft_s = 0.2 * exp(0.01 * random_normal(&random)),
                                       .after_s = 1 + (double)i,
                                       .tokens = 100,
                                       .request = i + 1};
        side->sample = fixture->sample[v];
        side->samples = EACH;
        side->measured_s = 0.2;
    }
}

static const struct study_steady *look(struct fixture *fixture)
{
    study_add(&fixture->study, fixture->step, VISITS);
    fixture->study.rows = 1;
    steady_look(&fixture->study, SWITCH_SERVER);
    return &fixture->study.steady[SWITCH_SERVER];
}

static void clear(struct fixture *fixture)
{
    study_clear(&fixture->study);
}

static void expect_near(const char *name, double actual, double expected, double share)
{
    if (!(fabs(actual - expected) <= share * fabs(expected)))
        fail_msg("%s: %g, not %g", name, actual, expected);
}

static void test_noise_alone_is_nothing(void **state)
{
    struct fixture fixture;
    const struct study_steady *steady;

    (void)state;
    make(&fixture);
    steady = look(&fixture);
    assert_int_equal(steady->requests, VISITS * EACH);
    assert_int_equal(steady->slow, 0);
    expect_number("share", steady->slow_share, 1.0 / 80);
    expect_number("widening", steady->widening, 1);
    assert_false(steady->transient || steady->drift || steady->neighbours);
    expect_number("no chance", steady_slow_chance(steady, 0.1), 0);
    clear(&fixture);
}

/* Two that take half as long again, one twice as long: 4 ÷ 80 of requests are slow, and one takes
 * 2 ÷ 60 more on average. What they leave is as if they were not there. */
static void test_slow_ones_are_counted_and_left_out(void **state)
{
    struct fixture fixture;
    const struct study_steady *steady;
    const struct switch_side *side = &fixture.step[2].measurement.side[SWITCH_SERVER];

    (void)state;
    make(&fixture);
    fixture.sample[2][1].ttft_s *= 1.5;
    fixture.sample[2][4].ttft_s *= 1.5;
    fixture.sample[7][0].ttft_s *= 2;
    steady = look(&fixture);
    assert_int_equal(steady->slow, 3);
    expect_number("share", steady->slow_share, 4.0 / 80);
    expect_near("excess", steady->slow_excess, 2.0 / 60, 0.05);
    expect_near("variance", steady->slow_variance, 1.5 / 60 - 4.0 / 3600, 0.1);
    expect_near("the largest", steady->excess[2], 1, 0.05);
    assert_int_equal(side->steady, EACH - 2);
    assert_int_equal(side->slow, 2);
    assert_true(side->sample[1].left_out && side->sample[4].left_out && !side->sample[0].left_out);
    expect_near("mean", side->steady_s, 0.2, 0.02);
    clear(&fixture);
}

/* By rank up to twice the largest: of excesses .5, .5 and 1, one is .8 and more; beyond, by Lomax's
 * law of three that sum up to 2. */
static void test_the_chance_of_a_slow_request_falls_with_what_it_takes(void **state)
{
    double excess[] = {0.5, 0.5, 1};
    const struct study_steady steady = {
        .requests = 60, .slow = 3, .excess = excess, .slow_share = 0.05, .slow_excess = 2.0 / 60};

    (void)state;
    expect_number("all", steady_slow_chance(&steady, 0.1), 0.05);
    expect_number("by rank", steady_slow_chance(&steady, 0.8), 0.05 * 2 / 4);
    expect_number("by Lomax", steady_slow_chance(&steady, 6), 0.05 / 64);
}

/* The first steady request of each visit takes half as long again: the later three count. */
static void test_a_transient_leaves_the_later_half(void **state)
{
    struct fixture fixture;
    const struct study_steady *steady;

    (void)state;
    make(&fixture);
    for (size_t v = 0; v < VISITS; v++)
        fixture.sample[v][0].ttft_s *= 1.5;
    steady = look(&fixture);
    assert_true(steady->transient);
    assert_false(steady->drift);
    assert_int_equal(steady->slow, 0);
    for (size_t v = 0; v < VISITS; v++) {
        const struct switch_side *side = &fixture.step[v].measurement.side[SWITCH_SERVER];

        assert_int_equal(side->steady, EACH / 2);
        expect_near("mean", side->steady_s, 0.2, 0.02);
    }
    clear(&fixture);
}

/* TTFTs rise by 1 % a second, within visits and between them: the exposed request's would be that
 * of its own moment, not of 3.5 s later. */
static void test_drift_is_carried_back_to_the_exposed_request(void **state)
{
    struct fixture fixture;
    const struct study_steady *steady;

    (void)state;
    make(&fixture);
    for (size_t v = 0; v < VISITS; v++) {
        for (size_t i = 0; i < EACH; i++)
            fixture.sample[v][i].ttft_s *= exp(0.01 * (10 * (double)v + 1 + (double)i));
    }
    steady = look(&fixture);
    assert_true(steady->drift);
    expect_near("slope", steady->drift_per_s, 0.01, 0.02);
    for (size_t v = 0; v < VISITS; v++)
        expect_near("level", fixture.step[v].measurement.side[SWITCH_SERVER].steady_s,
                    0.2 * exp(0.1 * (double)v), 0.02);
    assert_true(steady->widening >= 1 && steady->widening < 1.2);
    clear(&fixture);
}

/* Where moments of visits are not known, the slope within them is taken. */
static void test_drift_is_seen_within_visits_too(void **state)
{
    struct fixture fixture;

    (void)state;
    make(&fixture);
    for (size_t v = 0; v < VISITS; v++) {
        fixture.step[v].measurement.begin_ns = 0;
        for (size_t i = 0; i < EACH; i++)
            fixture.sample[v][i].ttft_s *= exp(-0.02 * (double)i);
    }
    expect_near("slope", look(&fixture)->drift_per_s, -0.02, 0.15);
    clear(&fixture);
}

/* What falls within visits, but begins anew at each, does not fall with time. */
static void test_what_begins_anew_at_each_visit_is_no_drift(void **state)
{
    struct fixture fixture;
    const struct study_steady *steady;

    (void)state;
    make(&fixture);
    for (size_t v = 0; v < VISITS; v++) {
        for (size_t i = 0; i < EACH; i++)
            fixture.sample[v][i].ttft_s *= exp(-0.01 * (double)i);
    }
    steady = look(&fixture);
    assert_false(steady->drift);
    expect_number("slope", steady->drift_per_s, 0);
    clear(&fixture);
}

/* What changes by more than 0.15 of the TTFT from a visit's first steady request to its last, 5 s
 * later, is the end of a transient: it is not carried back to the exposed request. */
static void test_what_is_steep_is_no_drift(void **state)
{
    static const struct {
        const char *name;
        bool moments; /* of visits are known, and TTFTs change between visits too */
        double per_s;
        bool transient, drift;
    } cases[] = {
        {"a fall of 0.14", false, -0.028, false, true},
        {"a fall of 0.25", false, -0.05, true, false},
        {"a rise of 0.14", true, 0.028, false, true},
        {"a rise of 0.25", true, 0.05, false, false},
    };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
        struct fixture fixture;
        const struct study_steady *steady;

        make(&fixture);
        for (size_t v = 0; v < VISITS; v++) {
            double from_s = cases[k].moments ? 10 * (double)v : 0;

            if (!cases[k].moments)
                fixture.step[v].measurement.begin_ns = 0;
            for (size_t i = 0; i < EACH; i++)
                fixture.sample[v][i].ttft_s *= exp(cases[k].per_s * (from_s + (double)i));
        }
        steady = look(&fixture);
        if (steady->transient != cases[k].transient || steady->drift != cases[k].drift)
            fail_msg("%s: transient %d, drift %d", cases[k].name, steady->transient, steady->drift);
        expect_near(cases[k].name, steady->drift_per_s, cases[k].drift ? cases[k].per_s : 0, 0.1);
        clear(&fixture);
    }
}

/* Noise that wanders from one request to the next: a visit's error is wider than its own scatter.
 */
static void test_neighbours_that_are_alike_widen_the_error(void **state)
{
    const uint64_t key[] = {0x77616e};
    struct fixture fixture;
    struct random random;
    const struct study_steady *steady;

    (void)state;
    make(&fixture);
    random_init(&random, key, 1);
    for (size_t v = 0; v < VISITS; v++) {
        double wander = 0;

        for (size_t i = 0; i < EACH; i++) {
            wander += 0.03 * random_normal(&random);
            fixture.sample[v][i].ttft_s = 0.2 * exp(wander);
        }
    }
    steady = look(&fixture);
    assert_true(steady->neighbours);
    assert_true(steady->widening > 1.1);
    clear(&fixture);
}

/* A fifth of many requests take half as long again, beside noise of 5 %: few each visit, but they
 * are not taken for noise. */
static void test_many_slow_ones_are_not_taken_for_noise(void **state)
{
    enum { MANY = 600, THREE = 3 };
    const uint64_t key[] = {0x6d616e};
    struct step *step = calloc(MANY, sizeof *step);
    struct switch_sample *sample = calloc(MANY * THREE, sizeof *sample);
    struct study study = {0};
    struct random random;
    size_t slow = 0;

    (void)state;
    random_init(&random, key, 1);
    for (size_t v = 0; v < MANY; v++) {
        struct switch_side *side = &step[v].measurement.side[SWITCH_SERVER];

        step[v] = step_to(model, v, 0.2);
        side->sample = &sample[v * THREE];
        side->samples = THREE;
        side->measured_s = 0.2;
        for (size_t i = 0; i < THREE; i++) {
            bool is_slow = random_unit(&random) < 0.2;

            slow += is_slow;
            side->sample[i].ttft_s = 0.2 * exp(0.05 * random_normal(&random)) * (is_slow ? 1.5 : 1);
            side->sample[i].after_s = 1 + (double)i;
        }
    }
    study_add(&study, step, MANY);
    study.rows = 1;
    steady_look(&study, SWITCH_SERVER);
    expect_near("slow", (double)study.steady[SWITCH_SERVER].slow, (double)slow, 0.1);
    study_clear(&study);
    free(sample);
    free(step);
}

/* Sides without samples count as they are. */
static void test_what_is_not_kept_stays(void **state)
{
    struct step step = step_to(model, 0, 0.2);
    struct study study = {0};

    (void)state;
    study_add(&study, &step, 1);
    steady_look(&study, SWITCH_SERVER);
    assert_int_equal(study.steady[SWITCH_SERVER].requests, 4);
    expect_number("as it was", step.measurement.side[SWITCH_SERVER].log_squares, 3e-4);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_alone_is_nothing),
        cmocka_unit_test(test_slow_ones_are_counted_and_left_out),
        cmocka_unit_test(test_the_chance_of_a_slow_request_falls_with_what_it_takes),
        cmocka_unit_test(test_a_transient_leaves_the_later_half),
        cmocka_unit_test(test_drift_is_carried_back_to_the_exposed_request),
        cmocka_unit_test(test_drift_is_seen_within_visits_too),
        cmocka_unit_test(test_what_begins_anew_at_each_visit_is_no_drift),
        cmocka_unit_test(test_what_is_steep_is_no_drift),
        cmocka_unit_test(test_neighbours_that_are_alike_widen_the_error),
        cmocka_unit_test(test_many_slow_ones_are_not_taken_for_noise),
        cmocka_unit_test(test_what_is_not_kept_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
