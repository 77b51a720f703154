/* Sentences: one error, a list of faults with their places. */
#include "core/error.h"

#include <string.h>

#include "support.h"

static void test_an_error_is_cut_to_fit_and_returns_false(void **state)
{
    struct error error;

    (void)state;
    assert_false(error_set(&error, "%s: %d", "x", 5));
    assert_string_equal(error.text, "x: 5");
    assert_false(error_set(&error, "%2000s", "x"));
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void test_a_fault_says_where_as_far_as_it_is_known(void **state)
{
    struct faults faults = {0};

    (void)state;
    faults_add(&faults, "a.csv", 3, "%s is wrong", "qps");
    faults_add(&faults, "a.csv", 0, "is empty");
    faults_add(&faults, NULL, 7, "100%% lost");
    assert_int_equal(faults.count, 3);
    assert_string_equal(faults.text[0], "a.csv:3: qps is wrong");
    assert_string_equal(faults.text[1], "a.csv: is empty");
    assert_string_equal(faults.text[2], "100% lost");
    faults_clear(&faults);
    assert_int_equal(faults.count, 0);
    faults_clear(&faults);
}

/* Whatever comes first: the place, as it was given or as the sentence has it. */
static void test_a_fault_knows_its_place(void **state)
{
    static const struct {
        const char *file;
        int line;
        const char *sentence;
        size_t file_length;
        int its_line;
        const char *rest;
    } cases[] = {
        {"a:1 b.csv", 3, "qps: is 0", 9, 3, "qps: is 0"},
        {"c.yaml", 0, "holds no rows", 6, 0, "holds no rows"},
        {NULL, 0, "slo: is missing", 0, 0, "slo: is missing"},
        {NULL, 0, "c.yaml:12: is no YAML", 6, 12, "is no YAML"},
        {NULL, 0, "dir/c:1.yaml:12: is no YAML", 12, 12, "is no YAML"},
        {NULL, 0, "http://h:80/v1: is no address", 0, 0, "http://h:80/v1: is no address"},
        {NULL, 0, "'x' at 12:30: 5", 0, 0, "'x' at 12:30: 5"},
        {NULL, 0, "c.yaml:0: x", 0, 0, "c.yaml:0: x"},
        {NULL, 0, "c.yaml:99999999999999999999: x", 0, 0, "c.yaml:99999999999999999999: x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct faults faults = {0};

        faults_add(&faults, cases[i].file, cases[i].line, "%s", cases[i].sentence);
        if (faults.place->file_length != cases[i].file_length ||
            faults.place->line != cases[i].its_line ||
            strcmp(faults.text[0] + faults.place->sentence, cases[i].rest) != 0)
            fail_msg("%s: %zu, %d, %s", faults.text[0], faults.place->file_length,
                     faults.place->line, faults.text[0] + faults.place->sentence);
        faults_clear(&faults);
    }
}

static void test_a_sentence_tells_what_it_is_about(void **state)
{
    static const struct {
        const char *sentence, *field;
    } cases[] = {
        {"timeout: 'x' is not a number", "timeout"},
        {"search.budget_s: 20 s are too short", "search.budget_s"},
        {"telemetry[0].url: is missing", "telemetry[0].url"},
        {"unknown key 'timout'; did you mean 'timeout'?", "timout"},
        {"column 'qps' appears twice; keep one", "qps"},
        {"'timeout' is missing: seconds", "timeout"},
        {"'seed' appears here again, first in line 2; keep one", "seed"},
        {"--set timeout: the value cannot be read", "timeout"},
        {"--set timeout=: write KEY=VALUE", "timeout"},
        {"'1,5': write a decimal point", ""},
        {"holds no rows; write a header line", ""},
        {"mix 'day': is alone", ""},
        {"3 rows: ask for the same", ""},
        {"", ""},
        {"'", ""},
        {"column '", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *field;
        size_t length = fault_field(cases[i].sentence, &field);

        if (length != strlen(cases[i].field) || strncmp(field, cases[i].field, length) != 0)
            fail_msg("%s: %.*s", cases[i].sentence, (int)length, field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_error_is_cut_to_fit_and_returns_false),
        cmocka_unit_test(test_a_fault_says_where_as_far_as_it_is_known),
        cmocka_unit_test(test_a_fault_knows_its_place),
        cmocka_unit_test(test_a_sentence_tells_what_it_is_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
