/* Prompts of common words, from a seed. */
#include "prompt/words.h"

#include <ctype.h>

#include "support.h"

static char *prompt(uint64_t seed, int64_t count)
{
    struct text text = {0};
    struct random random;

    random_init(&random, &seed, 1);
    text_add_string(&text, "");
    words_add(&random, count, &text);
    return text_take(&text);
}

static void test_exactly_so_many_words_with_single_blanks(void **state)
{
    static const int64_t counts[] = {0, 1, 2, 100, 4000};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        char *text = prompt(1, counts[i]);
        int64_t words = 0;

        for (const char *c = text; *c; c++) {
            bool begins = c == text || c[-1] == ' ';

            expect_true(text, islower((unsigned char)*c) || (*c == ' ' && !begins));
            words += begins;
        }
        assert_int_equal(words, counts[i]);
        assert_true(counts[i] == 0 || text[strlen(text) - 1] != ' ');
        free(text);
    }
}

static void test_the_seed_decides_the_words(void **state)
{
    char *one = prompt(7, 50);
    char *again = prompt(7, 50);
    char *other = prompt(8, 50);

    (void)state;
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
    free(one);
    free(again);
    free(other);
}

static void test_words_are_added_behind_what_is_there(void **state)
{
    struct text text = {0};
    struct random random = {{1, 2, 3, 4}};

    (void)state;
    text_add_string(&text, "{\"");
    words_add(&random, 3, &text);
    assert_memory_equal(text.bytes, "{\"", 2);
    assert_true(islower((unsigned char)text.bytes[2]));
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_so_many_words_with_single_blanks),
        cmocka_unit_test(test_the_seed_decides_the_words),
        cmocka_unit_test(test_words_are_added_behind_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
