/* Tokens counted by hand, by both rules. */
#include "sim/tokenizer.h"

#include "core/bundle.h"
#include "support.h"

static void test_counts(void **state)
{
    static const struct {
        const char *text;
        int64_t words, subwords;
    } cases[] = {
        {"", 0, 0},
        {" ", 0, 0},
        {"a", 1, 1},
        {"the bundle", 2, 2},
        {" the bundle", 2, 2},
        {"models", 1, 1},
        {"quietly", 1, 2}, /* quietl y */
        {"incomprehensible", 1, 3},
        {"incomprehensib", 1, 3},
        {"incomprehens", 1, 2},
        {"2025", 1, 2},
        {"2025-11, ok?", 2, 7}, /* 202 5 - 11 , ok ? */
        {"abc123", 1, 2},
        {"a  b", 2, 3}, /* a, two blanks, b */
        {"a\n\nb", 2, 3},
        {"a\tb", 2, 3},
        {"a b ", 2, 2},
        {"caf\u00e9", 1, 2},
        {"\u4e2d\u6587", 1, 2},
        {"\xff!", 1, 2},
        {"don't", 1, 3},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *text = cases[i].text;

        expect_number(text, (double)tokenizer_count(BUNDLE_TOKENIZER_WORDS, text),
                      (double)cases[i].words);
        expect_number(text, (double)tokenizer_count(BUNDLE_TOKENIZER_SUBWORDS, text),
                      (double)cases[i].subwords);
    }
}

static void test_tokens_stand_one_behind_the_other(void **state)
{
    static const char *const tokens[] = {"the", "wonder", "ful", ",", "128", "0"};
    const char *text = "the wonderful, 1280";
    size_t length;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        text = tokenizer_next(BUNDLE_TOKENIZER_SUBWORDS, text, &length);
        assert_non_null(text);
        assert_int_equal(length, strlen(tokens[i]));
        assert_memory_equal(text, tokens[i], length);
        text += length;
    }
    assert_null(tokenizer_next(BUNDLE_TOKENIZER_SUBWORDS, text, &length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_tokens_stand_one_behind_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
