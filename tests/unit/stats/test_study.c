/* What is concluded over the steps of one or more runs. */
#include "stats/study.h"

#include "support.h"
#include "visits.h"

static char a[] = "a", b[] = "b", c[] = "c";

/* One that both clocks show, and the documented rule too. */
static struct step told_to(char *model, size_t index, double exposed)
{
    struct step step = step_to(model, index, exposed);

    step.switching.verdict = exposed > 0.3 ? SWITCHING_FOUND : SWITCHING_NONE;
    step.measurement.side[SWITCH_CLIENT] = side_of(exposed);
    step.measurement.side[SWITCH_CLIENT].exposed_s += 0.001;
    return step;
}

/* "?a ab ba …" */
static char *told_transitions(const struct study *study)
{
    struct text text = {0};

    for (size_t i = 0; i < study->transitions; i++)
        text_printf(&text, "%s%s%s", i > 0 ? " " : "",
                    study->transition[i].from ? study->transition[i].from->model_name : "?",
                    study->transition[i].to->model_name);
    return text_take(&text);
}

static void test_visits_are_grouped_by_what_rows_ask_for(void **state)
{
    struct step first[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.5), told_to(a, 2, 0.2)};
    struct step second[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.21), told_to(c, 2, 0.5)};
    struct study study = {0};
    char *transitions;

    (void)state;
    second[1].row.line = 9; /* another file's line, but the same row */
    study_add(&study, first, 3);
    study_add(&study, second, 3);
    study_conclude(&study);
    transitions = told_transitions(&study);
    assert_string_equal(transitions, "?a ab ba bc");
    assert_int_equal(study.rows, 3);
    assert_int_equal(study.row[0].estimate.visits, 3);
    assert_int_equal(study.row[0].estimate.measured, 1); /* what ran before two is not known */
    assert_int_equal(study.row[0].estimate.not_paid, 1);
    expect_number("client's", study.row[2].estimate.client_s, 0.301);
    expect_number("steady", study.row[0].steady_s, 0.2);
    assert_int_equal(study.transition[1].estimate.visits, 2);
    expect_number("pooled", first[0].estimate.df, 18);
    free(transitions);
    study_clear(&study);
}

static void test_what_ran_before_is_not_always_known(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.5), told_to(c, 3, 0.5),
                           told_to(a, 4, 0.2)};
    struct study study = {0};
    char *transitions;

    (void)state;
    steps[1].completed = 0; /* may not have touched its model; and after step 2 nothing is known */
    steps[2].row.warmup = true;
    study_add(&study, steps, 4);
    study_conclude(&study);
    transitions = told_transitions(&study);
    assert_string_equal(transitions, "?a ab ca");
    assert_int_equal(steps[2].estimate.verdict, SWITCH_NOT_MEASURABLE);
    assert_int_equal(steps[2].estimate.reason, SWITCH_WARMUP);
    assert_true(steps[0].estimate.flags & SWITCH_FLAG_PREDECESSOR);
    assert_false(steps[3].estimate.flags & SWITCH_FLAG_PREDECESSOR);
    free(transitions);
    study_clear(&study);
}

static void test_a_step_that_cannot_be_measured_says_why(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.5)};
    struct study study = {0};

    (void)state;
    steps[0].measurement.reason = SWITCH_FIRST_FAILED;
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.reason, SWITCH_FIRST_FAILED);
    assert_int_equal(steps[0].estimate.verdict, SWITCH_NOT_MEASURABLE);
    assert_true(isnan(steps[0].estimate.value_s) && isnan(steps[0].estimate.p));
    assert_int_equal(steps[0].estimate.measured, 0);
    assert_int_equal(steps[1].estimate.verdict, SWITCH_DETECTED);
    study_clear(&study);
}

static void test_without_two_steady_requests_anywhere_nothing_is_known(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.5)};
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        steps[i].measurement.side[SWITCH_SERVER].steady = 1;
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.reason, SWITCH_NO_SPREAD);
    study_clear(&study);
}

static void test_what_disagrees_is_flagged(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.5), told_to(c, 2, 0.225)};
    struct study study = {0};

    (void)state;
    steps[0].switching.verdict = SWITCHING_NONE;
    steps[1].measurement.side[SWITCH_CLIENT].exposed_s = 0.7;
    steps[2].switching.verdict = SWITCHING_BURST; /* it says nothing */
    study_add(&study, steps, 3);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.flags, SWITCH_FLAG_RULE_DISAGREES | SWITCH_FLAG_PREDECESSOR);
    assert_int_equal(steps[1].estimate.flags, SWITCH_FLAG_SOURCES_DISAGREE);
    assert_true(study.row[0].estimate.flags & SWITCH_FLAG_RULE_DISAGREES);
    assert_false(study.row[1].estimate.flags & SWITCH_FLAG_RULE_DISAGREES);
    assert_int_equal(steps[2].estimate.flags, SWITCH_FLAG_OVERSTATED);
    study_clear(&study);
}

/* At a concurrency, steady requests that wait longer than the exposed one did wait for each other.
 */
static void test_a_queue_is_no_switch(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.1), told_to(b, 1, 0.2)};
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        steps[i].measurement.source = SWITCH_CLIENT;
        steps[i].measurement.flags = SWITCH_FLAG_QUEUE;
    }
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.reason, SWITCH_QUEUED);
    assert_int_equal(steps[1].estimate.verdict, SWITCH_NOT_DETECTED);
    study_clear(&study);
}

static void test_switches_inside_are_gathered_by_row_and_size(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.5), told_to(a, 2, 0.5)};
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < 3; i += 2) {
        struct switch_side side = steps[i].measurement.side[SWITCH_SERVER];

        side.exposed_s = 0.4;
        side.log_ratio = log(side.exposed_s / 0.2);
        steps[i].measurement.inside[0] = (struct switch_inside){.batch_size = 8, .side = side};
        steps[i].measurement.insides = 1;
    }
    study_add(&study, steps, 3);
    study_conclude(&study);
    assert_int_equal(study.insides, 1);
    assert_string_equal(study.inside[0].row->model_name, "a");
    assert_int_equal(study.inside[0].visits, 2);
    assert_int_equal(study.inside[0].found, 2);
    expect_number("size", study.inside[0].batch_size, 8);
    expect_number("value", study.inside[0].value_s, 0.2);
    assert_false(steps[1].estimate.flags & SWITCH_FLAG_INSIDE);
    assert_true(steps[2].estimate.flags & SWITCH_FLAG_INSIDE);
    study_clear(&study);
}

/* One of two may have been a stall. */
static void test_one_slow_batch_inside_of_two_is_not_told(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(a, 1, 0.5)};
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct switch_side side = steps[i].measurement.side[SWITCH_SERVER];

        side.exposed_s = i == 0 ? 0.2 : 0.4;
        side.log_ratio = log(side.exposed_s / 0.2);
        steps[i].measurement.inside[0] = (struct switch_inside){.batch_size = 8, .side = side};
        steps[i].measurement.insides = 1;
    }
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(study.inside[0].visits, 2);
    assert_int_equal(study.inside[0].found, 0);
    study_clear(&study);
}

/* A visit without a server TTFT, among others that have one, is not held against them. */
static void test_a_row_goes_by_one_clock(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(a, 1, 0.2), told_to(a, 2, 0.5)};
    struct study study = {0};

    (void)state;
    steps[0].measurement.source = SWITCH_CLIENT;
    steps[0].measurement.side[SWITCH_SERVER].steady = 0;
    study_add(&study, steps, 3);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.reason, SWITCH_OTHER_CLOCK);
    assert_int_equal(study.row[0].estimate.measured, 2);
    assert_int_equal(study.row[0].estimate.source, SWITCH_SERVER);
    assert_int_equal(study.row[0].cost.visits, 2);
    study_clear(&study);
}

/* The client's of those that paid, as the estimate is. */
static void test_both_clocks_tell_of_the_same_visits(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(a, 1, 0.2), told_to(a, 2, 0.5),
                           told_to(a, 3, 0.2), told_to(a, 4, 0.5), told_to(a, 5, 0.2)};
    struct study study = {0};

    (void)state;
    study_add(&study, steps, 6);
    study_conclude(&study);
    assert_int_equal(study.row[0].estimate.switched, 2);
    expect_true("server", fabs(study.row[0].estimate.value_s - 0.3) < 1e-4);
    expect_true("client", fabs(study.row[0].estimate.client_s - 0.301) < 1e-4);
    study_clear(&study);
}

/* p is 0.0045: enough for one look at 1 %, and too much for three of a third of that each. */
static void test_each_of_several_looks_takes_its_share_of_the_level(void **state)
{
    static const struct {
        size_t looks;
        double confidence;
        enum switch_verdict verdict;
    } cases[] = {
        {0, 0.95, SWITCH_DETECTED},       {1, 0.95, SWITCH_DETECTED},
        {2, 0.975, SWITCH_DETECTED},      {3, 1 - 0.05 / 3, SWITCH_NOT_DETECTED},
        {10, 0.995, SWITCH_NOT_DETECTED},
    };
    double low_s = INFINITY;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step steps[] = {step_to(a, 0, 0.217), step_to(a, 1, 0.217)};
        struct study study = {.looks = cases[i].looks};
        char name[20];

        snprintf(name, sizeof name, "%zu looks", cases[i].looks);
        study_add(&study, steps, 2);
        study_conclude(&study);
        expect_number(name, study_confidence(&study), cases[i].confidence);
        expect_true(name, study.row[0].estimate.verdict == cases[i].verdict);
        expect_true(name, study.row[0].estimate.low_s < low_s || cases[i].looks == 1);
        low_s = study.row[0].estimate.low_s;
        study_clear(&study);
    }
}

static void test_a_study_of_nothing_is_empty(void **state)
{
    struct study study = {0};

    (void)state;
    study_conclude(&study);
    assert_int_equal(study.rows + study.transitions + study.insides, 0);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visits_are_grouped_by_what_rows_ask_for),
        cmocka_unit_test(test_what_ran_before_is_not_always_known),
        cmocka_unit_test(test_a_step_that_cannot_be_measured_says_why),
        cmocka_unit_test(test_without_two_steady_requests_anywhere_nothing_is_known),
        cmocka_unit_test(test_what_disagrees_is_flagged),
        cmocka_unit_test(test_a_queue_is_no_switch),
        cmocka_unit_test(test_switches_inside_are_gathered_by_row_and_size),
        cmocka_unit_test(test_one_slow_batch_inside_of_two_is_not_told),
        cmocka_unit_test(test_a_row_goes_by_one_clock),
        cmocka_unit_test(test_both_clocks_tell_of_the_same_visits),
        cmocka_unit_test(test_each_of_several_looks_takes_its_share_of_the_level),
        cmocka_unit_test(test_a_study_of_nothing_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
