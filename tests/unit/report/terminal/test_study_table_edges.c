/* What a person reads of a study where there is much to say, or little. */
#include "report/terminal/study_table.h"

#include "support.h"

enum { ROWS = 5 };

static char names[ROWS][2] = {"a", "b", "c", "d", "e"};
static struct row rows[ROWS];

static struct switch_estimate estimate_of(enum switch_verdict verdict)
{
    return (struct switch_estimate){.verdict = verdict,
                                    .p = 0.5,
                                    .value_s = 0.1,
                                    .low_s = 0.09,
                                    .high_s = 0.11,
                                    .smallest_s = 0.07,
                                    .spread = 0.05,
                                    .df = 12,
                                    .visits = 4,
                                    .measured = 3,
                                    .switched = 2};
}

/* So many rows that were detected. */
static void make(struct study_group *group, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct row){.model_name = names[i],
                               .input_tokens = 10,
                               .output_tokens = 1,
                               .concurrent_requests = 1};
        group[i] = (struct study_group){
            .to = &rows[i], .estimate = estimate_of(SWITCH_DETECTED), .order_p = NAN};
    }
}

static char *printed(void (*print)(FILE *out, const struct study *study), const struct study *study)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    print(out, study);
    fclose(out);
    return text;
}

static void expect_printed(const char *name, const struct study *study, const char *part, bool is)
{
    char *text = printed(study_table_rows, study);

    if (is)
        expect_part(name, text, part);
    else if (strstr(text, part))
        fail_msg("%s: '%s' is in\n%s", name, part, text);
    free(text);
}

/* Three by name, then a number; all of them where it is all, and more than three. */
static void test_a_remark_names_three_rows_at_most(void **state)
{
    static const struct {
        size_t flagged, rows;
        const char *names;
    } cases[] = {
        {1, 5, "a 10→1 c=1\n"},
        {3, 5, "a 10→1 c=1, b 10→1 c=1, c 10→1 c=1\n"},
        {3, 3, "a 10→1 c=1, b 10→1 c=1, c 10→1 c=1\n"},
        {4, 5, "a 10→1 c=1, b 10→1 c=1, c 10→1 c=1 and 1 more\n"},
        {5, 5, "all of them\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct study_group group[ROWS];
        const struct study study = {.row = group, .rows = cases[i].rows};
        char *line =
            memory_printf("  judged by the TTFT of content, without reasoning: %s", cases[i].names);

        make(group, cases[i].rows);
        for (size_t k = 0; k < cases[i].flagged; k++)
            group[k].estimate.flags = SWITCH_FLAG_BY_CONTENT;
        expect_printed("remark", &study, line, true);
        free(line);
    }
}

/* A row that could not be measured has its reason, no line of figures, and no other remark. */
static void test_a_row_that_could_not_be_measured_is_not_in_the_table(void **state)
{
    struct study_group group[2];
    const struct study study = {.row = group, .rows = 2};

    (void)state;
    make(group, 2);
    group[0].estimate.verdict = SWITCH_NOT_MEASURABLE;
    group[0].estimate.reason = SWITCH_ONE_REQUEST;
    group[0].estimate.flags = SWITCH_FLAG_BY_CONTENT;
    expect_printed("reason", &study, "  not measurable, one request only: a 10→1 c=1\n", true);
    expect_printed("line", &study, "  1  a", false);
    expect_printed("the other's number", &study, "  2  b 10→1 c=1 ", true);
    expect_printed("flag", &study, "judged", false);
}

static void test_none_above_does_not_fall_below_the_noise(void **state)
{
    struct study_group group[1];
    const struct study study = {.row = group, .rows = 1};

    (void)state;
    make(group, 1);
    group[0].estimate.verdict = SWITCH_NOT_DETECTED;
    group[0].estimate.low_s = -0.05;
    group[0].estimate.high_s = -0.01;
    expect_printed("half the interval", &study, "none above 20.0 ms\n", true);
}

static void test_the_clock_is_named(void **state)
{
    struct study_group group[1];
    const struct study study = {.row = group, .rows = 1};

    (void)state;
    make(group, 1);
    expect_printed("server", &study, "By the server's TTFT, which varies by 5.0 %", true);
    group[0].estimate.source = SWITCH_CLIENT;
    expect_printed("client", &study, "By the client's TTFT, which varies by 5.0 %", true);
}

/* Twice 0.004 is within 1 %, and twice 0.006 is not. */
static void test_an_order_that_matters_is_reported_at_one_percent_of_all_rows(void **state)
{
    struct study_group group[2];
    const struct study study = {.row = group, .rows = 2};
    const char *line = "  what b 10→1 c=1 costs depends on the row before (p = 0.008)\n";

    (void)state;
    make(group, 2);
    expect_printed("not known", &study, "depends", false);
    group[1].order_p = 0.006;
    expect_printed("alone it would do", &study, "depends", false);
    group[1].order_p = 0.004;
    expect_printed("told", &study, line, true);
}

static void test_what_was_not_found_inside_is_not_told(void **state)
{
    struct study_group group[1];
    struct study_inside inside = {&rows[0], 8, 5, 0, NAN};
    const struct study study = {.row = group, .rows = 1, .inside = &inside, .insides = 1};

    (void)state;
    make(group, 1);
    expect_printed("inside", &study, "inside", false);
}

/* A row from the file's warm-ups has no number; what ran before the first has not even a name. */
static void test_a_transition_from_no_numbered_row_says_from_where(void **state)
{
    struct row warmup = {.model_name = names[4], .warmup = true};
    struct study_group group[1], transition[2];
    const struct study study = {
        .row = group, .rows = 1, .transition = transition, .transitions = 2};
    char *text;

    (void)state;
    make(group, 1);
    transition[0] = transition[1] = group[0];
    transition[1].from = &warmup;
    transition[0].estimate.flags = transition[1].estimate.flags = SWITCH_FLAG_BY_CONTENT;
    text = printed(study_table_transitions, &study);
    expect_part("unknown", text, "\n        ? → 1 ");
    expect_part("warm-up", text, "\n  warm-up → 1 ");
    expect_true("remarks are the rows'", !strstr(text, "judged"));
    expect_true("so is the scale", !strstr(text, "varies"));
    free(text);
}

static void test_weights_that_load_and_stay_are_reported(void **state)
{
    struct study_group group[2];
    size_t visits[] = {2, 4, 0}, paid[] = {0, 3, 0};
    struct study study = {.row = group,
                          .rows = 2,
                          .loading = {3, 0.0125, 0.001, 100, 90, 112},
                          .residency = {.visits = visits,
                                        .paid = paid,
                                        .units = 3,
                                        .revisits = 6,
                                        .rule = RESIDENCY_LRU,
                                        .capacity = 2,
                                        .capacity_low = 1,
                                        .capacity_high = 2,
                                        .probability = 0.9,
                                        .lru_probability = 0.75,
                                        .gb_low = NAN,
                                        .gb_high = NAN}};

    (void)state;
    make(group, 2);
    expect_printed(
        "loading", &study,
        "  loading weights: 12.5 ± 1.0 ms, and 100 GB/s (95 %: 90.0 to 112) by 3 rows of "
        "known weight\n",
        true);
    expect_printed("distances", &study, "since: 0: 0/2, 1: 3/4\n", true);
    expect_printed("rows", &study, "  residency: 2 of 3 rows stay (90 % sure; 95 %: 1 to 2)", true);
    expect_printed("used", &study, "what was used longest ago leaves first (75 % sure)", true);
    study.residency.rule = RESIDENCY_FIFO;
    study.residency.lru_probability = 0.25;
    expect_printed("loaded", &study, "what was loaded longest ago leaves first (75 % sure)", true);
    expect_printed("not by time", &study, "after a time", false);
    study.residency.expiry_probability = 0.2;
    expect_printed("by time", &study, "; or they leave after a time without use (20 % likely)",
                   true);
    study.residency.wrong = 1;
    expect_printed("unexplained", &study,
                   "2 of 3 rows stay (95 %: 1 to 2); what was loaded longest ago leaves first; or "
                   "they leave after a time without use (20 % likely); 1 of 6 revisits "
                   "unexplained\n",
                   true);
    study.residency.capacity = 1;
    expect_printed("one", &study, "  residency: 1 of 3 rows stay", true);
    expect_printed("both rules do the same", &study, "leaves first", false);
    study.residency.capacity = 2;
    study.residency.gb_low = 40;
    study.residency.gb_high = 60;
    study.residency.gb_wrong = 1;
    expect_printed("still rows", &study, "2 of 3 rows stay", true);
    study.residency.by_weight = true;
    expect_printed("gigabytes", &study, "  residency: 40 GB stay, 60 GB do not; what", true);
    study.residency.gb_high = INFINITY;
    expect_printed("all gigabytes", &study, "  residency: all stay, at least 40 GB; or", true);
    study.loading.rows = study.residency.revisits = 0;
    expect_printed("no loading", &study, "loading weights", false);
    expect_printed("no residency", &study, "residency", false);
}

static void test_what_is_no_memory_is_reported_as_such(void **state)
{
    struct study_group group[2];
    size_t visits[] = {2, 4}, paid[] = {0, 3};
    struct study study = {.row = group,
                          .rows = 2,
                          .residency = {.visits = visits,
                                        .paid = paid,
                                        .units = 2,
                                        .revisits = 6,
                                        .rule = RESIDENCY_IDLE_EXPIRY,
                                        .probability = 0.9,
                                        .expiry_s = 12.5,
                                        .expiry_low_s = 11,
                                        .expiry_high_s = 14}};

    (void)state;
    make(group, 2);
    expect_printed(
        "idle", &study,
        "  residency: what is not used for 12.5 s leaves (90 % sure; 95 %: 11.0 to 14.0 s); "
        "0 of 6 revisits unexplained\n",
        true);
    study.residency.wrong = 1;
    expect_printed("unexplained", &study, "leaves (95 %: 11.0 to 14.0 s); 1 of 6", true);
    study.residency.expiry_low_s = 0;
    expect_printed("at once", &study, "not used for 14.0 s has left (it may leave sooner); 1",
                   true);
    study.residency.units = 1;
    expect_printed("one row", &study, "not used for 14.0 s has left", true);
    study.residency.units = 2;
    study.residency.rule = RESIDENCY_NONE_FITS;
    study.residency.misfit_p = 0.0002;
    expect_printed("none", &study, "  residency: no rule that is known here fits", true);
    expect_printed("p", &study, "p = 0.0002)", true);
    study.residency.rule = RESIDENCY_NOT_KNOWN;
    expect_printed("unknown", &study, "  residency: which stay is not known; no revisit shows it\n",
                   true);
    expect_printed("nothing is sure", &study, "sure", false);
    study.residency.units = 1;
    expect_printed("one row has nothing to leave for", &study, "residency", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_remark_names_three_rows_at_most),
        cmocka_unit_test(test_a_row_that_could_not_be_measured_is_not_in_the_table),
        cmocka_unit_test(test_none_above_does_not_fall_below_the_noise),
        cmocka_unit_test(test_the_clock_is_named),
        cmocka_unit_test(test_an_order_that_matters_is_reported_at_one_percent_of_all_rows),
        cmocka_unit_test(test_what_was_not_found_inside_is_not_told),
        cmocka_unit_test(test_a_transition_from_no_numbered_row_says_from_where),
        cmocka_unit_test(test_weights_that_load_and_stay_are_reported),
        cmocka_unit_test(test_what_is_no_memory_is_reported_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
