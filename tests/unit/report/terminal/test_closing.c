/* The last line that a command prints. */
#include "report/terminal/closing.h"

#include "on_terminal.h"
#include "support.h"

static char model[] = "Meta-Llama-3.3-70B-Instruct";

static struct error_count error = {.code = "401", .is_status = true, .count = 12};
static struct manifest_fact fact = {(char *)"endpoint.key_source",
                                    (char *)"SAMBANOVA_API_KEY (.env)"};

struct given {
    struct step step;
    struct results run;
    struct study study;
    struct report report;
};

static void set_up(struct given *given, size_t completed)
{
    *given = (struct given){.step = {.row = {.model_name = model},
                                     .started = 12,
                                     .completed = completed,
                                     .errors = 12 - completed,
                                     .error = &error,
                                     .error_kinds = completed < 12 ? 1 : 0,
                                     .client_total_output_throughput = 812.3}};
    given->step.metric[METRIC_CLIENT_TTFT_S] =
        (struct metric_summary){.count = completed, .quantile = {[2] = 0.213}};
    given->step.metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] =
        (struct metric_summary){.count = completed, .quantile = {[2] = 45.23}};
    given->run =
        (struct results){.step = &given->step, .count = 1, .manifest = {.fact = &fact, .facts = 1}};
    given->report = (struct report){.run = &given->run, .runs = 1, .study = &given->study};
}

static void print(FILE *out, const void *context)
{
    const struct given *given = context;

    closing_of(out, &given->report, NULL);
}

static void test_the_sentence_fits_terminals(void **state)
{
    static const struct {
        size_t completed;
        int columns;
        const char *text;
    } cases[] = {
        {12, 120,
         "Meta-Llama-3.3-70B-Instruct: first token after 213 ms (median), 45.2 tokens/s a request, "
         "812 tokens/s in all; none of\n"
         "  12 requests failed.\n"},
        {12, 80,
         "Meta-Llama-3.3-70B-Instruct: first token after 213 ms (median), 45.2 tokens/s a\n"
         "  request, 812 tokens/s in all; none of 12 requests failed.\n"},
        {12, 60,
         "Meta-Llama-3.3-70B-Instruct: first token after 213 ms\n"
         "  (median), 45.2 tokens/s a request, 812 tokens/s in all;\n"
         "  none of 12 requests failed.\n"},
        {12, 53,
         "Meta-Llama-3.3-70B-Instruct: first token after\n"
         "  213 ms (median), 45.2 tokens/s a request,\n"
         "  812 tokens/s in all; none of 12 requests failed.\n"},
        {0, 60,
         "401: the endpoint refuses the key from SAMBANOVA_API_KEY\n"
         "  (12 of 12 requests).\n"},
    };
    struct given given;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text;

        set_up(&given, cases[i].completed);
        text = on_terminal(cases[i].columns, print, &given);
        expect_text("closing", text, cases[i].text);
        free(text);
    }
}

static void test_the_page_is_named_where_it_is_there(void **state)
{
    struct given given;

    (void)state;
    set_up(&given, 12);
    for (int there = 0; there < 2; there++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        if (there)
            support_write("book.html", "x");
        closing_of(out, &given.report, "book");
        fclose(out);
        assert_true((strstr(text, "failed. Open book.html\n") != NULL) == (there == 1));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sentence_fits_terminals),
        in_folder(test_the_page_is_named_where_it_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
