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

static void test_a_failed_response_is_one_sentence(void **state)
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

static void test_a_long_response_is_cut_between_letters(void **state)
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

/* As vLLM, llama-server, LM Studio and OpenRouter list it; of several the least. */
static void test_who_tells_a_context(void **state)
{
    static const struct {
        const char *members;
        int64_t context;
    } cases[] = {
        {"\"context_length\":4096", 4096},
        {"\"max_model_len\":4096", 4096},
        {"\"max_context_length\":4096", 4096},
        {"\"meta\":{\"n_ctx\":4096,\"n_ctx_train\":131072}", 4096},
        {"\"top_provider\":{\"context_length\":4096}", 4096},
        {"\"context_length\":131072,\"top_provider\":{\"context_length\":4096}", 4096},
        {"\"max_model_len\":4096,\"context_length\":131072", 4096},
        {"\"context_length\":0,\"meta\":{\"n_ctx\":512}", 512},
        {"\"context_length\":0.5", 0},
        {"\"context_length\":\"4096\",\"max_model_len\":null,\"meta\":[4096]", 0},
        {"\"max_model_len\":1e300", 0},
        {"\"n_ctx\":4096", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct listed_models models = {0};
        char body[256];

        snprintf(body, sizeof body, "{\"data\":[{\"id\":\"a\",%s}]}", cases[i].members);
        expect_true(body, dialect_read_models(body, strlen(body), &models));
        expect_true(body, models.model[0].context_length == cases[i].context);
        listed_models_clear(&models);
    }
}

static void test_how_a_model_stands(void **state)
{
    static const struct {
        const char *status;
        enum model_status wanted;
    } cases[] = {
        {"\"loaded\"", MODEL_LOADED},
        {"\"Unloaded\"", MODEL_UNLOADED},
        {"{\"value\":\"loading\",\"args\":[\"-c\",\"512\"]}", MODEL_LOADING},
        {"{\"value\":\"sleeping\"}", MODEL_SLEEPING},
        {"\"failed\"", MODEL_FAILED},
        {"{\"value\":\"unloaded\",\"failed\":true,\"exit_code\":1}", MODEL_FAILED},
        {"{\"value\":\"loaded\",\"failed\":false}", MODEL_LOADED},
        {"\"\"", MODEL_STATUS_UNKNOWN},
        {"\"ready to go\"", MODEL_STATUS_UNKNOWN},
        {"{\"value\":7}", MODEL_STATUS_UNKNOWN},
        {"null", MODEL_STATUS_UNKNOWN},
        {"[\"loaded\"]", MODEL_STATUS_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct listed_models models = {0};
        char body[256];

        snprintf(body, sizeof body, "{\"data\":[{\"id\":\"a\",\"status\":%s}]}", cases[i].status);
        expect_true(body, dialect_read_models(body, strlen(body), &models));
        expect_true(body, models.model[0].status == cases[i].wanted);
        listed_models_clear(&models);
    }
}

static void test_a_name_and_its_latest_are_one_where_the_list_says_so(void **state)
{
    static const char body[] = "{\"data\":[{\"id\":\"x:latest\"},{\"id\":\"y\"},"
                               "{\"id\":\"z\"},{\"id\":\"z:latest\"},{\"id\":\"w:7b\"}]}";
    static const struct {
        const char *name, *id; /* NULL: it is not listed */
    } cases[] = {{"x", "x:latest"},        {"x:latest", "x:latest"},
                 {"y:latest", "y"},        {"z", "z"},
                 {"z:latest", "z:latest"}, {"w", NULL},
                 {"w:latest", NULL},       {"", NULL},
                 {":latest", NULL}};
    struct listed_models models = {0}, none = {0};

    (void)state;
    assert_true(dialect_read_models(body, sizeof body - 1, &models));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct listed_model *found = listed_models_find(&models, cases[i].name);

        expect_text(cases[i].name, found ? found->id : "none", cases[i].id ? cases[i].id : "none");
    }
    assert_true(listed_models_same(&models, "x", "x:latest"));
    assert_true(listed_models_same(&models, "y", "y:latest"));
    assert_false(listed_models_same(&models, "z", "z:latest"));
    assert_false(listed_models_same(&models, "w", "w:latest"));
    assert_false(listed_models_same(&none, "x", "x:latest"));
    assert_true(listed_models_same(&none, "x", "x"));
    listed_models_clear(&models);
}

/* One bundle is told from another at the same address, and the same one is known again. */
static void test_what_a_list_says_of_its_endpoint(void **state)
{
    static const char first[] = "{\"data\":[{\"id\":\"a\",\"owned_by\":\"v\"},{\"id\":\"b\","
                                "\"meta\":{\"n_params\":7}}]}";
    static const struct {
        const char *list;
        bool same;
    } cases[] = {
        {"{\"data\":[{\"id\":\"b\",\"meta\":{\"n_params\":7}},{\"id\":\"a\",\"owned_by\":\"v\"}]}",
         true},
        {"{\"data\":[{\"id\":\"a\",\"owned_by\":\"v\",\"created\":9,\"status\":\"loaded\","
         "\"permission\":[{\"id\":\"x\"}]},{\"id\":\"b\",\"meta\":{\"n_params\":7,\"seen\":[1]}}]}",
         true},
        {"{\"data\":[{\"id\":\"a\",\"owned_by\":\"v\"},{\"id\":\"b\",\"meta\":{\"n_params\":8}}]}",
         false},
        {"{\"data\":[{\"id\":\"a\",\"owned_by\":\"w\"},{\"id\":\"b\",\"meta\":{\"n_params\":7}}]}",
         false},
        {"{\"data\":[{\"id\":\"a\",\"owned_by\":\"v\",\"max_model_len\":9},{\"id\":\"b\","
         "\"meta\":{\"n_params\":7}}]}",
         false},
        {"{\"data\":[{\"id\":\"a\",\"owned_by\":\"v\"}]}", false},
    };
    struct listed_models models = {0};
    struct text says = {0};

    (void)state;
    assert_true(dialect_read_models(first, sizeof first - 1, &models));
    listed_models_say(&models, &says);
    assert_memory_equal(says.bytes, "2 models, ", 10);
    assert_int_equal(says.length, 26);
    assert_true(listed_models_owned_by(&models, "v"));
    assert_false(listed_models_owned_by(&models, "w"));
    listed_models_clear(&models);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text line = {0};

        assert_true(dialect_read_models(cases[i].list, strlen(cases[i].list), &models));
        listed_models_say(&models, &line);
        expect_true(cases[i].list, (strcmp(line.bytes, says.bytes) == 0) == cases[i].same);
        listed_models_clear(&models);
        text_clear(&line);
    }
    text_clear(&says);
}

/* As llama-server's router: the size is told of a model that is loaded alone. */
static void test_what_a_list_says_does_not_depend_on_what_is_loaded(void **state)
{
    static const char *const lists[] = {
        "{\"data\":[{\"id\":\"a\",\"status\":{\"value\":\"loaded\"},\"meta\":{\"n_params\":7,"
        "\"n_ctx\":512}},{\"id\":\"b\",\"status\":{\"value\":\"unloaded\"}}]}",
        "{\"data\":[{\"id\":\"a\",\"status\":{\"value\":\"unloaded\"}},{\"id\":\"b\",\"status\":"
        "{\"value\":\"loaded\"},\"meta\":{\"n_params\":9}}]}"};
    struct text says[COUNT_OF(lists)] = {{0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct listed_models models = {0};

        assert_true(dialect_read_models(lists[i], strlen(lists[i]), &models));
        listed_models_say(&models, &says[i]);
        listed_models_clear(&models);
    }
    assert_string_equal(says[0].bytes, says[1].bytes);
    text_clear(&says[0]);
    text_clear(&says[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_dialect_follows_from_api_and_address),
        cmocka_unit_test(test_a_prompt_stands_quoted_inside_a_body),
        cmocka_unit_test(test_a_failed_response_is_one_sentence),
        cmocka_unit_test(test_a_long_response_is_cut_between_letters),
        cmocka_unit_test(test_a_list_of_models),
        cmocka_unit_test(test_who_tells_a_context),
        cmocka_unit_test(test_how_a_model_stands),
        cmocka_unit_test(test_a_name_and_its_latest_are_one_where_the_list_says_so),
        cmocka_unit_test(test_what_a_list_says_of_its_endpoint),
        cmocka_unit_test(test_what_a_list_says_does_not_depend_on_what_is_loaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
