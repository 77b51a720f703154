/* Decimals are what strtod and printf make of them. */
#include "core/decimal.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "support.h"

enum { DRAWS = 200000 };

static uint64_t draw(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void expect_as_library(const char *text, size_t length)
{
    double value = 5;
    const char *end = decimal_read(text, &value);

    if (!end || (size_t)(end - text) != length || bits_of(value) != bits_of(strtod(text, NULL)))
        fail_msg("%s: %zu bytes, %.17g, the library has %.17g", text,
                 end ? (size_t)(end - text) : 0, value, strtod(text, NULL));
    assert_ptr_equal(decimal_read(text, NULL), end);
}

static void test_known_numbers_are_read(void **state)
{
    static const char *const cases[] = {
        "0",
        "-0",
        "0.0",
        "-0.000000000000000000000000000000000000",
        "10",
        "1e5",
        "1E+05",
        "-2.50e-3",
        "0.060000000000000005",
        "1838.7332139459177",
        "9007199254740993",   /* between two doubles: to the even one */
        "9007199254740993.0", /* … */
        "900719925474099.35", /* … */
        "9007199254740.9935", /* … */
        "4503599627370496.5", /* … and exactly in the middle */
        "4503599627370497.5", /* … */
        "450359962737049.65", /* … */
        "18446744073709551615",
        "18446744073709551616",
        "1844674407370955161.6",
        "9999999999999999999e-19",
        "9999999999999999999e-20",
        "9999999999999999999e19",
        "1.000000000000000000000000000000000000000000000000000001",
        "0.00000000000000000000000000000000000000000000000000000000000000000000001",
        "5e-324",
        "1e308",
        "1e309",
        "-1e999999999999999999999",
        "1e-999999999999999999999",
        "1e0000000000000000000005",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_as_library(cases[i], strlen(cases[i]));
}

static void test_numbers_end_where_json_ends_them(void **state)
{
    static const struct {
        const char *text;
        size_t length; /* 0: none begins there */
        double value;
    } cases[] = {
        {"", 0, 0},        {"-", 0, 0},
        {"+1", 0, 0},      {".5", 0, 0},
        {"x", 0, 0},       {"nan", 0, 0},
        {"--1", 0, 0},     {"01", 1, 0},
        {"0x10", 1, 0},    {"5.", 1, 5},
        {"5.e3", 1, 5},    {"1e", 1, 1},
        {"1e+", 1, 1},     {"1.5e-x", 3, 1.5},
        {"1.2.3", 3, 1.2}, {"12,5", 2, 12},
        {"-7]", 2, -7},    {"1e2e3", 3, 100},
        {"3 ", 1, 3},      {"9999999999999999999999e0x", 24, 1e22},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double value = 0;
        const char *end = decimal_read(cases[i].text, &value);

        expect_number(cases[i].text, end ? (double)(end - cases[i].text) : 0,
                      (double)cases[i].length);
        expect_number(cases[i].text, value, cases[i].value);
    }
}

/* Of all lengths and places of the point, as files and as nobody have them. */
static void test_drawn_numbers_are_read(void **state)
{
    uint64_t seed = 35;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        char text[64];
        uint64_t digits = draw(&seed) >> draw(&seed) % 64;
        int length;

        length = draw(&seed) % 2
                     ? snprintf(text, sizeof text, "%s%" PRIu64 ".%0*" PRIu64,
                                draw(&seed) % 2 ? "-" : "", digits, (int)(draw(&seed) % 18 + 1),
                                draw(&seed) >> draw(&seed) % 64)
                     : snprintf(text, sizeof text, "%" PRIu64 "e%d", digits,
                                (int)(draw(&seed) % 700) - 350);
        expect_as_library(text, (size_t)length);
    }
}

/* Each double by the digits that say which it is, and by the halves between two. */
static void test_drawn_doubles_come_back(void **state)
{
    uint64_t seed = 36;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        char text[64];
        double value = ldexp((double)(draw(&seed) >> 11), -53 - (int)(draw(&seed) % 40));
        int length = snprintf(text, sizeof text, "%.17g", value);

        expect_as_library(text, (size_t)length);
        value = (double)(draw(&seed) >> 12) + 0.5;
        length = snprintf(text, sizeof text, "%.17g", value * 1e-6);
        expect_as_library(text, (size_t)length);
    }
}

static void expect_nine(double value)
{
    struct text text = {0};
    char printed[64];

    snprintf(printed, sizeof printed, "%.9g", value);
    decimal_add_nine(&text, value);
    expect_text("nine digits", text.bytes, printed);
    text_clear(&text);
}

static void test_nine_digits_are_printfs(void **state)
{
    static const double cases[] = {
        0,
        -0.0,
        1,
        -1,
        12,
        100,
        123456789,
        999999999,
        1000000000,
        4294967296,
        999999999.5,
        999999998.5,
        123456789.5,
        0.1,
        0.5,
        1e-4,
        1e-5,
        9.9999e-5,
        6.9024e-05,
        1e-13,
        1e-14,
        1e-300,
        1e300,
        5e-324,
        0.000123456789499999,
        1.000000005,
        1.00000000499999,
        99999.99995,
        9.9999999996,
        0.99999999995,
        1234.5,
        -1838.7332139459177,
        1e22,
        100000.5,
    };
    uint64_t seed = 37;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_nine(cases[i]);
    for (int i = 0; i < DRAWS; i++) {
        expect_nine(ldexp((double)(draw(&seed) >> 11), (int)(draw(&seed) % 80) - 100));
        expect_nine((double)(draw(&seed) % 100000000000) / 1e9);
        expect_nine((double)(draw(&seed) % 20000000000) / 2 * 1e-9); /* many end in 5 */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_numbers_are_read),
        cmocka_unit_test(test_numbers_end_where_json_ends_them),
        cmocka_unit_test(test_drawn_numbers_are_read),
        cmocka_unit_test(test_drawn_doubles_come_back),
        cmocka_unit_test(test_nine_digits_are_printfs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
