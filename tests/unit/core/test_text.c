/* A growable text: adding, JSON strings, numbers with as few digits as needed, base64. */
#include "core/text.h"

#include <float.h>

#include "core/random.h"
#include "support.h"

static void test_added_parts_stand_behind_each_other(void **state)
{
    struct text text = {0};

    (void)state;
    text_add_string(&text, "one");
    text_add_char(&text, ' ');
    text_printf(&text, "%d %s", 2, "three");
    text_add(&text, "", 0);
    text_add(&text, "a\0b", 3);
    assert_int_equal(text.length, 14);
    assert_memory_equal(text.bytes, "one 2 threea\0b", 15);
    text_clear(&text);
}

static void test_grows_and_keeps_what_it_held(void **state)
{
    struct text text = {0};

    (void)state;
    for (int i = 0; i < 10000; i++)
        text_add_char(&text, (char)('a' + i % 26));
    assert_int_equal(text.length, 10000);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(text.bytes[i], 'a' + i % 26);
    assert_int_equal(text.bytes[10000], '\0');
    text_clear(&text);
}

static void test_reset_forgets_and_take_leaves_an_empty_text(void **state)
{
    struct text text = {0};
    char *taken;

    (void)state;
    text_reset(&text);
    assert_null(text.bytes);
    text_add_string(&text, "old");
    text_reset(&text);
    assert_string_equal(text.bytes, "");
    text_add_string(&text, "new");
    taken = text_take(&text);
    assert_string_equal(taken, "new");
    assert_null(text.bytes);
    free(taken);
    taken = text_take(&text);
    assert_string_equal(taken, "");
    free(taken);
    text_clear(&text);
}

static void test_json_strings_escape_what_rfc_8259_asks_for(void **state)
{
    static const struct {
        const char *name, *string, *json;
    } cases[] = {
        {"empty", "", "\"\""},
        {"plain", "a/b", "\"a/b\""},
        {"quote and backslash", "say \"\\\"", "\"say \\\"\\\\\\\"\""},
        {"line ends", "a\nb\rc\td", "\"a\\u000ab\\u000dc\\u0009d\""},
        {"lowest and highest control", "\x01\x1f", "\"\\u0001\\u001f\""},
        {"UTF-8 stays", "K\xc3\xa4se \xf0\x9f\x8d\x92", "\"K\xc3\xa4se \xf0\x9f\x8d\x92\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        text_add_json(&text, cases[i].string);
        expect_text(cases[i].name, text.bytes, cases[i].json);
        text_clear(&text);
    }
}

/* Wanted: what Python's repr gives, but for its ".0". */
static void test_numbers_have_as_few_digits_as_give_them_back(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-1, "-1"},
        {16, "16"},
        {0.1, "0.1"},
        {0.5, "0.5"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {123456.789, "123456.789"},
        {1e-5, "1e-05"},
        {1e-9, "1e-09"},
        {1e-10, "1e-10"},
        {-0.0, "-0"},
        {1e300, "1e+300"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {NAN, "null"},
        {INFINITY, "null"},
        {-INFINITY, "null"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        text_add_number(&text, cases[i].number);
        expect_text(cases[i].text, text.bytes, cases[i].text);
        text_clear(&text);
    }
}

static void test_nanoseconds_as_seconds(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {{0, "0"},           {1, "0.000000001"},
                 {10000, "0.00001"}, {-5, "-0.000000005"},
                 {1000000000, "1"},  {123456789012345678, "123456789.012345678"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        text_add_seconds(&text, cases[i].ns);
        expect_text(cases[i].text, text.bytes, cases[i].text);
        text_clear(&text);
    }
}

static void test_sizes_are_decimal_digits(void **state)
{
    static const struct {
        size_t number;
        const char *text;
    } cases[] = {{0, "0"}, {9, "9"}, {10, "10"}, {1234567890123, "1234567890123"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text text = {0};

        text_add_size(&text, cases[i].number);
        expect_text(cases[i].text, text.bytes, cases[i].text);
        text_clear(&text);
    }
}

/* The vectors of RFC 4648, section 10, and three bytes that use the last two digits. */
static void test_base64_follows_rfc_4648(void **state)
{
    static const struct {
        const char *bytes, *base64;
    } cases[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        text_add_string(&text, "");
        text_add_base64(&text, cases[i].bytes, strlen(cases[i].bytes));
        expect_text(cases[i].base64, text.bytes, cases[i].base64);
        text_clear(&text);
    }
}

/* Slow and plain: what the fast ways have to give. */
static void expect_as_printed(double number)
{
    struct text text = {0};
    char digits[32];
    int precision = 15;

    do
        snprintf(digits, sizeof digits, "%.*g", precision, number);
    while (strtod(digits, NULL) != number && ++precision <= 17);
    text_add_number(&text, number);
    expect_text(digits, text.bytes, digits);
    text_clear(&text);
}

static void test_nanoseconds_and_counts_are_written_as_printf_would(void **state)
{
    static const double edges[] = {
        1e-4, 9.9999999e-5, 0.0001000001, 999999.999999999,  999999.5, 1e6,  1000000.5, 123456789,
        1e15, -0.25,        -7,           -999999.999999999, 0.0,      -0.0, 0.1 + 0.2, 1.0 / 3};
    struct random random;
    uint64_t key = 11;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(edges); i++) {
        expect_as_printed(edges[i]);
        expect_as_printed(nextafter(edges[i], 1e300));
        expect_as_printed(nextafter(edges[i], -1e300));
    }
    random_init(&random, &key, 1);
    for (int i = 0; i < 20000; i++) {
        double share = random_unit(&random);

        expect_as_printed(share);
        expect_as_printed(floor(share * 1e15) / 1e9);
        expect_as_printed(floor(share * 1e10) / 1e9);
        expect_as_printed(floor(share * 1e7) / 1e9);
        expect_as_printed(floor(share * 1e6));
        expect_as_printed(floor(share * 1e5) / 16);
    }
}

static void test_what_others_wrote_is_made_printable(void **state)
{
    static const struct {
        const char *name, *bytes, *text;
        size_t size;
    } cases[] = {
        {"plain", "abc", "abc", 10},
        {"escape and bell", "a\x1b[31mb\x07", "a [31mb ", 20},
        {"lines", "a\r\nb\tc", "a  b c", 20},
        {"DEL", "a\x7f", "a ", 10},
        {"C1",
         "a\xc2\x9b"
         "31m",
         "a  31m", 20},
        {"the first that is none", "\xc2\xa0", "\xc2\xa0", 10},
        {"letters", "\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac", 10},
        {"an override", "a\xe2\x80\xaez", "a   z", 20},
        {"no UTF-8", "a\xff\xe4z", "a??z", 20},
        {"cut", "abcdef", "abc", 4},
        {"cut before a letter", "ab\xe2\x82\xac", "ab", 5},
        {"C1 at the cut", "ab\xc2\x9b", "ab", 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char to[32];

        text_copy_printable(cases[i].bytes, strlen(cases[i].bytes), to, cases[i].size);
        expect_text(cases[i].name, to, cases[i].text);
    }
}

static void test_markdown_reads_as_it_does(void **state)
{
    static const struct {
        const char *text, *markdown;
    } cases[] = {
        {"", ""},
        {"a model 3.1 (8 %) – µ", "a model 3.1 (8 %) – µ"},
        {"a|b\nc", "a\\|b c"},
        {"*_`[x](y)#<b>&amp;{}\\", "\\*\\_\\`\\[x\\](y)\\#\\<b\\>\\&amp;\\{\\}\\\\"},
    };
    struct text text = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text_reset(&text);
        text_add_markdown(&text, cases[i].text);
        text_add_string(&text, "");
        expect_text(cases[i].text, text.bytes, cases[i].markdown);
    }
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_added_parts_stand_behind_each_other),
        cmocka_unit_test(test_grows_and_keeps_what_it_held),
        cmocka_unit_test(test_reset_forgets_and_take_leaves_an_empty_text),
        cmocka_unit_test(test_json_strings_escape_what_rfc_8259_asks_for),
        cmocka_unit_test(test_markdown_reads_as_it_does),
        cmocka_unit_test(test_numbers_have_as_few_digits_as_give_them_back),
        cmocka_unit_test(test_nanoseconds_and_counts_are_written_as_printf_would),
        cmocka_unit_test(test_nanoseconds_as_seconds),
        cmocka_unit_test(test_sizes_are_decimal_digits),
        cmocka_unit_test(test_base64_follows_rfc_4648),
        cmocka_unit_test(test_what_others_wrote_is_made_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
