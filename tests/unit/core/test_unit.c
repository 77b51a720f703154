/* The one rule by which figures are written. */
#include "core/unit.h"

#include <math.h>

#include "support.h"

static void writes_times(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {0.0492, "49.2 ms"},  {0.049, "49.0 ms"},       {0.413, "413 ms"}, {1.234, "1.23 s"},
        {0.9996, "1.00 s"},   {0.9994, "999 ms"},       {12.34, "12.3 s"}, {1234.4, "1230 s"},
        {0.00123, "1.23 ms"}, {0.0000123, "0.0123 ms"}, {0, "0 ms"},       {-0.0, "0 ms"},
        {-1e-9, "0 ms"},      {-0.0321, "-32.1 ms"},    {NAN, "–"},        {INFINITY, "–"},
        {0.09999, "100 ms"},  {9.999, "10.0 s"},
    };
    char text[UNIT_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(unit_time(cases[i].seconds, text), cases[i].text);
}

static void writes_what_a_time_is_sure_to(void **state)
{
    static const struct {
        double seconds, half_s;
        const char *text;
    } cases[] = {
        {0.413, 0.004, "413 ± 4 ms"},   {0.0492, 0.0009, "49.2 ± 0.9 ms"},
        {1.234, 0.05, "1.23 ± 0.05 s"}, {0.413, 0.00032, "413 ± 0.3 ms"},
        {0.413, NAN, "413 ms"},         {NAN, 0.1, "–"},
        {0.413, 0, "413 ± 0 ms"},       {0.05, 0.12, "50.0 ± 120.0 ms"},
    };
    char text[UNIT_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(unit_time_within(cases[i].seconds, cases[i].half_s, text),
                            cases[i].text);
}

static void writes_ranges_and_never_one_value_twice(void **state)
{
    static const struct {
        double low_s, high_s;
        const char *text;
    } cases[] = {
        {0.0492, 0.413, "49.2 to 413 ms"},   {0.413, 1.2, "413 ms to 1.20 s"},
        {0.11834, 0.11831, "118 ms"},        {1.2, 3.4, "1.20 to 3.40 s"},
        {-0.001, 0.002, "-1.00 to 2.00 ms"}, {NAN, 0.4, "400 ms"},
    };
    char text[UNIT_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(unit_time_range(cases[i].low_s, cases[i].high_s, text), cases[i].text);
}

static void writes_numbers_shares_and_counts(void **state)
{
    char text[UNIT_TEXT];

    (void)state;
    assert_string_equal(unit_number(45.23, text), "45.2");
    assert_string_equal(unit_number(12345, text), "12300");
    assert_string_equal(unit_number(-0.0, text), "0");
    assert_string_equal(unit_range(45.23, 120.4, "tokens/s", text), "45.2 to 120 tokens/s");
    assert_string_equal(unit_range(812.2, 812.3, "tokens/s", text), "812 tokens/s");
    assert_string_equal(unit_range(1, 2, "", text), "1.00 to 2.00");
    assert_string_equal(unit_quantity("1", "requests", text), "1 request");
    assert_string_equal(unit_quantity("0", "requests", text), "0 requests");
    assert_string_equal(unit_quantity("10", "requests", text), "10 requests");
    assert_string_equal(unit_quantity("1", "tokens/s", text), "1 token/s");
    assert_string_equal(unit_quantity("1", "concurrent requests", text), "1 concurrent request");
    assert_string_equal(unit_quantity("1", "GB/s", text), "1 GB/s");
    assert_string_equal(unit_quantity("1", "qps", text), "1 qps");
    assert_string_equal(unit_quantity("1", "ms", text), "1 ms");
    assert_string_equal(unit_quantity("1", "W", text), "1 W");
    assert_string_equal(unit_quantity("1", "", text), "1");
    assert_string_equal(unit_share(0.173, text), "17 %");
    assert_string_equal(unit_share(0, text), "0 %");
    assert_string_equal(unit_share(-0.0, text), "0 %");
    assert_string_equal(unit_share(1, text), "100 %");
    assert_string_equal(unit_share(0.0043, text), "0.4 %");
    assert_string_equal(unit_share(0.0001, text), "< 0.1 %");
    assert_string_equal(unit_share(0.9996, text), "> 99.9 %");
    assert_string_equal(unit_share(0.9954, text), "99.5 %");
    assert_string_equal(unit_share(NAN, text), "–");
    assert_string_equal(unit_count(0, "request", NULL, text), "0 requests");
    assert_string_equal(unit_count(1, "request", NULL, text), "1 request");
    assert_string_equal(unit_count(2, "pass", "passes", text), "2 passes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_times),
        cmocka_unit_test(writes_what_a_time_is_sure_to),
        cmocka_unit_test(writes_ranges_and_never_one_value_twice),
        cmocka_unit_test(writes_numbers_shares_and_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
