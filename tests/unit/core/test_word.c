/* Reading one word: numbers, whole numbers, truth values, nearest names. */
#include "core/word.h"

#include "support.h"

static void test_numbers_are_finite_decimal_and_whole_words(void **state)
{
    static const struct {
        const char *word;
        bool good;
        double number;
    } cases[] = {
        {"16", true, 16},  {"0.5", true, 0.5},  {"1e3", true, 1000},  {"-2.5", true, -2.5},
        {"+7", true, 7},   {".5", true, 0.5},   {"1e99", true, 1e99}, {"", false, 0},
        {" 1", false, 0},  {"1 ", false, 0},    {"0x10", false, 0},   {"inf", false, 0},
        {"nan", false, 0}, {"1e999", false, 0}, {"1,5", false, 0},    {"12 s", false, 0},
        {"1-2", false, 0}, {"e", false, 0},     {"-", false, 0},      {"1_000", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double number = -77;

        expect_true(cases[i].word, word_number(cases[i].word, &number) == cases[i].good);
        expect_number(cases[i].word, number, cases[i].good ? cases[i].number : -77);
    }
}

static void test_whole_numbers_may_end_in_point_zero(void **state)
{
    static const struct {
        const char *word;
        bool good;
        int64_t number;
    } cases[] = {
        {"16", true, 16},
        {"16.0", true, 16},
        {"1e3", true, 1000},
        {"-5", true, -5},
        {"0", true, 0},
        {"9007199254740993", true, 9007199254740993}, /* 2^53 + 1: not by way of a double */
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"16.5", false, 0},
        {"1e99", false, 0},
        {"", false, 0},
        {" 5", false, 0},
        {"5 ", false, 0},
        {"0x10", false, 0},
        {"five", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t number = -77;

        expect_true(cases[i].word, word_integer(cases[i].word, &number) == cases[i].good);
        expect_true(cases[i].word, number == (cases[i].good ? cases[i].number : -77));
    }
}

static void test_truth_values_are_yaml_1_1s_in_any_case(void **state)
{
    static const struct {
        const char *word;
        int truth; /* 1, 0, or −1: none */
    } cases[] = {
        {"true", 1}, {"True", 1}, {"TRUE", 1}, {"yes", 1},   {"On", 1},       {"y", 1},
        {"Y", 1},    {"no", 0},   {"Off", 0},  {"False", 0}, {"fAlSe", 0},    {"n", 0},
        {"1", -1},   {"0", -1},   {"", -1},    {"ja", -1},   {"trueish", -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool truth = false;

        expect_true(cases[i].word, word_truth(cases[i].word, &truth) == (cases[i].truth >= 0));
        expect_true(cases[i].word, truth == (cases[i].truth == 1));
    }
}

static void test_nearest_name_is_near_enough_to_suggest(void **state)
{
    static const char *const names[] = {"timeout", "time_delay", "seed", "llm_api", NULL};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"timeout", "timeout"},
        {"timeuot", "timeout"},
        {"timout", "timeout"},
        {"time_delays", "time_delay"},
        {"sead", "seed"},
        {"llmapi", "llm_api"},
        {"llm", "llm_api"},
        {"time", "timeout"}, /* the shorter of two that go on so */
        {"ti", NULL},
        {"quux", NULL},
        {"s", NULL},
        {"", NULL},
        {"zzzzzzzz", NULL},
    };
    char long_word[101];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *nearest = word_nearest_in(cases[i].word, names);

        expect_text(cases[i].word, nearest ? nearest : "none",
                    cases[i].nearest ? cases[i].nearest : "none");
    }
    memset(long_word, 't', 100);
    long_word[100] = '\0';
    assert_null(word_nearest_in(long_word, names));
}

static void test_distance_counts_slips(void **state)
{
    char long_word[66] = {0};

    (void)state;
    assert_int_equal(word_distance("timeout", "timeout"), 0);
    assert_int_equal(word_distance("tmieoux", "timeout"), 2);
    assert_int_equal(word_distance("", "seed"), 4);
    assert_int_equal(word_distance("seed", ""), 4);
    assert_int_equal(word_distance("kitten", "sitting"), 3);
    assert_int_equal(word_distance("badc", "abcd"), 2);
    assert_int_equal(word_distance("ca", "abc"), 3); /* no letter is moved twice */
    memset(long_word, 't', 65);
    assert_true(word_distance(long_word, "seed") == SIZE_MAX);
}

static void test_words_are_alike_but_for_case(void **state)
{
    (void)state;
    assert_true(word_same("N/A", "n/a"));
    assert_false(word_same("na", "nan"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_finite_decimal_and_whole_words),
        cmocka_unit_test(test_whole_numbers_may_end_in_point_zero),
        cmocka_unit_test(test_truth_values_are_yaml_1_1s_in_any_case),
        cmocka_unit_test(test_nearest_name_is_near_enough_to_suggest),
        cmocka_unit_test(test_distance_counts_slips),
        cmocka_unit_test(test_words_are_alike_but_for_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
