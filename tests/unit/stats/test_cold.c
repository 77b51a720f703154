/* First visits that paid, where no row by itself tells its one long visit from a stall. */
#include "stats/cold.h"

#include "support.h"
#include "visits.h"

enum { ROWS = 4, VISITS = 6 * ROWS };

static char names[ROWS][2] = {"a", "b", "c", "d"};

/* Each row in turn; visit `i` took long where bit i of `longer` is set. Row k weighs 10 (k + 1) GB,
 * and a long visit takes a tenth of a second and 10 ms a GB more. */
static struct study studied(struct step *step, uint32_t longer)
{
    struct study study = {0};

    for (size_t i = 0; i < VISITS; i++) {
        double weight_gb = 10.0 * (double)(i % ROWS + 1);

        step[i] = step_to(names[i % ROWS], i, longer >> i & 1 ? 0.3 + 0.01 * weight_gb : 0.2);
        step[i].weight_gb = weight_gb;
    }
    study_add(&study, step, VISITS);
    study_conclude(&study);
    return study;
}

static void test_rows_that_pay_once_have_paid_together(void **state)
{
    struct step step[VISITS];
    struct study study = studied(step, 0xf);

    (void)state;
    /* what ran before the run's first step is not known: it says nothing of its row */
    assert_int_equal(study.row[0].estimate.verdict, SWITCH_NOT_DETECTED);
    assert_int_equal(study.row[0].cost.visits, 5);
    for (size_t i = 1; i < ROWS; i++) {
        const struct study_group *row = &study.row[i];

        assert_int_equal(row->estimate.verdict, SWITCH_DETECTED);
        assert_int_equal(row->estimate.flags & SWITCH_FLAG_FEW, 0);
        assert_int_equal(row->estimate.switched, 1);
        assert_int_equal(row->cost.paid, 1);
        assert_int_equal(row->cost.visits, 6);
        assert_true(fabs(row->cost.cost_s - 0.1 - 0.1 * (double)(i + 1)) < 1e-3);
    }
    assert_true(fabs(study.loading.gb_per_s - 100) < 1);
    assert_int_equal(study.residency.capacity, ROWS);
    study_clear(&study);
}

/* A later visit may have met a stall, and so may a single first one. */
static void test_others_that_took_long_are_stalls_or_switches(void **state)
{
    static const uint32_t longer[] = {1 << 9, 1 << 1, 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(longer); i++) {
        struct step step[VISITS];
        struct study study = studied(step, longer[i]);

        for (size_t k = 0; k < ROWS; k++) {
            assert_int_not_equal(study.row[k].estimate.verdict, SWITCH_DETECTED);
            assert_int_equal(study.row[k].cost.paid, 0);
        }
        study_clear(&study);
    }
}

/* Row b paid at its first visit, as the others did, and again later: two of six are enough. Row a
 * took long once, but not as its run's first. */
static void test_what_is_paid_again_is_no_first_visit(void **state)
{
    struct step step[VISITS];
    struct study study = studied(step, 0xf | 1 << 8 | 1 << 9);

    (void)state;
    assert_int_equal(study.row[0].estimate.verdict, SWITCH_INCONCLUSIVE);
    assert_true(study.row[0].estimate.flags & SWITCH_FLAG_FEW);
    assert_int_equal(study.row[0].cost.paid, 0);
    assert_int_equal(study.row[0].cost.unknown, 1);
    assert_int_equal(study.row[1].estimate.verdict, SWITCH_DETECTED);
    assert_int_equal(study.row[1].cost.paid, 2);
    assert_int_equal(study.row[1].cost.not_paid, 4);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_that_pay_once_have_paid_together),
        cmocka_unit_test(test_others_that_took_long_are_stalls_or_switches),
        cmocka_unit_test(test_what_is_paid_again_is_no_first_visit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
