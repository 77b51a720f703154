/* What Python writes for numbers that JSON lacks. */
#include "core/python_words.h"

#include "support.h"

static void test_each_word_outside_of_strings_is_null(void **state)
{
    static const struct {
        const char *json, *copy; /* NULL: there is none */
    } cases[] = {
        {"", NULL},
        {"{\"a\":1}", NULL},
        {"[nan,inf,-inf]", NULL},
        {"[NaN,Infinity,-Infinity]", "[null,null,null]"},
        {"{\"NaN\":\"Infinity \\\" NaN\",\"b\":NaN}", "{\"NaN\":\"Infinity \\\" NaN\",\"b\":null}"},
        {"[\"\\\\\",NaN]", "[\"\\\\\",null]"},
        {"[-NaN]", "[-null]"},
        {"\"NaN\\", "\"NaN\\"},
        {"NaN", "null"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text copy = {0};
        bool hidden = python_words_hide(cases[i].json, strlen(cases[i].json), &copy);

        expect_true(cases[i].json, hidden == !!cases[i].copy);
        if (cases[i].copy)
            expect_text(cases[i].json, copy.bytes, cases[i].copy);
        text_clear(&copy);
    }
}

static void test_nothing_behind_the_length_is_read(void **state)
{
    struct text copy = {0};

    (void)state;
    assert_false(python_words_hide("[Na", 3, &copy));
    assert_false(python_words_hide("[1]NaN", 3, &copy));
    assert_true(python_words_hide("[NaN]NaN", 5, &copy));
    assert_string_equal(copy.bytes, "[null]");
    text_clear(&copy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_word_outside_of_strings_is_null),
        cmocka_unit_test(test_nothing_behind_the_length_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
