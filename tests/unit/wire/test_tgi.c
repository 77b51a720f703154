/* Text Generation Inference: endpoints, bodies, and what an event says. */
#include "dialogue.h"

#define DIALECT (&dialect_tgi)
#define ASK     .model = "m", .output_tokens = 7

static void test_endpoints(void **state)
{
    static const struct dialogue_address cases[] = {
        {"http://h:8", "http://h:8/generate_stream", "http://h:8/info", "http://h:8/health"},
        {"http://h/v1", "http://h/generate_stream", "http://h/info", "http://h/health"},
        {"http://h/generate_stream", "http://h/generate_stream", "http://h/info",
         "http://h/health"},
    };

    (void)state;
    dialogue_check_addresses(DIALECT, cases, COUNT_OF(cases));
    assert_false(dialect_tgi.names_model("m"));
}

static void test_bodies(void **state)
{
    static const struct dialogue_body cases[] = {
        {"plain",
         {ASK, .sampling_params = "{\"temperature\":0.10}"},
         "{\"inputs\":\"a \\\"b\\\"\",\"parameters\":{\"max_new_tokens\":7,\"details\":true,"
         "\"temperature\":0.10}}"},
        {"an image",
         {ASK, .sampling_params = "{}", .image = true},
         "{\"inputs\":\"a \\\"b\\\"![](data:image/png;base64,iVBORw0=)\",\"parameters\":{"
         "\"max_new_tokens\":7,\"details\":true}}"},
    };

    (void)state;
    dialogue_check_bodies(DIALECT, cases, COUNT_OF(cases));
}

#define TOKEN(text, special, rest)                                                                 \
    "{\"index\":1,\"token\":{\"id\":5,\"text\":\"" text "\",\"logprob\":-0.5,\"special\":" special \
    "},\"generated_text\":" rest "}"

static void test_events(void **state)
{
    static const struct dialogue_event cases[] = {
        {"a token", TOKEN(" a", "false", "null,\"details\":null"), "C", "", " a", true},
        {"a special token", TOKEN("</s>", "true", "null,\"details\":null"), "", "", "", true},
        {"the last token",
         TOKEN(" b", "false",
               "\" a b\",\"details\":{\"finish_reason\":\"length\",\"generated_tokens\":2}"),
         "CWDU", "length", " a b", false},
        {"the end of the text",
         TOKEN("</s>", "true",
               "\" a b\",\"details\":{\"finish_reason\":\"eos_token\",\"generated_tokens\":3}"),
         "WDU", "eos_token", " a b", false},
        {"no details", TOKEN(" b", "false", "\" a b\",\"details\":null"), "CWD", "", " a b", false},
        {"an error", "{\"error\":\"too long\",\"error_type\":\"validation\"}", "F", "", "", false},
        {"no JSON", "{\"token\":{", "M", "", "", false},
        {"a number", "5", "M", "", "", false},
    };

    (void)state;
    dialogue_check_events(DIALECT, cases, COUNT_OF(cases));
}

static void test_usage(void **state)
{
    struct usage usage = dialogue_usage(
        DIALECT, TOKEN("a", "false",
                       "\"a\",\"details\":{\"finish_reason\":\"length\",\"generated_tokens\":2,"
                       "\"input_length\":5}"));

    (void)state;
    expect_number("input", usage.input_tokens, 5);
    expect_number("output", usage.output_tokens, 2);
}

static void test_the_model(void **state)
{
    static const char info[] = "{\"model_id\":\"org/m\",\"max_total_tokens\":4096}";
    struct listed_models models = {0};

    (void)state;
    assert_true(dialect_read_models(info, sizeof info - 1, &models));
    assert_int_equal(models.count, 1);
    assert_string_equal(models.model[0].id, "org/m");
    assert_int_equal(models.model[0].context_length, 4096);
    listed_models_clear(&models);
}

static void test_pages(void **state)
{
    (void)state;
    dialogue_check_page(DIALECT,
                        "{\"generated_text\":\"a b\",\"details\":{\"finish_reason\":\"length\","
                        "\"generated_tokens\":2}}",
                        "a b", "length", 2);
    dialogue_check_page(DIALECT, "<html>", "", "", NAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints), cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_events),    cmocka_unit_test(test_usage),
        cmocka_unit_test(test_the_model), cmocka_unit_test(test_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
