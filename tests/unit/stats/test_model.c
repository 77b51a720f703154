/* What switching to a model costs, over rows of one model whose costs are known. */
#include "stats/model.h"

#include "support.h"
#include "visits.h"

enum { VISITS = 24 };

static char names[2][4] = {"one", "two"};

/* Visits to two rows of model "one" (500 and 4000 tokens) and one of "two"; the second row of "one"
 * costs `more_s` above the first's 0.3 s. */
static struct study studied(struct step *step, double more_s)
{
    struct study study = {0};

    for (size_t i = 0; i < VISITS; i++) {
        size_t row = i % 3;

        step[i] = step_to(names[row == 2], i, row == 2 ? 0.4 : 0.5 + (row == 1 ? more_s : 0));
        step[i].row.input_tokens = row == 1 ? 4000 : 500;
        step[i].weight_gb = row == 2 ? 20 : 40;
    }
    study_add(&study, step, VISITS);
    study_conclude(&study);
    return study;
}

static void test_rows_of_a_model_are_averaged(void **state)
{
    struct step step[VISITS];
    struct study study = studied(step, 0);
    const struct study_model *one = &study.model[0];

    (void)state;
    assert_int_equal(study.models, 2);
    assert_string_equal(one->name, "one");
    assert_int_equal(one->rows, 2);
    assert_int_equal(one->cost.visits, 15); /* the run's first visit is left out */
    assert_int_equal(one->cost.paid, 15);
    assert_int_equal(one->cost.not_paid, 0);
    assert_int_equal(one->cost.unknown, 0);
    assert_true(fabs(one->cost.cost_s - 0.3) < 1e-9);
    assert_true(one->cost.cost_low_s < 0.3 && one->cost.cost_high_s > 0.3);
    assert_true(one->cost.cost_high_s - one->cost.cost_low_s <
                study.row[0].cost.cost_high_s - study.row[0].cost.cost_low_s);
    assert_true(one->differ_p > 0.5);
    /* 0.3 s for 40 GB and 0.2 s for 20 GB: 0.1 s and 200 GB/s, whichever model */
    assert_true(fabs(one->gb_per_s - 200) < 1 && fabs(study.model[1].gb_per_s - 200) < 1);
    study_clear(&study);
}

static void test_where_rows_differ_the_interval_spans_them(void **state)
{
    struct step step[VISITS];
    struct study study = studied(step, 0.2);
    const struct study_model *one = &study.model[0];

    (void)state;
    assert_true(one->differ_p < 0.01);
    assert_true(one->cost.cost_low_s < 0.3 && one->cost.cost_high_s > 0.5);
    assert_true(isnan(study.model[1].differ_p));
    study_clear(&study);
}

static void test_a_model_that_never_paid_has_no_cost(void **state)
{
    struct step step[VISITS];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < VISITS; i++) {
        step[i] = step_to(names[i % 2], i, i % 2 ? 0.5 : 0.2);
        step[i].weight_gb = i % 2 ? NAN : 10;
    }
    study_add(&study, step, VISITS);
    study_conclude(&study);
    assert_int_equal(study.model[0].cost.paid, 0);
    assert_true(study.model[0].cost.share == 0 && study.model[0].cost.share_high < 0.3);
    assert_true(isnan(study.model[0].cost.cost_s) && isnan(study.model[0].gb_per_s));
    assert_true(study.model[1].cost.cost_s > 0.29 && isnan(study.model[1].gb_per_s));
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_a_model_are_averaged),
        cmocka_unit_test(test_where_rows_differ_the_interval_spans_them),
        cmocka_unit_test(test_a_model_that_never_paid_has_no_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
