/* The table of known and measured values: units, verdicts, and that it fits a terminal. */
#include "report/terminal/accuracy_table.h"

#include "report/terminal/terminal.h"
#include "report/terminal/width.h"
#include "support.h"

static void test_times_take_the_unit_that_suits_them(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {0, "0 ns"},
        {1e-17, "0 ns"},
        {1e-9, "1 ns"},
        {-250.4e-9, "-250 ns"},
        {1e-6, "1.000 µs"},
        {54.123e-6, "54.12 µs"},
        {-198.34e-6, "-198.3 µs"},
        {0.99996e-3, "1.000 ms"},
        {20.0184e-3, "20.02 ms"},
        {1.5, "1.500 s"},
        {NAN, "–"},
        {INFINITY, "–"},
    };
    char text[32];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        accuracy_time(cases[i].seconds, text, sizeof text);
        expect_text(cases[i].text, text, cases[i].text);
    }
}

static void test_a_line_tells_the_verdict(void **state)
{
    static const struct accuracy_line lines[] = {
        {"output tokens", ACCURACY_COUNT, {9, 64, 64, 0, 0, 0, true}, true},
        {"TTFT", ACCURACY_SECONDS, {9, .02, .0195, -5e-4, 6e-4, 5e-4, false}, true},
        {"TTFT", ACCURACY_SECONDS, {9, .02, .0195, -5e-4, 6e-4, 5e-4, false}, false},
        {"throughput", ACCURACY_PER_S, {1, 2000, 1999.96, -0.04, 0.04, 100, true}, true},
        {"switch (server)", ACCURACY_SECONDS, {0, NAN, NAN, NAN, NAN, NAN, false}, true},
        {"chunks", ACCURACY_COUNT, {0, NAN, NAN, NAN, NAN, NAN, false}, true},
    };
    static const char expected[] =
        "                      known  measured     error      95 % tolerance\n"
        "output tokens            64        64         0         0         0 ok\n"
        "TTFT               20.00 ms  19.50 ms -500.0 µs  600.0 µs  500.0 µs OUTSIDE\n"
        "TTFT               20.00 ms  19.50 ms -500.0 µs  600.0 µs  500.0 µs not judged\n"
        "throughput         2000.0/s  2000.0/s     0.0/s     0.0/s   100.0/s ok\n"
        "switch (server)           –         –         –         –         – OUTSIDE\n"
        "chunks                    –         –         –         –         – OUTSIDE\n";
    FILE *out = fopen("table", "w");
    char *text;

    (void)state;
    accuracy_table_print(out, lines, COUNT_OF(lines));
    assert_int_equal(fclose(out), 0);
    text = support_read("table");
    expect_text("table", text, expected);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        expect_true(line, width_of(line) <= 80);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_take_the_unit_that_suits_them),
        in_folder(test_a_line_tells_the_verdict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
