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

static char *salt(uint64_t seed, uint64_t visit, uint64_t k, int64_t most)
{
    struct text text = {0};

    words_add_salt(seed, visit, k, most, &text);
    return text_take(&text);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void expect_different_salts(const char *name, uint64_t visits, uint64_t visits_apart,
                                   uint64_t requests, uint64_t requests_apart)
{
    size_t count = visits * requests;
    char **salts = memory_new(count, sizeof *salts);

    for (uint64_t i = 0; i < count; i++)
        salts[i] = salt(5, i / requests * visits_apart, i % requests * requests_apart, WORDS_SALT);
    qsort(salts, count, sizeof *salts, by_text);
    for (size_t i = 1; i < count; i++)
        expect_true(name, strcmp(salts[i - 1], salts[i]) != 0);
    for (size_t i = 0; i < count; i++)
        free(salts[i]);
    free(salts);
}

/* Up to 2^18 visits of 10^9 requests, near each other, and apart by as many as there are words, and
 * by powers of that. */
static void test_no_two_requests_have_the_same_salt(void **state)
{
    static const struct {
        const char *name;
        uint64_t visits, visits_apart, requests, requests_apart;
    } cases[] = {
        {"one after another", 20, 1, 700, 1},
        {"anyhow", 20, 37, 700, 997},
        {"256 apart", 20, 256, 700, 256},
        {"256 times 256 apart", 39, 256, 700, 65536},
        {"256 times 256 times 256 apart", 300, 1, 59, 16777216},
        {"256 times 256 visits apart", 4, 65536, 5000, 1},
        {"the highest of both", 4, 65536, 60, 16777216},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_different_salts(cases[i].name, cases[i].visits, cases[i].visits_apart,
                               cases[i].requests, cases[i].requests_apart);
}

static void test_the_salt_follows_from_the_seed_and_the_request(void **state)
{
    char *one = salt(5, 3, 9, 6), *again = salt(5, 3, 9, 6), *other = salt(6, 3, 9, 6);
    char *shorter = salt(5, 3, 9, 2);
    struct text none = {0};

    (void)state;
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
    assert_memory_equal(one, shorter, strlen(shorter));
    assert_int_equal(words_add_salt(5, 3, 9, 0, &none), 0);
    assert_int_equal(none.length, 0);
    free(one);
    free(again);
    free(other);
    free(shorter);
}

static void test_the_last_words_are_dropped(void **state)
{
    static const struct {
        const char *text;
        int64_t count;
        const char *left;
    } cases[] = {
        {"one two three", 0, "one two three"},
        {"one two three", 1, "one two"},
        {"one two three", 2, "one"},
        {"one two three", 3, ""},
        {"one two three", 9, ""},
        {"", 1, ""},
        {"one\\u000atwo three", 2, "one"},
        {"one\\u000atwo three", 1, "one\\u000atwo"},
        {"one two\\\\u000a three", 1, "one two\\\\u000a"}, /* a backslash, then u000a */
        {"one two\\\\u000a three", 2, "one"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        text_add_string(&text, cases[i].text);
        words_drop(&text, cases[i].count);
        expect_text(cases[i].text, text.bytes, cases[i].left);
        assert_int_equal(text.length, strlen(cases[i].left));
        text_clear(&text);
    }
}

static void test_words_are_counted_and_cut(void **state)
{
    static const struct {
        const char *text;
        int64_t count;
        const char *first_two;
    } cases[] = {
        {"", 0, ""},
        {"  \n", 0, "  \n"},
        {"one", 1, "one"},
        {"one two", 2, "one two"},
        {" one\ttwo\r\nthree ", 3, " one\ttwo"},
        {"one  two ", 2, "one  two "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i].text);

        assert_int_equal(words_count(cases[i].text, length), cases[i].count);
        assert_int_equal(words_prefix(cases[i].text, length, 2), strlen(cases[i].first_two));
    }
    assert_int_equal(words_prefix("one two", 7, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_so_many_words_with_single_blanks),
        cmocka_unit_test(test_the_seed_decides_the_words),
        cmocka_unit_test(test_words_are_added_behind_what_is_there),
        cmocka_unit_test(test_no_two_requests_have_the_same_salt),
        cmocka_unit_test(test_the_salt_follows_from_the_seed_and_the_request),
        cmocka_unit_test(test_the_last_words_are_dropped),
        cmocka_unit_test(test_words_are_counted_and_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
