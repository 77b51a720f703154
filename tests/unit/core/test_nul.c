/* U+0000 in C strings: hidden before JSON is read, shown again, and written as it was. */
#include "core/nul.h"

#include <stdlib.h>

#include "core/memory.h"
#include "support.h"

#define HIDDEN "\xc0\x80"

static void test_each_way_that_json_has_it(void **state)
{
    static const struct {
        const char *name, *json;
        size_t length;
        const char *copy; /* NULL: there is none */
    } cases[] = {
        {"none", "\"a\"", 3, NULL},
        {"nothing", "", 0, NULL},
        {"another escape", "\"\\u0001\"", 8, NULL},
        {"alone", "\"\\u0000\"", 8, "\"" HIDDEN "\""},
        {"between", "\"a\\u0000b\\u0000\"", 16, "\"a" HIDDEN "b" HIDDEN "\""},
        {"a backslash before it", "\"\\\\u0000\"", 9, "\"\\\\u0000\""},
        {"and one more", "\"\\\\\\u0000\"", 10, "\"\\\\" HIDDEN "\""},
        {"bare", "\"a\0b\"", 5, "\"a" HIDDEN "b\""},
        {"cut short", "\"\\u0000\\u00", 11, "\"" HIDDEN "\\u00"},
        {"a backslash at the end", "\\u0000\\", 7, HIDDEN "\\"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text copy = {0};
        char *json = memory_bytes(cases[i].json, cases[i].length);

        expect_true(cases[i].name, nul_hide(json, cases[i].length, &copy) == !!cases[i].copy);
        if (cases[i].copy)
            expect_text(cases[i].name, copy.bytes, cases[i].copy);
        else
            expect_true(cases[i].name, copy.length == 0);
        free(json);
        text_clear(&copy);
    }
}

static void test_it_is_shown_as_a_byte(void **state)
{
    struct text text = {0};

    (void)state;
    nul_show(&text);
    assert_int_equal(text.length, 0);
    text_add_string(&text, HIDDEN "a" HIDDEN HIDDEN "\xc0"
                                  "b\xc0");
    nul_show(&text);
    assert_int_equal(text.length, 7);
    assert_memory_equal(text.bytes,
                        "\0a\0\0\xc0"
                        "b\xc0",
                        8);
    text_clear(&text);
}

static void test_it_is_written_as_it_was(void **state)
{
    struct text text = {0};

    (void)state;
    text_add_json(&text, "a" HIDDEN "b\xc0\x81");
    expect_text("JSON", text.bytes, "\"a\\u0000b\xef\xbf\xbd\xef\xbf\xbd\"");
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_way_that_json_has_it),
        cmocka_unit_test(test_it_is_shown_as_a_byte),
        cmocka_unit_test(test_it_is_written_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
