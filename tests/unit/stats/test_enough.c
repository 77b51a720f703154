/* When a study may end: by the state of each of its rows, or pairs. */
#include "stats/enough.h"

#include <math.h>

#include "support.h"

/* A row of 0.2 s without a switch, with a switch of `cost_s` and half an interval of `half_s`. */
static struct study_group found(double cost_s, double half_s)
{
    return (struct study_group){
        .estimate = {.verdict = SWITCH_DETECTED, .reason = SWITCH_MEASURABLE},
        .steady_s = 0.2,
        .cost = {.visits = 2,
                 .paid = 2,
                 .cost_s = cost_s,
                 .cost_low_s = cost_s - half_s,
                 .cost_high_s = cost_s + half_s}};
}

static struct study_group none_above(double high_s, double steady_s)
{
    return (struct study_group){
        .estimate = {.verdict = SWITCH_NOT_DETECTED, .high_s = high_s},
        .steady_s = steady_s,
        .cost = {.cost_s = NAN, .cost_low_s = NAN, .cost_high_s = NAN, .visits = 2}};
}

static struct study_group unmeasured(enum switch_reason reason)
{
    return (struct study_group){.estimate = {.verdict = SWITCH_NOT_MEASURABLE, .reason = reason},
                                .steady_s = NAN};
}

static struct study_group once(size_t not_paid)
{
    struct study_group group = found(1, 0.01);

    group.estimate.flags = SWITCH_FLAG_ONE_VISIT;
    group.cost.not_paid = not_paid;
    return group;
}

static struct study_group inconclusive(void)
{
    struct study_group group = found(1, 0.01);

    group.estimate.verdict = SWITCH_INCONCLUSIVE;
    return group;
}

/* Each row by itself, at a half width of 0.1; which of the counts it is in. */
static void test_each_state_is_counted_where_it_belongs(void **state)
{
    enum { SURE, WIDE, OPEN, UNMEASURED, ASIDE };
    const struct {
        const char *what;
        struct study_group group;
        int where;
    } cases[] = {
        {"narrow", found(1, 0.0999), SURE},
        {"wide", found(1, 0.11), WIDE},
        {"found, and its cost is not known", found(NAN, 0.01), WIDE},
        {"found, and its cost is nothing", found(0, 0), WIDE},
        {"seen once, and each visit paid", once(0), WIDE},
        {"seen once, and later visits did not pay", once(1), SURE},
        {"inconclusive, however narrow", inconclusive(), OPEN},
        {"bound under 0.05 s", none_above(0.049, 0.1), SURE},
        {"bound over 0.05 s", none_above(0.051, 0.1), OPEN},
        {"bound under a fifth of the TTFT", none_above(0.19, 1), SURE},
        {"bound over a fifth of the TTFT", none_above(0.21, 1), OPEN},
        {"first request failed", unmeasured(SWITCH_FIRST_FAILED), UNMEASURED},
        {"retried", unmeasured(SWITCH_RETRIED), UNMEASURED},
        {"after a step that was cut short", unmeasured(SWITCH_CUT_SHORT), UNMEASURED},
        {"requests = concurrency", unmeasured(SWITCH_ALL_EXPOSED), ASIDE},
        {"one request", unmeasured(SWITCH_ONE_REQUEST), ASIDE},
        {"no TTFT", unmeasured(SWITCH_NO_TTFT), ASIDE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct study_group group = cases[i].group;
        struct study study = {.row = &group, .rows = 1};
        struct enough enough = enough_count(&study, 0.1, false);
        size_t counts[] = {enough.sure, enough.wide, enough.open, enough.unmeasured, enough.aside};

        for (int k = SURE; k <= ASIDE; k++)
            expect_true(cases[i].what, counts[k] == (k == cases[i].where));
        expect_true(cases[i].what, enough_is(&enough) == (cases[i].where == SURE));
    }
}

static void test_a_study_ends_when_all_that_can_be_measured_is_sure(void **state)
{
    struct study_group group[] = {found(1, 0.02), none_above(0.03, 0.2),
                                  unmeasured(SWITCH_ALL_EXPOSED), found(2, 0.1)};
    struct study study = {.row = group, .rows = COUNT_OF(group)};
    struct enough enough;

    (void)state;
    enough = enough_count(&study, 0.1, false);
    assert_true(enough_is(&enough));
    assert_float_equal(enough.widest, 0.05, 1e-9);
    enough = enough_count(&study, 0.04, false);
    assert_false(enough_is(&enough));
    assert_int_equal(enough.wide, 1);
    group[1] = inconclusive();
    enough = enough_count(&study, 0.1, false);
    assert_false(enough_is(&enough));
}

static void test_where_nothing_can_be_measured_nothing_is_sure(void **state)
{
    struct study_group group[] = {unmeasured(SWITCH_ALL_EXPOSED), unmeasured(SWITCH_ONE_REQUEST)};
    struct study study = {.row = group, .rows = COUNT_OF(group)}, empty = {0};
    struct enough enough = enough_count(&study, 0.1, false);

    (void)state;
    assert_false(enough_is(&enough));
    assert_true(isnan(enough.widest));
    enough = enough_count(&empty, 0.1, false);
    assert_false(enough_is(&enough));
}

/* What ran before the first visit is not known: that is no pair, and is never visited again. */
static void test_pairs_are_those_of_known_rows(void **state)
{
    struct row one = {.model_name = (char *)"one"}, two = {.model_name = (char *)"two"};
    struct study_group row[] = {found(1, 0.5), found(1, 0.5)};
    struct study_group pair[] = {found(1, 0.5), found(1, 0.01), found(1, 0.02)};
    struct study study = {.row = row, .rows = 2, .transition = pair, .transitions = 3};
    struct enough enough;

    (void)state;
    pair[0].to = &one;
    pair[1].from = pair[2].to = &one;
    pair[1].to = pair[2].from = &two;
    enough = enough_count(&study, 0.1, true);
    assert_true(enough_is(&enough));
    assert_int_equal(enough.sure, 2);
    enough = enough_count(&study, 0.1, false);
    assert_int_equal(enough.wide, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_state_is_counted_where_it_belongs),
        cmocka_unit_test(test_a_study_ends_when_all_that_can_be_measured_is_sure),
        cmocka_unit_test(test_where_nothing_can_be_measured_nothing_is_sure),
        cmocka_unit_test(test_pairs_are_those_of_known_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
