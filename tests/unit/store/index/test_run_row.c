/* A run as a line of the index: its ID, its state, and what its steps come to. */
#include "store/index/run_row.h"

#include "record/health.h"
#include "support.h"

/* By `printf %s PATH | sha256sum`. */
static void test_an_id_is_the_begin_of_the_paths_digest(void **state)
{
    char id[RUN_ID + 1];

    (void)state;
    run_id("abc", id);
    expect_text("abc", id, "ba7816bf8f01cfea");
    run_id("", id);
    expect_text("nothing", id, "e3b0c44298fc1c14");
}

static char first_model[] = "a", second_model[] = "b";

static struct step step_of(char *model, enum measurement_verdict verdict)
{
    return (struct step){.row = {.model_name = model, .num_requests = 2},
                         .started = 5,
                         .completed = 3,
                         .errors = 2,
                         .health.verdict = verdict};
}

static void fill(struct run_row *row, struct step *steps, size_t count, const char *status,
                 bool locked)
{
    static char key[] = "status", since[] = "status_since_utc", moment[] = "2026", name[] = "n";
    char *value = memory_text(status);
    struct manifest_fact facts[] = {{key, value}, {since, moment}};
    const struct results results = {.name = name,
                                    .step = steps,
                                    .count = count,
                                    .planned = 4,
                                    .manifest = {.fact = facts, .facts = status ? 2 : 0}};

    run_row_fill(row, "day/n", &results, locked);
    if (row->state == value)
        row->state = NULL; /* freed */
    free(value);
}

static void test_what_has_not_ended_runs_or_was_cut_off(void **state)
{
    static const struct {
        const char *name, *status;
        bool locked;
        const char *state, *ended;
    } cases[] = {
        {"under way", "running", true, "running", NULL},
        {"nobody writes to it", "running", false, "cut off", NULL},
        {"resumed", "interrupted", true, "running", NULL},
        {"the kit's", NULL, false, "done", NULL},
        {"done", "done", false, NULL, "2026"},
        {"not ready", "not ready", false, NULL, "2026"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct run_row row;

        fill(&row, NULL, 0, cases[i].status, cases[i].locked);
        if (cases[i].state)
            expect_text(cases[i].name, row.state, cases[i].state);
        expect_text(cases[i].name, row.ended_utc, cases[i].ended ? cases[i].ended : "(null)");
        run_row_clear(&row);
    }
}

static void test_steps_are_summed_up_and_the_worst_verdict_is_the_runs(void **state)
{
    struct step steps[] = {step_of(first_model, MEASUREMENT_VALID),
                           step_of(second_model, MEASUREMENT_INVALID),
                           step_of(first_model, MEASUREMENT_DEGRADED)};
    struct run_row row;

    (void)state;
    fill(&row, steps, COUNT_OF(steps), "done", false);
    assert_int_equal(row.started, 15);
    assert_int_equal(row.completed, 9);
    assert_int_equal(row.errors, 6);
    assert_int_equal(row.steps, 3);
    assert_int_equal(row.planned, 4);
    expect_text("the worst", row.measurement_verdict, "invalid: client-limited");
    run_row_clear(&row);
    fill(&row, NULL, 0, "done", false);
    assert_null(row.measurement_verdict);
    assert_null(row.row_set);
    run_row_clear(&row);
}

static char *set_of(struct step *steps, size_t count)
{
    struct run_row row;
    char *set;

    fill(&row, steps, count, "done", false);
    set = memory_text(row.row_set);
    run_row_clear(&row);
    return set;
}

static void test_a_row_set_is_the_same_in_any_order_and_without_warmups(void **state)
{
    struct step once[] = {step_of(first_model, 0), step_of(second_model, 0)};
    struct step often[] = {step_of(second_model, 0), step_of(first_model, 0),
                           step_of(second_model, 0), step_of(second_model, 0)};
    char *a = set_of(once, 2), *b, *c;

    (void)state;
    often[3].row.warmup = true;
    often[3].row.num_requests = 9;
    b = set_of(often, 4);
    expect_text("the same", b, a);
    c = set_of(once, 1);
    expect_true("fewer", strcmp(a, c) != 0);
    free(a);
    free(b);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_is_the_begin_of_the_paths_digest),
        cmocka_unit_test(test_what_has_not_ended_runs_or_was_cut_off),
        cmocka_unit_test(test_steps_are_summed_up_and_the_worst_verdict_is_the_runs),
        cmocka_unit_test(test_a_row_set_is_the_same_in_any_order_and_without_warmups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
