/* What a person reads in a terminal. */
#include "report/terminal/terminal.h"

#include "report/terminal/width.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_load_in_a_few_letters),
        cmocka_unit_test(test_a_text_is_cut_in_its_middle_between_letters),
        cmocka_unit_test(test_durations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
