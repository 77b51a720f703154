/* The steps of a run as a table, and what is noted of them. */
#include "report/terminal/steps_table.h"

#include "on_terminal.h"
#include "records.h"
#include "support.h"

/* What the table prints, for the caller to free. */
static char *table(struct step *step, size_t count)
{
    const struct results results = {.step = step, .count = count};
    char *bytes = NULL;
    size_t length;
    FILE *out = open_memstream(&bytes, &length);

    steps_table(out, &results);
    steps_notes(out, &results);
    fclose(out);
    return bytes;
}

static struct step asked(char *model)
{
    return (struct step){
        .row = {.model_name = model,
                .input_tokens = 1000,
                .output_tokens = 32,
                .num_requests = 6,
                .concurrent_requests = 1},
        .started = 6,
        .completed = 6,
        .client_total_output_throughput = NAN,
        .switching = {SWITCHING_NONE, NAN, false},
        .estimate = {.verdict = SWITCH_NOT_DETECTED},
        .fidelity = {.prompt_error_tokens_max = NAN, .output_share = NAN},
    };
}

static void set_figures(struct step *step, double ttft_s, double speed, double total)
{
    step->metric[METRIC_CLIENT_TTFT_S] =
        (struct metric_summary){.count = 6, .quantile = {[2] = ttft_s}};
    step->metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] =
        (struct metric_summary){.count = 6, .quantile = {[2] = speed}};
    step->client_total_output_throughput = total;
}

static void test_the_table_shows_key_figures_and_what_switches_cost(void **state)
{
    static char llama[] = "Meta-Llama-3.3-70B-Instruct", gpt[] = "gpt-oss-120b";
    struct step steps[] = {asked(llama), asked(gpt)};
    char *text;

    (void)state;
    steps[0].metric[METRIC_CLIENT_TTFT_S] =
        (struct metric_summary){.count = 6, .quantile = {[2] = 0.25}};
    steps[0].metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] =
        (struct metric_summary){.count = 6, .quantile = {[2] = 123.44}};
    steps[0].client_total_output_throughput = 99.96;
    steps[0].estimate = (struct switch_estimate){.verdict = SWITCH_DETECTED, .value_s = 0.75};
    steps[1].index = 1;
    text = table(steps, 2);
    expect_text(
        "table", text,
        "  #  model                         tokens  load  done    TTFT  tok/s  tok/s Σ  switch\n"
        "  1  Meta-Llama-3.3-70B-Instruct  1000→32  c=1    6/6  250 ms    123      100  750 ms\n"
        "  2  gpt-oss-120b                 1000→32  c=1    6/6       –      –        –    none\n"
        "  TTFT and tok/s: medians per request; tok/s Σ: the row's total\n");
    free(text);
}

/* The column is the study's: the documented rule's word stays in the files. */
static void test_a_switch_is_what_the_study_says(void **state)
{
    static const struct {
        const char *name;
        enum switching_verdict rule;
        struct switch_estimate estimate;
        const char *end;
    } cases[] = {
        {"both", SWITCHING_FOUND, {.verdict = SWITCH_DETECTED, .value_s = 0.0492}, "  49.2 ms\n"},
        {"the rule alone", SWITCHING_FOUND, {.verdict = SWITCH_NOT_MEASURABLE}, "  –\n"},
        {"they differ", SWITCHING_FOUND, {.verdict = SWITCH_NOT_DETECTED}, "  none\n"},
        {"not sure", SWITCHING_NONE, {.verdict = SWITCH_INCONCLUSIVE}, "  inconclusive\n"},
        {"no rule", SWITCHING_TOO_FEW, {.verdict = SWITCH_DETECTED, .value_s = 1.5}, "  1.50 s\n"},
    };
    static char model[] = "m";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = asked(model);
        char *text;

        step.switching = (struct switching){cases[i].rule, 0.75, true};
        step.estimate = cases[i].estimate;
        text = table(&step, 1);
        expect_part(cases[i].name, text, cases[i].end);
        expect_true(cases[i].name, !strstr(text, "rule") && !strstr(text, "750"));
        free(text);
    }
}

/* 61 steps of which 29 are degraded are one line; so are others that differ in figures alone. */
static void test_what_holds_for_many_steps_is_one_line(void **state)
{
    enum { STEPS = 61 };
    static char model[] = "m";
    struct step *steps = memory_new(STEPS, sizeof *steps);
    struct results results = {.step = steps, .count = STEPS, .planned = STEPS + 1, .repeats = true};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    for (size_t i = 0; i < STEPS; i++) {
        steps[i] = asked(model);
        steps[i].index = i;
        if (i % 2 == 1 && i < 58) {
            steps[i].health.verdict = MEASUREMENT_DEGRADED;
            snprintf(steps[i].health.reason, sizeof steps[i].health.reason,
                     "read %.4f s late: %s times suffer", 0.001 * (double)i,
                     i < 9 ? "inter-token" : "all");
        }
        steps[i].announced = i == 3 || i == 7;
    }
    steps_notes(out, &results);
    fclose(out);
    expect_text("notes", text,
                "steps 4 and 8: 1 response began with announcements, which count as no tokens\n"
                "29 of 61 steps (2, 4, 6, 8, 10 …) are degraded: read 0.0010 s late: inter-token "
                "times suffer (step 2)\n"
                "1 of 62 steps was not run: the run was stopped\n");
    free(text);
    free(steps);
}

/* --- On terminals ----------------------------------------------------------------------------- */

static void print_table(FILE *out, const void *context)
{
    steps_table(out, context);
}

/* Names give way first, then columns that matter less; no line is broken. */
static void test_the_table_fits_terminals(void **state)
{
    static const struct {
        int columns;
        const char *text;
    } cases[] = {
        {120, "  #  model                           tokens  load       done    TTFT  tok/s  tok/s "
              "Σ        switch\n"
              "  1  Meta-Llama-3.3-70B-Instruct    1000→32  c=1         6/6  250 ms    123      "
              "100        750 ms\n"
              "  2  gpt-oss-120b                 50000→500  12/s exp  90/96  1.25 s   9.12     "
              "3210  inconclusive\n"
              "  TTFT and tok/s: medians per request; tok/s Σ: the row's total\n"},
        {80, "  #  model               tokens  load       done    TTFT  tok/s Σ        switch\n"
             "  1  Llama-3.3-70B      1000→32  c=1         6/6  250 ms      100        750 ms\n"
             "  2  gpt-oss-120b     50000→500  12/s exp  90/96  1.25 s     3210  inconclusive\n"
             "  TTFT and tok/s: medians per request; tok/s Σ: the row's total\n"},
        {60, "  #  model          load        TTFT  tok/s Σ        switch\n"
             "  1  Llama-3.3-70B  c=1       250 ms      100        750 ms\n"
             "  2  gpt-oss-120b   12/s exp  1.25 s     3210  inconclusive\n"
             "  TTFT and tok/s: medians per request; tok/s Σ: the row's\n"
             "  total\n"},
    };
    static char llama[] = "Meta-Llama-3.3-70B-Instruct", gpt[] = "gpt-oss-120b";
    struct step steps[] = {asked(llama), asked(gpt)};
    const struct results results = {.step = steps, .count = 2};

    (void)state;
    set_figures(&steps[0], 0.25, 123.44, 99.96);
    steps[0].estimate = (struct switch_estimate){.verdict = SWITCH_DETECTED, .value_s = 0.75};
    set_figures(&steps[1], 1.25, 9.123, 3210.4);
    steps[1].estimate.verdict = SWITCH_INCONCLUSIVE;
    steps[1].index = 1;
    steps[1].row = (struct row){.model_name = gpt,
                                .input_tokens = 50000,
                                .output_tokens = 500,
                                .num_requests = 96,
                                .qps = 12,
                                .qps_distribution = ROW_EXPONENTIAL};
    steps[1].completed = 90;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = on_terminal(cases[i].columns, print_table, &results);

        expect_text("table", text, cases[i].text);
        free(text);
    }
}

static void test_what_a_server_cuts_is_reported_below(void **state)
{
    static const struct {
        const char *name;
        struct fidelity fidelity;
        const char *line;
    } cases[] = {
        {"every prompt",
         {.prompts_cut = 6, .prompts_cut_to_tokens = 512},
         "row 1: the server counted 512 of every prompt: it cuts them to its context; 1000 cannot "
         "be "
         "measured\n"},
        {"some prompts",
         {.prompts_cut = 5, .prompts_cut_to_tokens = 512},
         "row 1: the server counted 512 of 5 prompts: it cuts them to its context; 1000 cannot be "
         "measured\n"},
        {"a response",
         {.responses_cut = 1, .context_tokens = 4096},
         "row 1: 1 response was cut: prompt and response reach the context of 4096\n"},
        {"responses",
         {.responses_cut = 2, .context_tokens = 4096},
         "row 1: 2 responses were cut: prompt and response reach the context of 4096\n"},
        {"a length",
         {.prompts_unconfirmed = 1},
         "row 1: the lengths of 1 prompt are not confirmed: no response counts them, and "
         "calibrate has not\n"},
    };
    static char model[] = "m";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = asked(model);
        char *text;

        step.fidelity = cases[i].fidelity;
        step.fidelity.output_share = NAN;
        text = table(&step, 1);
        expect_part(cases[i].name, text, cases[i].line);
        free(text);
    }
}

static void test_troubles_are_reported_below(void **state)
{
    static char model[] = "m\x1b[2J";
    struct error_count errors[] = {{.code = "429", .is_status = true, .count = 2},
                                   {.code = "timeout", .count = 1}};
    struct step step = asked(model);
    char *text;

    (void)state;
    step.end = STEP_TIMED_OUT;
    step.completed = 3;
    step.errors = 3;
    step.error = errors;
    step.error_kinds = 2;
    text = table(&step, 1);
    expect_part("row", text, " 3/6 ");
    expect_part("trouble", text, "row 1: timed out, failed: 429 × 2, timeout × 1\n");
    assert_null(strchr(text, '\x1b'));
    free(text);
}

/* What goes to a file or a pipe is cut for nobody. */
static void test_names_stay_whole_where_there_is_no_terminal(void **state)
{
    static char model[] =
        "a-model-whose-name-is-much-longer-than-any-column-of-a-terminal-could-be";
    struct step step = asked(model);
    char *text;

    (void)state;
    text = table(&step, 1);
    expect_part("name", text, model);
    free(text);
}

static void test_what_is_no_measurement_is_marked(void **state)
{
    static char model[] = "m";
    struct step step = asked(model);
    char *text;

    (void)state;
    step.health.verdict = MEASUREMENT_INVALID;
    snprintf(step.health.reason, sizeof step.health.reason, "the loop slept");
    text = table(&step, 1);
    expect_part("row", text, "none  INVALID\n");
    expect_part("reason", text, "row 1 is invalid: client-limited: the loop slept\n");
    free(text);
    step.completed = 0;
    step.errors = 6;
    text = table(&step, 1);
    expect_part("nothing completed", text, "row 1: failed");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_shows_key_figures_and_what_switches_cost),
        cmocka_unit_test(test_a_switch_is_what_the_study_says),
        cmocka_unit_test(test_what_holds_for_many_steps_is_one_line),
        cmocka_unit_test(test_the_table_fits_terminals),
        cmocka_unit_test(test_what_a_server_cuts_is_reported_below),
        cmocka_unit_test(test_troubles_are_reported_below),
        cmocka_unit_test(test_names_stay_whole_where_there_is_no_terminal),
        cmocka_unit_test(test_what_is_no_measurement_is_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
