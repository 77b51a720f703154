/* What a person reads of a study. */
#include "report/terminal/study_table.h"

#include "on_terminal.h"
#include "support.h"

static char a[] = "a", b[] = "b";

static struct switch_estimate estimate_of(enum switch_verdict verdict)
{
    return (struct switch_estimate){.verdict = verdict,
                                    .value_s = 0.1,
                                    .low_s = 0.09,
                                    .high_s = 0.11,
                                    .smallest_s = 0.07,
                                    .p = verdict == SWITCH_DETECTED ? 0 : 0.5,
                                    .spread = 0.05,
                                    .df = 12,
                                    .visits = 4,
                                    .measured = 3,
                                    .switched = 1,
                                    .outstanding = 2};
}

static const struct row row_a = {
    .model_name = a, .input_tokens = 10, .output_tokens = 1, .concurrent_requests = 1};
static const struct row row_b = {
    .model_name = b, .input_tokens = 10, .output_tokens = 1, .concurrent_requests = 1};

static char *printed(void (*print)(FILE *out, const struct study *study), const struct study *study)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    print(out, study);
    fclose(out);
    return text;
}

static void test_each_verdict_reads_as_it_is_meant(void **state)
{
    static const struct {
        enum switch_verdict verdict;
        int flags;
        const char *part;
    } cases[] = {
        {SWITCH_DETECTED, 0, "  1  a 10→1 c=1       3     2  100 ± 10 ms  detected\n"},
        {SWITCH_NOT_DETECTED, 0, "none above 110 ms\n"},
        {SWITCH_NOT_DETECTED, SWITCH_FLAG_INSIDE, "only at another batch size\n"},
        {SWITCH_INCONCLUSIVE, 0, "inconclusive below 70.0 ms\n"},
        {SWITCH_INCONCLUSIVE, SWITCH_FLAG_FEW, "inconclusive: 2 of 3 stood out\n"},
        {SWITCH_DETECTED, SWITCH_FLAG_BY_CONTENT,
         "  judged by the TTFT of content, without reasoning: a 10→1 c=1\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct study_group row = {.to = &row_a,
                                  .estimate = estimate_of(cases[i].verdict),
                                  .cost = {.visits = 3, .paid = 2, .not_paid = 1}};
        const struct study study = {.row = &row, .rows = 1};
        char *text;

        row.estimate.flags = cases[i].flags;
        text = printed(study_table_rows, &study);
        expect_part("row", text, cases[i].part);
        expect_part("scale", text,
                    "By the server's TTFT, which varies by 5.0 % without a switch "
                    "(12 degrees of freedom)");
        free(text);
    }
}

static void test_what_could_not_be_measured_is_named_with_its_reason(void **state)
{
    struct study_group row[] = {
        {.to = &row_a, .estimate = estimate_of(SWITCH_NOT_MEASURABLE), .order_p = NAN},
        {.to = &row_b, .estimate = estimate_of(SWITCH_NOT_MEASURABLE), .order_p = NAN}};
    const struct study study = {.row = row, .rows = 2};
    char *text;

    (void)state;
    row[0].estimate.reason = row[1].estimate.reason = SWITCH_ALL_EXPOSED;
    text = printed(study_table_rows, &study);
    expect_text("table", text,
                "\nswitching to each row:\n"
                "  not measurable, requests = concurrency: a 10→1 c=1, b 10→1 c=1\n");
    free(text);
}

static void test_transitions_go_by_numbers_unless_each_row_has_one(void **state)
{
    struct study_group row[] = {{.to = &row_a, .estimate = estimate_of(SWITCH_DETECTED)},
                                {.to = &row_b, .estimate = estimate_of(SWITCH_DETECTED)}};
    struct study_group transition[] = {
        {.to = &row_a, .estimate = estimate_of(SWITCH_DETECTED)},
        {.from = &row_a, .to = &row_b, .estimate = estimate_of(SWITCH_DETECTED)},
        {.from = &row_b, .to = &row_a, .estimate = estimate_of(SWITCH_DETECTED)}};
    struct study study = {.row = row, .rows = 2, .transition = transition, .transitions = 3};
    char *text;

    (void)state;
    transition[1].cost =
        (struct study_cost){3, 2, 1, 0, 0.67, 0.09, 0.99, 0.1, 0.09, 0.11, 0.005, 20, 2, 0.1, true};
    transition[2].cost =
        (struct study_cost){3, 0, 2, 1, 0, 0, 0.84, NAN, NAN, NAN, NAN, NAN, 0, NAN, false};
    text = printed(study_table_transitions, &study);
    expect_part("matrix", text,
                "  from \\ to                  1           2\n"
                "                             a           b\n"
                "   1  a                      ·         100\n"
                "                                       2/3\n"
                "   2  b                      –           ·\n"
                "                           0/2\n");
    expect_part("paid", text, "      1 → 2       3     2  100 ± 10 ms  67 % (9 to 99 %)");
    expect_part("not paid", text, "      2 → 1       2     0            –  0 % (0 to 84 %)");
    free(text);
    study.transitions = 2;
    text = printed(study_table_transitions, &study);
    expect_text("nothing more to say", text, "");
    free(text);
    text = printed(study_table_rows, &study);
    expect_part("beside the row", text, "  2      1  b 10→1 c=1");
    free(text);
}

static void test_a_switch_inside_is_named_with_its_size(void **state)
{
    struct study_group row = {.to = &row_a, .estimate = estimate_of(SWITCH_DETECTED)};
    struct study_inside inside = {&row_a, 8, 5, 4, 0.125};
    const struct study study = {.row = &row, .rows = 1, .inside = &inside, .insides = 1};
    char *text = printed(study_table_rows, &study);

    (void)state;
    expect_part("inside", text,
                "  a further switch inside a 10→1 c=1: the first batch of 8 took "
                "125 ms longer in 4 of 5 visits\n");
    free(text);
}

/* Of two visits nobody can tell whether they paid: a cell says so, and a line counts them. */
static void test_visits_that_could_not_show_it_count_neither_way(void **state)
{
    struct study_group row[] = {
        {.to = &row_a,
         .estimate = estimate_of(SWITCH_DETECTED),
         .cost = {.visits = 4, .paid = 3, .not_paid = 1, .unknown = 1}},
        {.to = &row_b, .estimate = estimate_of(SWITCH_NOT_MEASURABLE), .cost = {.unknown = 5}}};
    struct study_group transition[] = {
        {.from = &row_b, .to = &row_a, .cost = {.visits = 1, .unknown = 1, .cost_s = NAN}},
        {.to = &row_a},
        {.to = &row_b}};
    struct study study = {.row = row, .rows = 2, .transition = transition, .transitions = 3};
    char *text = printed(study_table_rows, &study);

    (void)state;
    expect_part("row", text, "  1  a 10→1 c=1       4     3  100 ± 10 ms  detected\n");
    expect_part("one", text,
                "  1 visit could not have shown a switch, and counts neither way: a 10→1 c=1\n");
    free(text);
    row[0].cost.unknown = 2;
    text = printed(study_table_rows, &study);
    expect_part("two", text,
                "  2 visits could not have shown a switch, and count neither way: a 10→1 c=1\n");
    free(text);
    row[0].cost.unknown = 0;
    text = printed(study_table_rows, &study);
    expect_true("none", !strstr(text, "neither way"));
    free(text);
    text = printed(study_table_transitions, &study);
    expect_part("cell", text,
                "   2  b                      ?           ·\n"
                "                           0/0\n");
    expect_part("share", text, "      2 → 1       0     0       –  not known\n");
    free(text);
}

/* The weight of "a" is known, so the table says more than that of rows. */
static void test_models_stand_with_their_weights_and_speeds(void **state)
{
    struct study_group row[] = {{.to = &row_a, .estimate = estimate_of(SWITCH_DETECTED)},
                                {.to = &row_b, .estimate = estimate_of(SWITCH_DETECTED)}};
    struct study_model model[] = {
        {"a",
         1,
         {3, 2, 1, 0, 0.67, 0.09, 0.99, 0.1, 0.09, 0.11, 0.005, 20, 2, 0.1, true},
         NAN,
         100,
         1800},
        {"b",
         1,
         {3, 0, 3, 0, 0, 0, 0.71, NAN, NAN, NAN, NAN, NAN, 0, NAN, false},
         0.001,
         NAN,
         NAN}};
    struct study study = {
        .row = row, .rows = 2, .model = model, .models = 2, .loading = {.rows = 2, 0.04}};
    char *text = printed(study_table_models, &study);

    (void)state;
    expect_part("known", text, "     1       3     2  100 ± 10 ms  100  1800\n");
    expect_part("not", text, "its rows differ\n");
    expect_part("overhead", text, "less 40.0 ms");
    free(text);
    model[0].gb_per_s = NAN;
    text = printed(study_table_models, &study);
    expect_text("no more than rows", text, "");
    free(text);
}

/* --- On terminals ----------------------------------------------------------------------------- */

static void print_rows(FILE *out, const void *context)
{
    study_table_rows(out, context);
}

/* Names give way first, then visits and what a request takes otherwise; no line is broken, and
 * none begins with a unit. */
static void test_the_rows_fit_terminals(void **state)
{
    static const struct {
        int columns;
        const char *text;
    } cases[] = {
        {120, "\n"
              "switching to each row:\n"
              "  #  to                                      visits  paid     TTFT       switch  "
              "verdict\n"
              "  1  Meta-Llama-3.3-70B-Instruct 1000→1 c=1      12    10  46.9 ms  100 ± 10 ms  "
              "detected\n"
              "  2  b 10→1 c=1                                  12     0   1.25 s  100 ± 10 ms  "
              "none above 110 ms\n"
              "  By the server's TTFT, which varies by 5.0 % without a switch (12 degrees of "
              "freedom); ± is 95 %.\n"},
        {80, "\n"
             "switching to each row:\n"
             "  #  to                            visits  paid       switch  verdict\n"
             "  1  Llama-3.3-70B 1000→1 c=1          12    10  100 ± 10 ms  detected\n"
             "  2  b 10→1 c=1                        12     0  100 ± 10 ms  none above 110 ms\n"
             "  By the server's TTFT, which varies by 5.0 % without a switch (12 degrees of\n"
             "  freedom); ± is 95 %.\n"},
        {60, "\n"
             "switching to each row:\n"
             "  #  to                             switch  verdict\n"
             "  1  Llama-3.3-70B 1000→1 c=1  100 ± 10 ms  detected\n"
             "  2  b 10→1 c=1                100 ± 10 ms  none above 110 ms\n"
             "  By the server's TTFT, which varies by 5.0 % without a\n"
             "  switch (12 degrees of freedom); ± is 95 %.\n"},
    };
    static char llama[] = "Meta-Llama-3.3-70B-Instruct";
    struct row long_row = row_a;
    struct study_group row[] = {{.to = &long_row,
                                 .estimate = estimate_of(SWITCH_DETECTED),
                                 .steady_s = 0.0469,
                                 .order_p = NAN,
                                 .cost = {.visits = 12, .paid = 10, .not_paid = 2}},
                                {.to = &row_b,
                                 .estimate = estimate_of(SWITCH_NOT_DETECTED),
                                 .steady_s = 1.25,
                                 .order_p = NAN,
                                 .cost = {.visits = 12, .not_paid = 12}}};
    const struct study study = {.row = row, .rows = 2};

    (void)state;
    long_row.model_name = llama;
    long_row.input_tokens = 1000;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = on_terminal(cases[i].columns, print_rows, &study);

        expect_text("rows", text, cases[i].text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_verdict_reads_as_it_is_meant),
        cmocka_unit_test(test_what_could_not_be_measured_is_named_with_its_reason),
        cmocka_unit_test(test_transitions_go_by_numbers_unless_each_row_has_one),
        cmocka_unit_test(test_visits_that_could_not_show_it_count_neither_way),
        cmocka_unit_test(test_models_stand_with_their_weights_and_speeds),
        cmocka_unit_test(test_a_switch_inside_is_named_with_its_size),
        cmocka_unit_test(test_the_rows_fit_terminals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
