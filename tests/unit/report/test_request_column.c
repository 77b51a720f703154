/* A request as a line of the CSV (RFC 4180), as a spreadsheet opens it. */
#include "report/request_column.h"

#include "report/terminal/terminal.h"
#include "support.h"

/* A line of the CSV, for the caller to free. */
static char *line_of(const char *model, const char *message, double ttft_s)
{
    struct step step = {.row = {.model_name = (char *)model,
                                .input_tokens = 10,
                                .output_tokens = 5,
                                .num_requests = 4,
                                .concurrent_requests = 2},
                        .index = 7};
    char row[512];
    struct request_line line = {
        .step = &step, .row = row, .run = 1, .began_s = 0.25, .batch_size = NAN};
    struct text csv = {0};

    terminal_row(&step.row, sizeof row / 2, row, sizeof row);
    line.index = 3;
    line.end = *message ? REQUEST_TIMEOUT : REQUEST_COMPLETED;
    for (int i = 0; i < LINE_FIGURES; i++)
        line.value[i] = NAN;
    line.value[LINE_CLIENT_TTFT_S] = ttft_s;
    line.message = (char *)message;
    request_add_csv(&line, &csv);
    return text_take(&csv);
}

static void test_texts_are_quoted_and_none_is_a_formula(void **state)
{
    static const struct {
        const char *name, *model, *message, *row, *code, *shown;
    } cases[] = {
        {"plain", "m", "", "2,7,\"m 10", ",3,0.25,,", ",,\r\n"},
        {"a quote", "m\"1\"", "it said \"no\", twice", "2,7,\"m\"\"1\"\" 10",
         ",3,0.25,\"timeout\",", ",\"it said \"\"no\"\", twice\"\r\n"},
        {"a formula", "=1+1", "@SUM(A1)", "2,7,\" =1+1 10", ",\"timeout\",", ",\" @SUM(A1)\"\r\n"},
        {"plus", "+1", "-1", "2,7,\" +1 10", ",\"timeout\",", ",\" -1\"\r\n"},
        {"a tab", "m", "\t=1", "2,7,\"m 10", ",\"timeout\",", ",\" \t=1\"\r\n"},
        {"within", "a=b", "a-b", "2,7,\"a=b 10", ",\"timeout\",", ",\"a-b\"\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *line = line_of(cases[i].model, cases[i].message, 0.5);
        size_t length = strlen(line), end = strlen(cases[i].shown);

        expect_true(line, strncmp(line, cases[i].row, strlen(cases[i].row)) == 0);
        expect_part(cases[i].name, line, cases[i].code);
        expect_true(line, length > end && strcmp(line + length - end, cases[i].shown) == 0);
        free(line);
    }
}

static void test_numbers_stand_bare_and_what_is_none_is_empty(void **state)
{
    static const struct {
        double ttft_s;
        const char *cells;
    } cases[] = {
        {0.123456789, ",\"timeout\",,,0.123456789,,"},
        {2, ",\"timeout\",,,2,,"},
        {1e-7, ",\"timeout\",,,1e-07,,"},
        {NAN, ",\"timeout\",,,,,"},
        {INFINITY, ",\"timeout\",,,,,"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *line = line_of("m", "late", cases[i].ttft_s);

        expect_part(cases[i].cells, line, cases[i].cells);
        free(line);
    }
}

static void test_the_head_names_as_many_columns_as_a_line_has_cells(void **state)
{
    char *bytes = NULL, *line = line_of("m", "late", 0.5);
    size_t length, commas = 0, others = 0;
    FILE *out = open_memstream(&bytes, &length);

    (void)state;
    assert_non_null(out);
    request_write_csv_head(out);
    assert_int_equal(fclose(out), 0);
    assert_memory_equal(bytes, "\xef\xbb\xbfrun,step,row,", 16);
    assert_string_equal(bytes + length - 12, ",error_msg\r\n");
    for (const char *c = bytes; *c; c++)
        commas += *c == ',';
    for (const char *c = line, *quoted = NULL; *c; c++) {
        if (*c == '"')
            quoted = quoted ? NULL : c;
        others += *c == ',' && !quoted;
    }
    assert_int_equal(commas, request_column_count() - 1);
    assert_int_equal(others, commas);
    free(bytes);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_quoted_and_none_is_a_formula),
        cmocka_unit_test(test_numbers_stand_bare_and_what_is_none_is_empty),
        cmocka_unit_test(test_the_head_names_as_many_columns_as_a_line_has_cells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
