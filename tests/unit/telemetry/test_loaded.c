/* What servers say is loaded, by their own documents' examples. */
#include "telemetry/loaded.h"

#include <string.h>

#include "support.h"

#define LLAMA_CPP                                                                                  \
    "{\"data\":[{\"id\":\"a\",\"status\":{\"value\":\"loaded\",\"args\":[\"llama-server\"]}},"     \
    "{\"id\":\"b\",\"status\":{\"value\":\"unloaded\"}},"                                          \
    "{\"id\":\"c\",\"status\":{\"value\":\"loading\"}},"                                           \
    "{\"id\":\"d\",\"status\":{\"value\":\"sleeping\"}}]}"
#define SINGLE "{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"owned_by\":\"llamacpp\"}]}"
#define LLAMA_SWAP                                                                                 \
    "{\"running\":[{\"model\":\"a\",\"state\":\"ready\"},{\"model\":\"b\",\"state\":\"starting\"}" \
    ","                                                                                            \
    "{\"model\":\"c\",\"state\":\"stopped\"}]}"
#define OLLAMA                                                                                     \
    "{\"models\":[{\"name\":\"a:latest\",\"model\":\"a:latest\",\"size\":5137025024},"             \
    "{\"name\":\"b:7b\"}]}"
#define VLLM                                                                                       \
    "{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"owned_by\":\"vllm\",\"parent\":null},"         \
    "{\"id\":\"b\",\"parent\":\"a\"}]}"

static void test_words(void **state)
{
    static const struct {
        enum state_source source;
        const char *response, *model;
        enum state_word word;
    } cases[] = {
        {STATE_SOURCE_LLAMA_CPP, LLAMA_CPP, "a", STATE_LOADED},
        {STATE_SOURCE_LLAMA_CPP, LLAMA_CPP, "b", STATE_NOT_LOADED},
        {STATE_SOURCE_LLAMA_CPP, LLAMA_CPP, "c", STATE_UNKNOWN},
        {STATE_SOURCE_LLAMA_CPP, LLAMA_CPP, "d", STATE_NOT_LOADED},
        {STATE_SOURCE_LLAMA_CPP, LLAMA_CPP, "none", STATE_UNKNOWN},
        {STATE_SOURCE_LLAMA_CPP, SINGLE, "a", STATE_LOADED},
        {STATE_SOURCE_LLAMA_SWAP, LLAMA_SWAP, "a", STATE_LOADED},
        {STATE_SOURCE_LLAMA_SWAP, LLAMA_SWAP, "b", STATE_UNKNOWN},
        {STATE_SOURCE_LLAMA_SWAP, LLAMA_SWAP, "c", STATE_NOT_LOADED},
        {STATE_SOURCE_LLAMA_SWAP, LLAMA_SWAP, "none", STATE_NOT_LOADED},
        {STATE_SOURCE_LLAMA_SWAP, "{\"running\":[]}", "a", STATE_NOT_LOADED},
        {STATE_SOURCE_OLLAMA, OLLAMA, "a", STATE_LOADED},
        {STATE_SOURCE_OLLAMA, OLLAMA, "a:latest", STATE_LOADED},
        {STATE_SOURCE_OLLAMA, OLLAMA, "b", STATE_NOT_LOADED},
        {STATE_SOURCE_OLLAMA, OLLAMA, "b:7b", STATE_LOADED},
        {STATE_SOURCE_OLLAMA, OLLAMA, "b:latest", STATE_NOT_LOADED},
        {STATE_SOURCE_VLLM, VLLM, "a", STATE_LOADED},
        {STATE_SOURCE_VLLM, VLLM, "b", STATE_UNKNOWN},
        {STATE_SOURCE_VLLM, VLLM, "none", STATE_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct loaded loaded = {0};
        const char *response = cases[i].response;

        expect_true(response, loaded_read(cases[i].source, response, strlen(response), &loaded));
        expect_true(cases[i].model, loaded_find(&loaded, cases[i].model) == cases[i].word);
        loaded_clear(&loaded);
    }
}

static void test_other_responses_are_no_words(void **state)
{
    static const char *const responses[] = {"",
                                            "nothing",
                                            "[]",
                                            "{}",
                                            "{\"data\":{}}",
                                            "{\"running\":3}",
                                            "<html></html>",
                                            "{\"data\":[",
                                            "null"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(responses); i++) {
        for (int source = STATE_SOURCE_LLAMA_CPP; source < STATE_SOURCES; source++) {
            struct loaded loaded = {0};

            expect_true(responses[i], !loaded_read((enum state_source)source, responses[i],
                                                   strlen(responses[i]), &loaded));
            loaded_clear(&loaded);
        }
    }
}

static void test_members_of_another_form_are_passed_over(void **state)
{
    static const char response[] =
        "{\"data\":[3,{},{\"id\":4},{\"id\":\"a\",\"status\":\"loaded\"}]}";
    struct loaded loaded = {0};

    (void)state;
    assert_true(loaded_read(STATE_SOURCE_LLAMA_CPP, response, strlen(response), &loaded));
    assert_int_equal(loaded.models, 1);
    assert_false(loaded.has_status);
    assert_int_equal(loaded_find(&loaded, "a"), STATE_LOADED);
    loaded_clear(&loaded);
}

static void test_the_names_of_what_is_loaded(void **state)
{
    struct loaded loaded = {0};
    struct text json = {0};

    (void)state;
    loaded_add_json(&loaded, &json);
    assert_string_equal(json.bytes, "[]");
    text_clear(&json);
    assert_true(loaded_read(STATE_SOURCE_OLLAMA, OLLAMA, strlen(OLLAMA), &loaded));
    loaded_add_json(&loaded, &json);
    assert_string_equal(json.bytes, "[\"a:latest\", \"b:7b\"]");
    assert_true(loaded_any(&loaded));
    loaded_clear(&loaded);
    text_clear(&json);
    assert_true(loaded_read(STATE_SOURCE_LLAMA_CPP, LLAMA_CPP, strlen(LLAMA_CPP), &loaded));
    loaded_add_json(&loaded, &json);
    assert_string_equal(json.bytes, "[\"a\"]");
    loaded_clear(&loaded);
    text_clear(&json);
    assert_false(loaded_any(&loaded));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_other_responses_are_no_words),
        cmocka_unit_test(test_members_of_another_form_are_passed_over),
        cmocka_unit_test(test_the_names_of_what_is_loaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
