/* How often visits paid and how much, and how fast weights are loaded. */
#include "stats/cost.h"

#include "stats/distribution.h"
#include "stats/study.h"
#include "support.h"
#include "visits.h"

static char names[3][2] = {"a", "b", "c"};

static struct step weighing(int model, size_t index, double exposed, double weight_gb)
{
    struct step step = step_to(names[model], index, exposed);

    step.weight_gb = weight_gb;
    return step;
}

/* But for the chance that a visit which paid did not. */
static void expect_near(double actual, double expected)
{
    if (fabs(actual / expected - 1) > 0.02)
        fail_msg("%g, not %g", actual, expected);
}

/* Tables of Clopper and Pearson's interval. */
static void test_a_share_has_its_exact_interval(void **state)
{
    static const struct {
        size_t hits, count;
        double low, high;
    } cases[] = {
        {0, 3, 0, 0.7076}, {1, 3, 0.0084, 0.9057}, {3, 3, 0.2924, 1}, {5, 10, 0.1871, 0.8129}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double low, high;

        cost_share_interval(cases[i].hits, cases[i].count, &low, &high);
        if (fabs(low - cases[i].low) > 5e-5 || fabs(high - cases[i].high) > 5e-5)
            fail_msg("%zu of %zu: %g to %g", cases[i].hits, cases[i].count, low, high);
    }
}

/* To b it is paid every time after a, and once in two after c. */
static void test_each_visit_is_counted_by_what_it_shows(void **state)
{
    struct step step[] = {step_to(names[0], 0, 0.2), step_to(names[1], 1, 0.5),
                          step_to(names[0], 2, 0.2), step_to(names[1], 3, 0.5),
                          step_to(names[2], 4, 0.2), step_to(names[1], 5, 0.5),
                          step_to(names[2], 6, 0.2), step_to(names[1], 7, 0.2)};
    struct study study = {0};

    (void)state;
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    for (size_t i = 0; i < study.transitions; i++) {
        const struct study_group *one = &study.transition[i];
        const char *from = one->from ? one->from->model_name : "?", *to = one->to->model_name;

        if (strcmp(to, "b") != 0) {
            assert_int_equal(one->cost.paid, 0);
            assert_true(isnan(one->cost.cost_s));
            continue;
        }
        assert_int_equal(one->cost.visits, 2);
        assert_int_equal(one->cost.paid, strcmp(from, "a") == 0 ? 2 : 1);
        assert_int_equal(one->cost.not_paid, strcmp(from, "a") == 0 ? 0 : 1);
        assert_true(fabs(one->cost.cost_s - 0.3) < 1e-6);
    }
    assert_int_equal(study.row[1].cost.paid, 3);
    expect_number("share", study.row[1].cost.share, 0.75);
    expect_number("what a visit costs the study", study.row[1].estimate.value_s,
                  study.row[1].cost.cost_s);
    study_clear(&study);
}

/* Three visits to b after a, three after c, that vary by 0.01 s within, and c is as dear as a or
 * 0.3 s dearer: then F is 1350 with one and four degrees. */
static void test_costs_that_go_by_the_row_before_are_seen(void **state)
{
    static const double off[] = {-0.01, 0, 0.01, 0.01, 0, -0.01};
    static const double dearer_s[] = {0, 0.3};

    (void)state;
    for (size_t k = 0; k < COUNT_OF(dearer_s); k++) {
        struct step step[12];
        struct study study = {0};
        double mean_s = 0.3 + dearer_s[k] / 2, within = 4e-4 / 4;

        for (size_t i = 0; i < 6; i++) {
            step[2 * i] = step_to(names[i < 3 ? 0 : 2], 2 * i, 0.2);
            step[2 * i + 1] =
                step_to(names[1], 2 * i + 1, 0.5 + off[i] + (i < 3 ? 0 : dearer_s[k]));
        }
        study_add(&study, step, COUNT_OF(step));
        study_conclude(&study);
        expect_near(study.row[1].cost.cost_s, mean_s);
        /* Σ n (mean − mean of all)² = 6 (dearer ÷ 2)², one degree; within 4e-4 with four */
        expect_true("F", fabs(study.row[1].order_p -
                              distribution_f_above(6 * dearer_s[k] * dearer_s[k] / 4 / within, 1,
                                                   4)) < 1e-6);
        expect_true("unlike", !!(study.row[1].estimate.flags & SWITCH_FLAG_UNEQUAL_COST) ==
                                  (dearer_s[k] > 0));
        assert_true(isnan(study.row[0].order_p));
        study_clear(&study);
    }
}

/* One visit from each leaves nothing that costs could vary by: it cannot be told. */
static void test_one_visit_from_each_row_tells_nothing_of_the_order(void **state)
{
    struct step step[] = {step_to(names[0], 0, 0.2), step_to(names[1], 1, 0.5),
                          step_to(names[2], 2, 0.2), step_to(names[1], 3, 0.9)};
    struct study study = {0};

    (void)state;
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    assert_true(isnan(study.row[1].order_p));
    study_clear(&study);
}

/* Costs of 0.2, 0.3 and 0.4 s to b, 0.3 s each time to c: ratios of 2/3, 1 and 4/3 to the mean, so
 * 2 ÷ 9 with two degrees and 0 with two; pooled √(2/36) = 0.2357; t of 2.5 % with 4 is 2.776445. */
static void test_an_interval_holds_what_costs_vary_by(void **state)
{
    static const double cost[] = {0.2, 0.3, 0.4};
    struct step step[7];
    struct study study = {0};
    double half = 2.7764451051977943 * sqrt(2.0 / 36) * 0.3 / sqrt(3);

    (void)state;
    step[0] = step_to(names[0], 0, 0.2);
    for (size_t i = 0; i < 3; i++) {
        step[1 + 2 * i] = step_to(names[1], 1 + 2 * i, 0.2 + cost[i]);
        step[2 + 2 * i] = step_to(names[2], 2 + 2 * i, 0.5);
    }
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    expect_near(study.variation.share, sqrt(2.0 / 36));
    expect_near(study.variation.df, 4);
    for (size_t row = 1; row < 3; row++) {
        expect_near(study.row[row].cost.cost_s, 0.3);
        expect_near(study.row[row].cost.cost_high_s - 0.3, half);
        expect_near(0.3 - study.row[row].estimate.low_s, half);
        assert_true(study.row[row].cost.varies);
        assert_false(study.row[row].estimate.flags & SWITCH_FLAG_ONE_VISIT);
    }
    study_clear(&study);
}

/* One visit to each row: its own interval, and that more is not known. */
static void test_one_visit_does_not_tell_what_costs_vary_by(void **state)
{
    struct step step[] = {step_to(names[0], 0, 0.5), step_to(names[1], 1, 0.6)};
    struct study study = {0};
    double error = 0.01 * sqrt(1.25) * 0.2, t = 2.4469118511449692; /* of 2.5 % with six degrees */

    (void)state;
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    assert_true(study.row[1].estimate.flags & SWITCH_FLAG_ONE_VISIT);
    assert_true(fabs(study.row[1].cost.cost_high_s - 0.4 - t * error) < 1e-6);
    study_clear(&study);
}

/* Three looks at 5 % ÷ 3 each: t of 0.83 % with six degrees is 3.2875. */
static void test_several_looks_widen_the_interval(void **state)
{
    struct step step[] = {step_to(names[0], 0, 0.5), step_to(names[1], 1, 0.6)};
    struct study study = {.looks = 3};
    double error = 0.01 * sqrt(1.25) * 0.2;

    (void)state;
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    expect_number("confidence", study_confidence(&study), 1 - 0.05 / 3);
    assert_true(fabs(study.row[1].cost.cost_high_s - 0.4 - 3.2875 * error) < 1e-5);
    study_clear(&study);
}

/* 0.05 s and 400 GB/s: 40 GB cost 0.15 s, 80 GB 0.25 s, 120 GB 0.35 s. */
static void test_weights_tell_overhead_and_speed(void **state)
{
    struct step step[] = {weighing(0, 0, 0.35, 40), weighing(1, 1, 0.45, 80),
                          weighing(2, 2, 0.55, 120)};
    struct study study = {0};

    (void)state;
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    assert_int_equal(study.loading.rows, 3);
    assert_true(fabs(study.loading.overhead_s - 0.05) < 1e-9);
    assert_true(fabs(study.loading.gb_per_s - 400) < 1e-6);
    assert_true(study.loading.gb_per_s_low < 400 && study.loading.gb_per_s_high > 400);
    study_clear(&study);
    for (int i = 0; i < 3; i++)
        step[i].weight_gb = 40; /* all alike tell no speed */
    study = (struct study){0};
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    assert_int_equal(study.loading.rows, 0);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_share_has_its_exact_interval),
        cmocka_unit_test(test_each_visit_is_counted_by_what_it_shows),
        cmocka_unit_test(test_costs_that_go_by_the_row_before_are_seen),
        cmocka_unit_test(test_one_visit_from_each_row_tells_nothing_of_the_order),
        cmocka_unit_test(test_an_interval_holds_what_costs_vary_by),
        cmocka_unit_test(test_one_visit_does_not_tell_what_costs_vary_by),
        cmocka_unit_test(test_several_looks_widen_the_interval),
        cmocka_unit_test(test_weights_tell_overhead_and_speed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
