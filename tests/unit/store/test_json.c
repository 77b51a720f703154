/* JSON as others write it. */
#include "store/json.h"

#include "support.h"

static void test_pythons_words_for_no_number_are_null(void **state)
{
    static const struct {
        const char *json, *printed; /* NULL: is none */
    } cases[] = {
        {"{\"a\":NaN}", "{\"a\":null}"},
        {"[NaN, Infinity,-Infinity ,1]", "[null,null,null,1]"},
        {"{\"NaN\":\"NaN \\\" NaN\",\"b\":NaN}", "{\"NaN\":\"NaN \\\" NaN\",\"b\":null}"},
        {"[\"\\\\\",NaN]", "[\"\\\\\",null]"},
        {"{\"a\":1}", "{\"a\":1}"},
        {"{\"a\":NaN", NULL},
        {"{\"a\":nan}", NULL},
        {"{\"a\":-NaN}", NULL},
        {"{\"a\":\"NaN\\", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cJSON *root = json_parse(cases[i].json, strlen(cases[i].json));
        char *printed = root ? cJSON_PrintUnformatted(root) : NULL;

        if (cases[i].printed)
            expect_text(cases[i].json, printed, cases[i].printed);
        else
            expect_true(cases[i].json, !root);
        cJSON_free(printed);
        cJSON_Delete(root);
    }
}

static void test_a_number_may_be_written_as_text(void **state)
{
    static const struct {
        const char *json;
        double number;
    } cases[] = {
        {"16", 16},       {"\"16.0\"", 16}, {"\"1e3\"", 1000}, {"\"sixteen\"", NAN}, {"\"\"", NAN},
        {"\"nan\"", NAN}, {"\"inf\"", NAN}, {"1e999", NAN},    {"null", NAN},        {"true", NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cJSON *item = cJSON_Parse(cases[i].json);

        expect_number(cases[i].json, json_number(item), cases[i].number);
        cJSON_Delete(item);
    }
    assert_true(isnan(json_number(NULL)));
}

static bool is_wanted(const char *key)
{
    return key[0] != 'x';
}

static void test_members_are_printed_to_the_last_digit(void **state)
{
    static const char json[] =
        "{\"a\":0.0022831142000000002,\"x\":1,\"b\":[0.1,[2]],\"c\":\"\\u00e9\",\"d\":null}";
    cJSON *root = cJSON_Parse(json);
    struct text text = {0};

    (void)state;
    json_print_members(root, is_wanted, ",", &text);
    assert_string_equal(text.bytes,
                        "{\"a\":0.0022831142000000002,\"b\":[0.1,[2]],\"c\":\"é\",\"d\":null}");
    text_clear(&text);
    cJSON_Delete(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pythons_words_for_no_number_are_null),
        cmocka_unit_test(test_a_number_may_be_written_as_text),
        cmocka_unit_test(test_members_are_printed_to_the_last_digit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
