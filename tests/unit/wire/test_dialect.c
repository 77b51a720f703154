/* What all dialects share: which one an endpoint speaks, failed answers, lists of models. */
#include "wire/dialect.h"

#include "support.h"

static void test_the_dialect_follows_from_api_and_address(void **state)
{
    static const struct {
        const char *api, *address, *name; /* NULL: none fits */
    } cases[] = {
        {"sncloud", "https://api.sambanova.ai/v1", "openai"},
        {"openai", "http://localhost:8000/v1", "openai"},
        {"sambastudio", "https://s/openai/v1/p/e/chat/completions", "openai"},
        {"sambastudio", "https://s/elsewhere", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct dialect *dialect = dialect_find(cases[i].api, cases[i].address);

        expect_text(cases[i].address, dialect ? dialect->name : "none",
                    cases[i].name ? cases[i].name : "none");
    }
}

static void test_a_prompt_stands_quoted_inside_a_body(void **state)
{
    struct text body = {0};

    (void)state;
    dialect_add_text(&body, "say \"hi\"\n\\");
    assert_string_equal(body.bytes, "say \\\"hi\\\"\\u000a\\\\");
    text_reset(&body);
    dialect_add_text(&body, "");
    assert_int_equal(body.length, 0);
    text_clear(&body);
}

static void test_a_failed_answer_is_one_sentence(void **state)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {"{\"error\":{\"message\":\"rate limit\",\"type\":\"x\"},\"request_id\":\"1\"}",
         "rate limit"},
        {"{\"error\":\"model not found\"}", "model not found"},
        {"{\"error\":{\"code\":7}}", "{\"code\":7}"},
        {"{\"detail\":\"Not Found\"}", "Not Found"},
        {"{\"detail\":[{\"msg\":\"field required\"}],\"message\":\"bad\"}", "bad"},
        {"{\"message\":\"down\"}", "down"},
        {"{\"other\":1}", "{\"other\":1}"},
        {"<html>\r\n<h1>502\x1b[31m</h1>", "<html>  <h1>502 [31m</h1>"},
        {"", ""},
        {"null", "null"},
    };
    char message[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        dialect_read_failure(cases[i].body, strlen(cases[i].body), message, sizeof message);
        expect_text(cases[i].body, message, cases[i].message);
    }
}

static void test_a_long_answer_is_cut_between_letters(void **state)
{
    char message[8];

    (void)state;
    dialect_read_failure("abcdefghij", 10, message, sizeof message);
    assert_string_equal(message, "abcdefg");
    dialect_read_failure("abcdef\xc3\xa4g", 9, message, sizeof message);
    assert_string_equal(message, "abcdef");
    dialect_read_failure("{\"error\":\"abcd\xf0\x9f\x8d\x92\"}", 20, message, sizeof message);
    assert_string_equal(message, "abcd");
    dialect_read_failure("abcde\xc3\xa4", 7, message, sizeof message);
    assert_string_equal(message, "abcde\xc3\xa4");
}

static void test_a_list_of_models(void **state)
{
    static const char body[] =
        "{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"context_length\":4096},{\"id\":\"b\"},"
        "{\"id\":5},{\"name\":\"c\"},null,{\"id\":\"d\",\"context_length\":-1},"
        "{\"id\":\"e\",\"context_length\":\"many\"}]}";
    static const char *const none[] = {
        "", "{}", "[]", "{\"data\":[]}", "{\"data\":{}}", "<html>", "{\"data\":[{\"id\":null}]}"};
    static const struct {
        const char *id;
        int64_t context;
    } wanted[] = {{"a", 4096}, {"b", 0}, {"d", 0}, {"e", 0}};
    struct listed_models models = {0};

    (void)state;
    assert_true(dialect_read_models(body, sizeof body - 1, &models));
    assert_int_equal(models.count, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_string_equal(models.model[i].id, wanted[i].id);
        assert_int_equal(models.model[i].context_length, wanted[i].context);
    }
    listed_models_clear(&models);
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        expect_true(none[i], !dialect_read_models(none[i], strlen(none[i]), &models));
        listed_models_clear(&models);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_dialect_follows_from_api_and_address),
        cmocka_unit_test(test_a_prompt_stands_quoted_inside_a_body),
        cmocka_unit_test(test_a_failed_answer_is_one_sentence),
        cmocka_unit_test(test_a_long_answer_is_cut_between_letters),
        cmocka_unit_test(test_a_list_of_models),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
