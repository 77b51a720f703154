/* Switches at further batch sizes inside a row, and by which size a row goes. */
#include "stats/inside.h"

#include "support.h"
#include "visits.h"

enum { MOST = 8 };

static char model[] = "m";

/* A visit that is judged by `size` (exposed 0.2: nothing), with one further size inside. */
static struct step visit_with(double size, double exposed, double inside_size, double inside)
{
    struct step step = step_to(model, 0, exposed);

    step.measurement.batch_size = size;
    step.measurement.insides = inside_size > 0;
    step.measurement.inside[0] =
        (struct switch_inside){.batch_size = inside_size, .side = side_of(inside), .p = NAN};
    return step;
}

/* A study of visits to one row, and of one spread. */
struct looking {
    struct study study;
    struct study_visit visit[MOST];
    struct grouping rows;
    struct spread spread;
};

static void look_at(struct looking *looking, struct step *steps, size_t count)
{
    *looking = (struct looking){0};
    spread_init(&looking->spread, count);
    for (size_t i = 0; i < count; i++) {
        looking->visit[i] = (struct study_visit){.step = &steps[i]};
        spread_add(&looking->spread, 0, &steps[i].measurement.side[SWITCH_SERVER]);
    }
    spread_judge(&looking->spread);
    looking->study.visit = looking->visit;
    looking->study.visits = count;
    grouping_make(looking->visit, count, grouping_by_row, &looking->rows);
}

static void look_away(struct looking *looking)
{
    free(looking->study.inside);
    spread_clear(&looking->spread);
    grouping_clear(&looking->rows);
}

static void test_what_enough_visits_show_is_reported_and_flagged(void **state)
{
    static const struct {
        const char *name;
        double inside[MOST]; /* exposed, of the further size; 0: no more visits */
        size_t visits, found, flagged;
        double value_s;
    } cases[] = {
        {"one of one", {0.7, 0}, 1, 1, 1, 0.5},
        {"none", {0.2, 0.201, 0}, 2, 0, 0, NAN},
        {"all of three", {0.7, 0.5, 0.6, 0}, 3, 3, 3, 0.4},
        {"two of three", {0.7, 0.2, 0.6, 0}, 3, 2, 2, 0.45},
        {"one of three may be a stall, so no visit is flagged", {0.7, 0.2, 0.2, 0}, 3, 0, 0, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step steps[MOST];
        struct looking looking;
        size_t count = 0, flagged = 0;

        for (; cases[i].inside[count] > 0; count++)
            steps[count] = visit_with(1, 0.2, 4, cases[i].inside[count]);
        look_at(&looking, steps, count);
        inside_look(&looking.study, &looking.rows, &looking.spread);
        for (size_t k = 0; k < count; k++)
            flagged += !!(steps[k].measurement.flags & SWITCH_FLAG_INSIDE);
        expect_true(cases[i].name, looking.study.insides == 1);
        expect_true(cases[i].name, looking.study.inside[0].visits == cases[i].visits);
        expect_true(cases[i].name, looking.study.inside[0].found == cases[i].found);
        expect_number(cases[i].name, looking.study.inside[0].value_s, cases[i].value_s);
        expect_number(cases[i].name, looking.study.inside[0].batch_size, 4);
        expect_true(cases[i].name, flagged == cases[i].flagged);
        look_away(&looking);
    }
}

/* The last visit shows a stall at another size than the one that is told of the row. */
static void test_a_visit_is_flagged_by_the_size_that_is_reported(void **state)
{
    struct step steps[] = {visit_with(1, 0.2, 4, 0.7), visit_with(1, 0.2, 4, 0.7),
                           visit_with(1, 0.2, 4, 0.2)};
    struct looking looking;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        steps[i].measurement.inside[steps[i].measurement.insides++] =
            (struct switch_inside){.batch_size = 8, .side = side_of(i == 2 ? 0.9 : 0.2), .p = NAN};
    look_at(&looking, steps, 3);
    inside_look(&looking.study, &looking.rows, &looking.spread);
    expect_true("4 is told", looking.study.inside[0].found == 2);
    expect_true("8 is not", looking.study.inside[1].found == 0);
    assert_true(steps[0].measurement.flags & SWITCH_FLAG_INSIDE);
    assert_false(steps[2].measurement.flags & SWITCH_FLAG_INSIDE);
    look_away(&looking);
}

/* What the row mostly runs at shows no switch, but a lone first request waited for one: the row
 * goes by that. Where no size shows one, it stays with its own. */
static void test_a_row_goes_by_the_size_that_shows_a_switch(void **state)
{
    struct step steps[] = {visit_with(4, 0.2, 1, 0.7), visit_with(4, 0.2, 1, 0.2)};
    struct study study = {0};

    (void)state;
    steps[1].row.num_requests = 9;
    steps[1].index = 1;
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.verdict, SWITCH_DETECTED);
    expect_number("value", steps[0].estimate.value_s, 0.5);
    expect_number("size", steps[0].measurement.batch_size, 1);
    assert_true(steps[0].estimate.flags & SWITCH_FLAG_OTHER_SIZE);
    expect_number("its own beside it", steps[0].measurement.inside[0].batch_size, 4);
    assert_false(steps[0].measurement.inside[0].found);
    assert_int_equal(steps[1].estimate.verdict, SWITCH_NOT_DETECTED);
    expect_number("its own", steps[1].measurement.batch_size, 4);
    assert_false(steps[1].estimate.flags & SWITCH_FLAG_OTHER_SIZE);
    study_clear(&study);
}

/* Its own size shows one too: it stays with that. */
static void test_a_row_stays_with_its_own_size_that_shows_a_switch(void **state)
{
    struct step steps[] = {visit_with(4, 0.6, 1, 0.7), visit_with(4, 0.2, 1, 0.2)};
    struct study study = {0};

    (void)state;
    steps[1].row.num_requests = 9;
    steps[1].index = 1;
    study_add(&study, steps, 2);
    study_conclude(&study);
    expect_number("value", steps[0].estimate.value_s, 0.4);
    expect_number("size", steps[0].measurement.batch_size, 4);
    assert_true(steps[0].estimate.flags & SWITCH_FLAG_INSIDE);
    study_clear(&study);
}

static void test_each_size_of_each_row_stands_for_itself(void **state)
{
    struct step steps[] = {visit_with(1, 0.2, 4, 0.7), visit_with(1, 0.2, 2, 0.2),
                           visit_with(1, 0.2, 8, 0.6)};
    struct looking looking;

    (void)state;
    steps[2].row.num_requests = 9;
    look_at(&looking, steps, 3);
    inside_look(&looking.study, &looking.rows, &looking.spread);
    assert_int_equal(looking.study.insides, 3);
    expect_number("ascending", looking.study.inside[0].batch_size, 2);
    expect_number("in a row", looking.study.inside[1].batch_size, 4);
    expect_number("then the next", looking.study.inside[2].batch_size, 8);
    expect_true("whose it is", looking.study.inside[2].row == &steps[2].row);
    look_away(&looking);
}

static void test_visits_to_a_row_go_by_one_size(void **state)
{
    static const struct {
        const char *name;
        double judged[MOST], inside[MOST]; /* sizes; 0: no more visits, and none inside */
        double after[MOST];
        bool spoiled; /* the first visit cannot be measured */
    } cases[] = {
        {"that of most", {4, 4, 1, 0}, {1, 1, 4, 0}, {4, 4, 4, 0}, false},
        {"also where it is smaller", {1, 4, 1, 0}, {4, 1, 4, 0}, {1, 1, 1, 0}, false},
        {"of as many, the larger", {1, 4, 0}, {4, 1, 0}, {4, 4, 0}, false},
        {"as far as they show it", {4, 4, 1, 0}, {1, 0, 2, 0}, {4, 4, 1, 0}, false},
        {"what cannot be measured has no say", {4, 1, 0}, {1, 4, 0}, {1, 1, 0}, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step steps[MOST];
        struct looking looking;
        size_t count = 0;

        for (; cases[i].judged[count] > 0; count++)
            steps[count] = visit_with(cases[i].judged[count], cases[i].judged[count] / 10,
                                      cases[i].inside[count], cases[i].inside[count] / 10);
        if (cases[i].spoiled)
            steps[0].measurement.reason = SWITCH_FIRST_FAILED;
        look_at(&looking, steps, count);
        inside_align(&looking.study, &looking.rows);
        for (size_t k = 0; k < count; k++) {
            const struct switch_measurement *measurement = &steps[k].measurement;

            expect_number(cases[i].name, measurement->batch_size, cases[i].after[k]);
            if (cases[i].spoiled && k == 0)
                continue;
            expect_number("with its side", measurement->side[SWITCH_SERVER].exposed_s,
                          cases[i].after[k] / 10);
            if (measurement->insides > 0)
                expect_number("and the other inside", measurement->inside[0].side.exposed_s,
                              measurement->inside[0].batch_size / 10);
        }
        look_away(&looking);
    }
}

static void test_another_size_does_not_show_that_there_is_none(void **state)
{
    static const struct {
        enum switch_verdict before;
        int flags;
        enum switch_verdict after;
    } cases[] = {
        {SWITCH_NOT_DETECTED, 0, SWITCH_NOT_DETECTED},
        {SWITCH_NOT_DETECTED, SWITCH_FLAG_OTHER_SIZE, SWITCH_INCONCLUSIVE},
        {SWITCH_DETECTED, SWITCH_FLAG_OTHER_SIZE, SWITCH_DETECTED},
        {SWITCH_NOT_MEASURABLE, SWITCH_FLAG_OTHER_SIZE, SWITCH_NOT_MEASURABLE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct switch_estimate estimate = {.verdict = cases[i].before, .flags = cases[i].flags};

        inside_settle(&estimate);
        expect_text("verdict", switch_verdict_words[estimate.verdict],
                    switch_verdict_words[cases[i].after]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_enough_visits_show_is_reported_and_flagged),
        cmocka_unit_test(test_a_visit_is_flagged_by_the_size_that_is_reported),
        cmocka_unit_test(test_a_row_goes_by_the_size_that_shows_a_switch),
        cmocka_unit_test(test_a_row_stays_with_its_own_size_that_shows_a_switch),
        cmocka_unit_test(test_each_size_of_each_row_stands_for_itself),
        cmocka_unit_test(test_visits_to_a_row_go_by_one_size),
        cmocka_unit_test(test_another_size_does_not_show_that_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
