/* How often visits paid and how much, and how fast weights are loaded. */
#include "stats/cost.h"

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

/* To b it is paid every time after a, and once in two after c. That one visit alone might be a
 * stall; beside the others to b it is a switch. */
static void test_a_visit_is_judged_by_all_to_its_row(void **state)
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
        expect_number("cost", one->cost.cost_s, 0.3);
    }
    assert_int_equal(study.row[1].cost.paid, 3);
    expect_number("share", study.row[1].cost.share, 0.75);
    assert_true(study.row[1].order_p > 0.9);
    study_clear(&study);
}

static void test_costs_that_go_by_the_row_before_are_seen(void **state)
{
    struct step step[] = {step_to(names[0], 0, 0.2), step_to(names[1], 1, 0.5),
                          step_to(names[0], 2, 0.2), step_to(names[1], 3, 0.5),
                          step_to(names[2], 4, 0.2), step_to(names[1], 5, 0.6)};
    struct study study = {0};

    (void)state;
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    assert_true(study.row[1].order_p < 1e-6);
    assert_true(isnan(study.row[0].order_p));
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
        cmocka_unit_test(test_a_visit_is_judged_by_all_to_its_row),
        cmocka_unit_test(test_costs_that_go_by_the_row_before_are_seen),
        cmocka_unit_test(test_weights_tell_overhead_and_speed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
