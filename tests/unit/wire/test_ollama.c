/* Ollama's own chat: endpoints, bodies, and what a line says. */
#include "dialogue.h"

#define DIALECT (&dialect_ollama)
#define ASK     .model = "m", .output_tokens = 7

static void test_endpoints(void **state)
{
    static const struct dialogue_address cases[] = {
        {"http://h:11434", "http://h:11434/api/chat", "http://h:11434/api/tags",
         "http://h:11434/api/version"},
        {"http://h/v1", "http://h/api/chat", "http://h/api/tags", "http://h/api/version"},
        {"http://h/api/chat", "http://h/api/chat", "http://h/api/tags", "http://h/api/version"},
    };

    (void)state;
    dialogue_check_addresses(DIALECT, cases, COUNT_OF(cases));
    assert_null(dialect_ollama.key_header);
    assert_int_equal(dialect_ollama.framing, STREAM_LINES);
}

static void test_bodies(void **state)
{
    static const struct dialogue_body cases[] = {
        {"plain",
         {ASK, .sampling_params = "{}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a \\\"b\\\"\"}],"
         "\"stream\":true,\"options\":{\"num_predict\":7}}"},
        {"an image, and parameters of both places",
         {ASK, .sampling_params = "{\"temperature\":0.10,\"think\":true,\"keep_alive\":\"5m\"}",
          .image = true, .whole = true},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a \\\"b\\\"\","
         "\"images\":[\"iVBORw0=\"]}],\"stream\":false,\"think\":true,\"keep_alive\":\"5m\","
         "\"options\":{\"num_predict\":7,\"temperature\":0.10}}"},
    };

    (void)state;
    dialogue_check_bodies(DIALECT, cases, COUNT_OF(cases));
}

#define LINE(members, done) "{\"model\":\"m\",\"message\":{" members "},\"done\":" done "}"

static void test_events(void **state)
{
    static const struct dialogue_event cases[] = {
        {"text", LINE("\"role\":\"assistant\",\"content\":\" a\"", "false"), "C", "", " a", true},
        {"thinking", LINE("\"content\":\"\",\"thinking\":\"so\"", "false"), "R", "", "", true},
        {"no text", LINE("\"content\":\"\"", "false"), "", "", "", true},
        {"a tool's arguments",
         LINE("\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]", "false"),
         "C", "", "{\"a\":1}", false},
        {"the end",
         "{\"message\":{\"content\":\"\"},\"done_reason\":\"stop\",\"done\":true,\"eval_count\":2}",
         "DU", "stop", "", false},
        {"all at once",
         "{\"message\":{\"content\":\"a b\"},\"done_reason\":\"length\",\"done\":true}", "CDU",
         "length", "a b", false},
        {"an error", "{\"error\":\"model 'x' not found\"}", "F", "", "", false},
        {"an error beside a message", "{\"message\":{\"content\":\"\"},\"error\":\"busy\"}", "F",
         "", "", false},
        {"no error", "{\"message\":{\"content\":\"a\"},\"error\":null}", "C", "", "a", true},
        {"no JSON", "{\"message\":{", "M", "", "", false},
        {"a list", "[]", "M", "", "", false},
    };

    (void)state;
    dialogue_check_events(DIALECT, cases, COUNT_OF(cases));
}

/* Times are nanoseconds; loading the model is no part of reading the prompt. */
static void test_usage(void **state)
{
    struct usage usage = dialogue_usage(
        DIALECT, "{\"message\":{\"content\":\"\"},\"done\":true,\"total_duration\":3000000000,"
                 "\"load_duration\":2000000000,\"prompt_eval_count\":5,"
                 "\"prompt_eval_duration\":250000000,\"eval_count\":7,\"eval_duration\":5}");

    (void)state;
    expect_number("input", usage.input_tokens, 5);
    expect_number("output", usage.output_tokens, 7);
    expect_number("load", usage.load_s, 2);
    expect_number("prompt", usage.prompt_s, 0.25);
    expect_number("all", usage.end_to_end_latency_s, 3);
    expect_number("to the first token", usage.ttft_s, NAN);
}

static void test_models(void **state)
{
    static const char list[] =
        "{\"models\":[{\"name\":\"a:latest\",\"model\":\"a:latest\",\"digest\":\"\"},"
        "{\"name\":\"b:7b\",\"model\":\"b:7b\"}]}";
    struct listed_models models = {0};

    (void)state;
    assert_true(dialect_read_models(list, sizeof list - 1, &models));
    assert_int_equal(models.count, 2);
    assert_non_null(listed_models_find(&models, "a"));
    assert_string_equal(models.model[1].id, "b:7b");
    assert_string_equal(models.model[0].owned_by, "library");
    listed_models_clear(&models);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints), cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_events),    cmocka_unit_test(test_usage),
        cmocka_unit_test(test_models),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
