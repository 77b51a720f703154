/* OpenAI's completions: endpoints, bodies, and what an event says. */
#include "dialogue.h"

#define DIALECT (&dialect_openai_completions)
#define ASK     .model = "m", .output_tokens = 7

static void test_endpoints(void **state)
{
    static const struct dialogue_address cases[] = {
        {"http://h/v1", "http://h/v1/completions", "http://h/v1/models", "http://h/health"},
        {"http://h/v1/completions", "http://h/v1/completions", "http://h/v1/models",
         "http://h/health"},
        {"http://h/v1/chat/completions", "http://h/v1/completions", "http://h/v1/models",
         "http://h/health"},
    };

    (void)state;
    dialogue_check_addresses(DIALECT, cases, COUNT_OF(cases));
}

static void test_bodies(void **state)
{
    static const struct dialogue_body cases[] = {
        {"plain",
         {ASK, .sampling_params = "{}"},
         "{\"model\":\"m\",\"prompt\":\"a \\\"b\\\"\",\"max_tokens\":7,\"stream\":true,"
         "\"stream_options\":{\"include_usage\":true}}"},
        {"all tokens, with a parameter, not streamed",
         {ASK, .sampling_params = "{\"temperature\":0.10}", .ignore_eos = true, .whole = true},
         "{\"model\":\"m\",\"prompt\":\"a \\\"b\\\"\",\"max_tokens\":7,\"stream\":false,"
         "\"ignore_eos\":true,\"temperature\":0.10}"},
    };

    (void)state;
    dialogue_check_bodies(DIALECT, cases, COUNT_OF(cases));
}

static void test_events(void **state)
{
    static const struct dialogue_event cases[] = {
        {"text", "{\"id\":\"c\",\"choices\":[{\"text\":\" a\",\"finish_reason\":null}]}", "C", "",
         " a", true},
        {"no text", "{\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}", "", "length",
         "", true},
        {"a delta is no text", "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}", "", "", "", true},
        {"usage", "{\"choices\":[],\"usage\":{\"completion_tokens\":2}}", "U", "", "", false},
        {"an error", "{\"error\":{\"message\":\"busy\"}}", "F", "", "", false},
        {"given up", "{\"choices\":[{\"text\":\"\",\"finish_reason\":\"abort\"}]}", "", "abort", "",
         false},
        {"done", "[DONE]", "D", "", "", false},
        {"no JSON", "{\"choices\":[{\"te", "M", "", "", false},
        {"a list", "[]", "M", "", "", false},
    };

    (void)state;
    dialogue_check_events(DIALECT, cases, COUNT_OF(cases));
}

static void test_pages(void **state)
{
    (void)state;
    dialogue_check_page(DIALECT,
                        "{\"choices\":[{\"text\":\"a b\",\"finish_reason\":\"stop\"}],"
                        "\"usage\":{\"completion_tokens\":2}}",
                        "a b", "stop", 2);
    dialogue_check_page(DIALECT, "{\"choices\":[]}", "", "", NAN);
    dialogue_check_page(DIALECT, "<html>", "", "", NAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
