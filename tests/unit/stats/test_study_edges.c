/* A study at its edges: who came before, which clocks agree, what counts inside. */
#include "stats/study.h"

#include "support.h"
#include "visits.h"

static char a[] = "a", b[] = "b", c[] = "c";

/* One that both clocks show. */
static struct step told_to(char *model, size_t index, double exposed)
{
    struct step step = step_to(model, index, exposed);

    step.measurement.side[SWITCH_CLIENT] = side_of(exposed);
    return step;
}

static char *told_transitions(const struct study *study)
{
    struct text text = {0};

    for (size_t i = 0; i < study->transitions; i++)
        text_printf(&text, "%s%s%s", i > 0 ? " " : "",
                    study->transition[i].from ? study->transition[i].from->model_name : "?",
                    study->transition[i].to->model_name);
    return text_take(&text);
}

/* The middle one of three steps is spoilt; b is known before c only where it was touched. */
static void test_a_step_that_completed_nothing_leaves_what_came_before_unknown(void **state)
{
    static const struct {
        const char *name;
        size_t completed, probe_completed, index;
        const char *transitions;
    } cases[] = {
        {"whole", 5, 0, 1, "?a ab bc"},
        {"nothing completed", 0, 0, 1, "?a ab ?c"},
        {"its probe did", 0, 1, 1, "?a ab bc"},
        {"another index stands there", 5, 0, 7, "?a ?b ?c"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step steps[] = {told_to(a, 0, 0.5), told_to(b, cases[i].index, 0.5),
                               told_to(c, 2, 0.5)};
        struct study study = {0};
        char *transitions;

        steps[1].completed = cases[i].completed;
        steps[1].probe_completed = cases[i].probe_completed;
        study_add(&study, steps, 3);
        study_conclude(&study);
        transitions = told_transitions(&study);
        expect_text(cases[i].name, transitions, cases[i].transitions);
        free(transitions);
        study_clear(&study);
    }
}

/* The second run's first step does not follow the first run's last. */
static void test_runs_are_apart_and_warm_ups_are_out(void **state)
{
    struct step first[] = {told_to(a, 0, 0.2), told_to(b, 1, 0.2)};
    struct step second[] = {told_to(a, 0, 0.2), told_to(b, 1, 0.2)};
    struct study study = {0};
    char *transitions;

    (void)state;
    first[0].row.warmup = second[0].row.warmup = true;
    study_add(&study, first, 2);
    study_add(&study, second, 2);
    study_conclude(&study);
    transitions = told_transitions(&study);
    assert_string_equal(transitions, "ab"); /* a warm-up is no visit, but came before */
    assert_int_equal(study.runs, 2);
    assert_int_equal(study.visits, 2);
    assert_int_equal(study.visit[0].run, 0);
    assert_int_equal(study.visit[1].run, 1);
    expect_number("of two visits", second[1].estimate.df, 6);
    free(transitions);
    study_clear(&study);
}

/* Three degrees of freedom from each step that can be measured, and none from the others. */
static void test_what_cannot_be_measured_adds_nothing_to_the_spread(void **state)
{
    struct step steps[] = {told_to(a, 0, 0.5), told_to(b, 1, 0.5), told_to(c, 2, 0.5)};
    struct study study = {0};

    (void)state;
    steps[1].measurement.reason = SWITCH_CACHED_PROMPT;
    steps[1].measurement.side[SWITCH_SERVER].log_squares = 9;
    study_add(&study, steps, 3);
    study_conclude(&study);
    expect_number("degrees", steps[0].estimate.df, 6);
    expect_number("deviation", steps[0].estimate.spread, 0.01);
    study_clear(&study);
}

/* By more than 20 ms and more than 20 %. */
static void test_clocks_disagree_by_both_measures(void **state)
{
    static const struct {
        const char *name;
        double server, client; /* switches, s */
        bool flagged;
    } cases[] = {
        {"19 ms of 30", 0.030, 0.049, false},  {"21 ms of 30", 0.030, 0.051, true},
        {"the other way", 0.051, 0.030, true}, {"50 ms of 300", 0.300, 0.350, false},
        {"80 ms of 300", 0.300, 0.380, true},  {"no client's", 0.3, NAN, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = told_to(a, 0, 0.2 + cases[i].server);
        struct study study = {0};

        step.measurement.side[SWITCH_CLIENT].exposed_s = 0.2 + cases[i].client;
        if (isnan(cases[i].client))
            step.measurement.side[SWITCH_CLIENT].steady = 0;
        study_add(&study, &step, 1);
        study_conclude(&study);
        expect_true(cases[i].name,
                    !!(step.estimate.flags & SWITCH_FLAG_SOURCES_DISAGREE) == cases[i].flagged);
        study_clear(&study);
    }
}

/* The documented rule's word against ours, where both have one. */
static void test_the_rule_disagrees_either_way(void **state)
{
    static const struct {
        const char *name;
        double exposed, squares;
        enum switching_verdict rule;
        enum switch_verdict verdict;
        bool flagged;
    } cases[] = {
        {"both found", 0.5, 3e-4, SWITCHING_FOUND, SWITCH_DETECTED, false},
        {"neither", 0.2, 3e-4, SWITCHING_NONE, SWITCH_NOT_DETECTED, false},
        {"only ours", 0.5, 3e-4, SWITCHING_NONE, SWITCH_DETECTED, true},
        {"only the rule's", 0.2, 3e-4, SWITCHING_FOUND, SWITCH_NOT_DETECTED, true},
        {"ours is not sure", 0.2, 0.9, SWITCHING_FOUND, SWITCH_INCONCLUSIVE, false},
        {"the rule says nothing", 0.5, 3e-4, SWITCHING_TOO_FEW, SWITCH_DETECTED, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = told_to(a, 0, cases[i].exposed);
        struct study study = {0};

        step.switching.verdict = cases[i].rule;
        step.measurement.side[SWITCH_SERVER].log_squares = cases[i].squares;
        study_add(&study, &step, 1);
        study_conclude(&study);
        expect_true(cases[i].name, step.estimate.verdict == cases[i].verdict);
        expect_true(cases[i].name,
                    !!(step.estimate.flags & SWITCH_FLAG_RULE_DISAGREES) == cases[i].flagged);
        study_clear(&study);
    }
}

/* Four visits of seven pay 0.8 s; one of the others takes a little longer than its steady requests,
 * which by itself is far from chance. */
static void test_a_small_excess_beside_a_large_switch_is_none(void **state)
{
    static const struct {
        const char *name;
        double exposed;
        enum switch_verdict verdict;
        bool not_paid;
    } cases[] = {
        {"as steady ones", 0.2, SWITCH_NOT_DETECTED, true},
        {"a stall", 0.24, SWITCH_INCONCLUSIVE, true},
        {"the switch", 1.0, SWITCH_DETECTED, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step steps[14];
        struct study study = {0};

        for (size_t k = 0; k < 14; k++)
            steps[k] =
                step_to(k % 2 ? b : a, k, k % 2 || k % 4 == 2 ? 0.2 : 1.0 + 0.002 * (double)k);
        steps[6].measurement.side[SWITCH_SERVER] = side_of(cases[i].exposed);
        study_add(&study, steps, 14);
        study_conclude(&study);
        expect_true(cases[i].name, study.row[0].estimate.verdict == SWITCH_DETECTED);
        expect_true(cases[i].name, steps[6].estimate.verdict == cases[i].verdict);
        expect_true(cases[i].name, steps[6].estimate.not_paid == cases[i].not_paid);
        study_clear(&study);
    }
}

/* Deviations of 0.01 and 1, with 12 degrees each: Bartlett's test leaves no doubt. */
static void test_rows_that_vary_unlike_each_other_are_flagged(void **state)
{
    struct step steps[8];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        steps[i] = told_to(i % 2 ? b : a, i, 0.2);
        steps[i].measurement.side[SWITCH_SERVER].log_squares = i % 2 ? 3 : 3e-4;
    }
    study_add(&study, steps, 8);
    study_conclude(&study);
    assert_true(steps[0].estimate.flags & SWITCH_FLAG_UNEQUAL_SPREAD);
    expect_number("quiet", steps[0].estimate.spread, 0.01);
    expect_number("loud", steps[1].estimate.spread, 1);
    study_clear(&study);
}

/* Steady ones that take longer are a queue's only where one may stand. */
static void test_without_a_queue_a_short_first_request_is_no_reason(void **state)
{
    struct step step = told_to(a, 0, 0.1);
    struct study study = {0};

    (void)state;
    study_add(&study, &step, 1);
    study_conclude(&study);
    assert_int_equal(step.estimate.reason, SWITCH_MEASURABLE);
    assert_int_equal(step.estimate.verdict, SWITCH_INCONCLUSIVE);
    assert_true(step.estimate.flags & SWITCH_FLAG_FASTER);
    study_clear(&study);
}

/* Of one row, the larger size first in its evidence; 0.1, 0.2 and 0.6 s: the median is 0.2. */
static void test_sizes_inside_ascend_and_each_has_its_median(void **state)
{
    static const double cost[] = {0.6, 0.1, 0.2};
    struct step steps[3];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct switch_side side;

        steps[i] = told_to(a, i, 0.5);
        steps[i].measurement.side[SWITCH_CLIENT].log_squares = 27; /* the server's clock counts */
        side = steps[i].measurement.side[SWITCH_SERVER];
        side.exposed_s = 0.2 + cost[i];
        side.log_ratio = log(side.exposed_s / 0.2);
        steps[i].measurement.inside[0] = (struct switch_inside){.batch_size = 16, .side = side};
        steps[i].measurement.inside[1] = (struct switch_inside){.batch_size = 8, .side = side};
        steps[i].measurement.insides = 2;
    }
    study_add(&study, steps, 3);
    study_conclude(&study);
    assert_int_equal(study.insides, 2);
    for (size_t i = 0; i < 2; i++) {
        expect_number("size", study.inside[i].batch_size, i == 0 ? 8 : 16);
        assert_int_equal(study.inside[i].found, 3);
        expect_number("median", study.inside[i].value_s, 0.2);
    }
    study_clear(&study);
}

/* Its load ran at a concurrency, so the client's clock holds queueing there as for the others. */
static void test_a_visit_moved_to_the_clients_clock_is_as_its_own(void **state)
{
    static const double exposed[] = {0.2, 0.1, 0.2, 0.1};
    struct step steps[COUNT_OF(exposed)];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(exposed); i++) {
        steps[i] = told_to(a, i, exposed[i]);
        steps[i].row.concurrent_requests = 4;
        if (i == 3)
            continue;
        steps[i].measurement.source = SWITCH_CLIENT;
        steps[i].measurement.flags = SWITCH_FLAG_QUEUE;
    }
    study_add(&study, steps, COUNT_OF(exposed));
    study_conclude(&study);
    assert_int_equal(steps[1].estimate.reason, SWITCH_QUEUED);
    assert_int_equal(steps[3].estimate.reason, SWITCH_QUEUED);
    assert_true(steps[3].estimate.flags & SWITCH_FLAG_QUEUE);
    assert_int_equal(study.row[0].estimate.measured, 1); /* and the run's first is left out */
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step_that_completed_nothing_leaves_what_came_before_unknown),
        cmocka_unit_test(test_runs_are_apart_and_warm_ups_are_out),
        cmocka_unit_test(test_what_cannot_be_measured_adds_nothing_to_the_spread),
        cmocka_unit_test(test_clocks_disagree_by_both_measures),
        cmocka_unit_test(test_the_rule_disagrees_either_way),
        cmocka_unit_test(test_a_small_excess_beside_a_large_switch_is_none),
        cmocka_unit_test(test_rows_that_vary_unlike_each_other_are_flagged),
        cmocka_unit_test(test_without_a_queue_a_short_first_request_is_no_reason),
        cmocka_unit_test(test_sizes_inside_ascend_and_each_has_its_median),
        cmocka_unit_test(test_a_visit_moved_to_the_clients_clock_is_as_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
