/* Which visits paid: by themselves, and what each weighs in its row's cost. */
#include "stats/paying.h"

#include "support.h"
#include "visits.h"

enum { VISITS = 13 };

static char a[] = "a", b[] = "b";

/* A visit to b in every second step, whose exposed request took `cost[i]` more than 0.2 s; TTFTs
 * vary by 10 %, so one visit's standard error is 22 ms. */
static struct study studied(struct step *step, const double *cost)
{
    struct study study = {0};

    for (size_t i = 0; i < VISITS; i++) {
        step[2 * i] = step_to(a, 2 * i, 0.2);
        step[2 * i + 1] = step_to(b, 2 * i + 1, 0.2 + cost[i]);
        step[2 * i].measurement.side[SWITCH_SERVER].log_squares = 3 * 1e-2;
        step[2 * i + 1].measurement.side[SWITCH_SERVER].log_squares = 3 * 1e-2;
    }
    study_add(&study, step, 2 * VISITS);
    study_conclude(&study);
    return study;
}

/* Six that paid 0.11 s, six that paid nothing, and one half way, which cannot be told: it counts as
 * neither, and weighs a part of a visit. */
static void test_a_visit_half_way_is_unknown_and_weighs_a_part(void **state)
{
    static const double cost[VISITS] = {0.11, 0,    0.11, 0,    0.11, 0,    0.11,
                                        0,    0.11, 0,    0.11, 0,    0.055};
    struct step step[2 * VISITS];
    struct study study = studied(step, cost);
    const struct study_cost *row = &study.row[1].cost;
    const struct study_visit *half = &study.visit[2 * VISITS - 1];

    (void)state;
    assert_int_equal(study.row[1].estimate.verdict, SWITCH_DETECTED);
    assert_int_equal(row->paid, 6);
    assert_int_equal(row->not_paid, 6);
    assert_int_equal(row->unknown, 1);
    assert_int_equal(half->paid_as, VISIT_UNKNOWN);
    assert_true(half->paid_probability > 0.1 && half->paid_probability < 0.9);
    assert_true(half->weight > 0.05 && half->weight < 0.95);
    assert_true(row->weight > 6 && row->weight < 7);
    assert_true(row->cost_s > (6 * 0.11 + 0.055) / 7 && row->cost_s < 0.11);
    expect_number("share", row->share, 0.5);
    study_clear(&study);
}

/* One load of three seconds among others of a third: it paid, however far it is above the cost. */
static void test_what_took_longer_than_the_cost_paid(void **state)
{
    static const double cost[VISITS] = {0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 3,
                                        0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
    struct step step[2 * VISITS];
    struct study study = studied(step, cost);

    (void)state;
    assert_int_equal(study.row[1].cost.paid, VISITS);
    expect_true("mean", fabs(study.row[1].cost.cost_s - (12 * 0.3 + 3) / 13) < 1e-3);
    study_clear(&study);
}

/* Where none was found, a visit that would have shown one that matters did not pay; of TTFTs that
 * vary by as much as that, it cannot be told. */
static void test_without_a_switch_a_visit_did_not_pay_or_could_not_show_it(void **state)
{
    static const double squares[] = {3e-4, 0.3};

    (void)state;
    for (size_t k = 0; k < COUNT_OF(squares); k++) {
        struct step step[] = {step_to(a, 0, 0.2), step_to(b, 1, 0.2), step_to(a, 2, 0.2)};
        struct study study = {0};

        for (size_t i = 0; i < COUNT_OF(step); i++)
            step[i].measurement.side[SWITCH_SERVER].log_squares = squares[k];
        study_add(&study, step, COUNT_OF(step));
        study_conclude(&study);
        assert_int_equal(study.visit[1].paid_as, k == 0 ? VISIT_NOT_PAID : VISIT_UNKNOWN);
        assert_int_equal(study.row[1].cost.not_paid, k == 0);
        assert_int_equal(study.row[1].cost.unknown, k == 1);
        assert_int_equal(step[1].estimate.not_paid, k == 0);
        study_clear(&study);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_visit_half_way_is_unknown_and_weighs_a_part),
        cmocka_unit_test(test_what_took_longer_than_the_cost_paid),
        cmocka_unit_test(test_without_a_switch_a_visit_did_not_pay_or_could_not_show_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
