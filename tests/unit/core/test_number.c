/* Numbers as they are written: JSON's, YAML's, and those that stand in JSON text. */
#include "core/number.h"

#include "support.h"

static void test_words_are_numbers_of_json_or_not(void **state)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "10",
                                       "1.0",
                                       "-2.50",
                                       "1e5",
                                       "1E+5",
                                       "0.5",
                                       "1e-09",
                                       "1e999",
                                       "18446744073709551616"};
    static const char *const bad[] = {"",     "-",     "+1",  "01",   ".5",  "5.",   "1_000",
                                      "0x10", "1e",    "1e+", "1.e5", "nan", ".inf", "1 ",
                                      " 1",   "1.2.3", "--1", "1-2",  "1,5"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        expect_true(good[i], number_is_json(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        expect_true(bad[i], !number_is_json(bad[i]));
}

static void test_yaml_has_other_numbers(void **state)
{
    static const struct {
        const char *word;
        enum number_kind kind;
        const char *json;
    } cases[] = {
        {"0x10", NUMBER_SPELLED, "16"},
        {"-0xFF_FF", NUMBER_SPELLED, "-65535"},
        {"0xFFFFFFFFFFFFFFFF", NUMBER_SPELLED, "18446744073709551615"},
        {"0x1FFFFFFFFFFFFFFFF", NUMBER_UNSPEAKABLE, ""},
        {"0b101", NUMBER_SPELLED, "5"},
        {"0o17", NUMBER_SPELLED, "15"},
        {"017", NUMBER_SPELLED, "15"},
        {"1_000", NUMBER_SPELLED, "1000"},
        {"1_000.5", NUMBER_SPELLED, "1000.5"},
        {"9223372036854775807", NUMBER_NONE, ""},
        {"+9_223372036854775807", NUMBER_SPELLED, "9223372036854775807"},
        {"+5", NUMBER_SPELLED, "5"},
        {".5", NUMBER_SPELLED, "0.5"},
        {"-.5", NUMBER_SPELLED, "-0.5"},
        {"5.", NUMBER_SPELLED, "5.0"},
        {"00.5", NUMBER_SPELLED, "0.5"},
        {"08", NUMBER_SPELLED, "8"},
        {"1.e+3", NUMBER_SPELLED, "1.0e+3"},
        {"1:30", NUMBER_SPELLED, "90"},
        {"-1:00:00", NUMBER_SPELLED, "-3600"},
        {".inf", NUMBER_UNSPEAKABLE, ""},
        {"-.INF", NUMBER_UNSPEAKABLE, ""},
        {".NaN", NUMBER_UNSPEAKABLE, ""},
        {"", NUMBER_NONE, ""},
        {"-", NUMBER_NONE, ""},
        {"+", NUMBER_NONE, ""},
        {".", NUMBER_NONE, ""},
        {"_", NUMBER_NONE, ""},
        {"_1", NUMBER_NONE, ""},
        {"1", NUMBER_NONE, ""},
        {"1e5", NUMBER_NONE, ""},
        {"10.0.0.1", NUMBER_NONE, ""},
        {"2026-11-28", NUMBER_NONE, ""},
        {"1:60", NUMBER_NONE, ""},
        {"1:", NUMBER_NONE, ""},
        {":1", NUMBER_NONE, ""},
        {"0x", NUMBER_NONE, ""},
        {"0xZ", NUMBER_NONE, ""},
        {"inf", NUMBER_NONE, ""},
        {"a1", NUMBER_NONE, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text json = {0};

        expect_true(cases[i].word, number_of_yaml(cases[i].word, &json) == cases[i].kind);
        expect_text(cases[i].word, json.bytes ? json.bytes : "", cases[i].json);
        text_clear(&json);
    }
}

static void test_whole_numbers_are_the_same_by_every_digit(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"1", "1", true},
        {"1", "1.0", true},
        {"0.1", "1e-1", true},
        {"3178567585100420", "3.17856758510042e+15", true},
        {"9223372036854775807", "9223372036854775806", false},
        {"1", "2", false},
        {"1.5", "1.6", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].a, number_same(cases[i].a, cases[i].b) == cases[i].same);
}

static void test_numbers_in_json_are_found_in_their_order(void **state)
{
    static const char json[] =
        "{\"a1\":-1.50,\"b\":[\"2 \\\" 3\",{\"c\":4e+5}],\"d\":true,\"e\":6}";
    static const char *const wanted[] = {"-1.50", "4e+5", "6"};
    const char *at = json;
    size_t length;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        at = number_next(at, &length);
        assert_non_null(at);
        expect_true(wanted[i], length == strlen(wanted[i]) && !strncmp(at, wanted[i], length));
        at += length;
    }
    assert_null(number_next(at, &length));
    assert_null(number_next("\"open 1", &length));
    assert_null(number_next("", &length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_numbers_of_json_or_not),
        cmocka_unit_test(test_yaml_has_other_numbers),
        cmocka_unit_test(test_whole_numbers_are_the_same_by_every_digit),
        cmocka_unit_test(test_numbers_in_json_are_found_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
