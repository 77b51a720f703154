/* What a person reads in a terminal. */
#include "report/terminal.h"

#include "records.h"
#include "report/width.h"
#include "support.h"

static void test_a_load_in_a_few_letters(void **state)
{
    static const struct {
        struct row row;
        const char *text;
    } cases[] = {
        {{.concurrent_requests = 16}, "c=16"},
        {{.qps = 2, .qps_distribution = ROW_EXPONENTIAL}, "2/s exp"},
        {{.qps = 0.5, .qps_distribution = ROW_UNIFORM}, "0.5/s unif"},
        {{.qps = 10}, "10/s const"},
    };
    char text[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        terminal_load(&cases[i].row, text, sizeof text);
        expect_text(cases[i].text, text, cases[i].text);
    }
}

static void test_a_text_is_cut_in_its_middle_between_letters(void **state)
{
    static const struct {
        const char *from;
        int width;
        const char *text;
    } cases[] = {
        {"short", 10, "short"},
        {"exactly-10", 10, "exactly-10"},
        {"Meta-Llama-3.3-70B-Instruct", 11, "Meta-…truct"},
        {"Meta-Llama-3.3-70B-Instruct", 10, "Meta…truct"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac", 5,
         "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac", 3, "\xc3\xa4…\xe2\x82\xac"},
        {"a\x1b[31mb\nc\x7f", 20, "a?[31mb?c?"},
        {"", 5, ""},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        width_fit(cases[i].from, cases[i].width, text, sizeof text);
        expect_text(cases[i].from, text, cases[i].text);
    }
}

static void test_durations(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {0, "0.0 s"},         {0.84, "0.8 s"},         {9.94, "9.9 s"},
        {12.4, "12 s"},       {59.4, "59 s"},          {59.6, "1 min 00 s"},
        {80, "1 min 20 s"},   {3599.4, "59 min 59 s"}, {3599.6, "1 h 00 min"},
        {7500, "2 h 05 min"}, {100000, "27 h 46 min"},
    };
    char text[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        terminal_duration(cases[i].seconds, text, sizeof text);
        expect_text(cases[i].text, text, cases[i].text);
    }
}

/* What the table prints, for the caller to free. */
static char *table(struct step *step, size_t count)
{
    const struct results results = {.step = step, .count = count};
    char *bytes = NULL;
    size_t length;
    FILE *out = open_memstream(&bytes, &length);

    terminal_table(out, &results);
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
        .fidelity = {.prompt_error_tokens_max = NAN, .output_share = NAN},
    };
}

static void test_the_table_tells_key_figures_and_switching_times(void **state)
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
    steps[0].switching = (struct switching){SWITCHING_FOUND, 0.75, true};
    steps[1].index = 1;
    text = table(steps, 2);
    expect_part("heading", text, "  # model ");
    expect_part(
        "first", text,
        "  1 Meta-Llama-3.3-70B-Instruct  1000→32 c=1   6/6   0.250   123.4    100.0 0.750 s\n");
    expect_part(
        "second", text,
        "  2 gpt-oss-120b                 1000→32 c=1   6/6       –       –        – none\n");
    assert_null(strstr(text, "row "));
    free(text);
}

static void test_troubles_are_told_below(void **state)
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
        cmocka_unit_test(test_a_load_in_a_few_letters),
        cmocka_unit_test(test_a_text_is_cut_in_its_middle_between_letters),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_the_table_tells_key_figures_and_switching_times),
        cmocka_unit_test(test_troubles_are_told_below),
        cmocka_unit_test(test_names_stay_whole_where_there_is_no_terminal),
        cmocka_unit_test(test_what_is_no_measurement_is_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
