/* OpenAI's Responses: endpoints, bodies, and what an event says. */
#include "dialogue.h"

#define DIALECT (&dialect_openai_responses)
#define ASK     .model = "m", .output_tokens = 7

static void test_endpoints(void **state)
{
    static const struct dialogue_address cases[] = {
        {"http://h/v1", "http://h/v1/responses", "http://h/v1/models", "http://h/health"},
        {"http://h/v1/responses", "http://h/v1/responses", "http://h/v1/models", "http://h/health"},
    };

    (void)state;
    dialogue_check_addresses(DIALECT, cases, COUNT_OF(cases));
}

static void test_bodies(void **state)
{
    static const struct dialogue_body cases[] = {
        {"plain",
         {ASK, .sampling_params = "{\"store\":false}"},
         "{\"model\":\"m\",\"input\":\"a \\\"b\\\"\",\"max_output_tokens\":7,\"stream\":true,"
         "\"store\":false}"},
        {"an image",
         {ASK, .sampling_params = "{}", .image = true, .ignore_eos = true},
         "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
         "\"text\":\"a \\\"b\\\"\"},{\"type\":\"input_image\",\"image_url\":"
         "\"data:image/png;base64,iVBORw0=\"}]}],\"max_output_tokens\":7,\"stream\":true,"
         "\"ignore_eos\":true}"},
    };

    (void)state;
    dialogue_check_bodies(DIALECT, cases, COUNT_OF(cases));
}

#define RESPONSE(members) "\"response\":{\"id\":\"r1\"," members "}}"

static void test_events(void **state)
{
    static const struct dialogue_event cases[] = {
        {"text", "{\"type\":\"response.output_text.delta\",\"delta\":\" a\"}", "C", "", " a", true},
        {"no text", "{\"type\":\"response.output_text.delta\",\"delta\":\"\"}", "", "", "", true},
        {"reasoning", "{\"type\":\"response.reasoning_text.delta\",\"delta\":\"so\"}", "R", "", "",
         true},
        {"its summary", "{\"type\":\"response.reasoning_summary_text.delta\",\"delta\":\"so\"}",
         "R", "", "", false},
        {"a refusal", "{\"type\":\"response.refusal.delta\",\"delta\":\"no\"}", "C", "", "no",
         false},
        {"a tool's arguments",
         "{\"type\":\"response.function_call_arguments.delta\",\"delta\":\"{\"}", "C", "", "{",
         false},
        {"the text again", "{\"type\":\"response.output_text.done\",\"text\":\"a b\"}", "W", "",
         "a b", false},
        {"created", "{\"type\":\"response.created\"," RESPONSE("\"usage\":null"), "", "", "",
         false},
        {"completed",
         "{\"type\":\"response.completed\"," RESPONSE(
             "\"status\":\"completed\",\"usage\":{\"output_tokens\":2}"),
         "DU", "completed", "", false},
        {"timings with a token",
         "{\"type\":\"response.output_text.delta\",\"delta\":\"a\",\"timings\":{\"predicted_n\":2}"
         "}",
         "CU", "", "a", false},
        {"timings that tell nothing",
         "{\"type\":\"response.output_text.delta\",\"delta\":\"a\",\"timings\":{}}", "C", "", "a",
         true},
        {"timings, and no usage",
         "{\"type\":\"response.completed\",\"timings\":{\"predicted_n\":2}," RESPONSE(
             "\"status\":\"completed\",\"usage\":null"),
         "DU", "completed", "", false},
        {"all of it at once",
         "{\"type\":\"response.completed\"," RESPONSE(
             "\"status\":\"completed\",\"output\":[{\"type\":\"reasoning\",\"content\":[{\"text\":"
             "\"so\"}]},{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":"
             "\"a b\"}]}]"),
         "WD", "completed", "a b", false},
        {"cut short",
         "{\"type\":\"response.incomplete\"," RESPONSE(
             "\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":"
             "\"max_output_tokens\"}"),
         "D", "max_output_tokens", "", false},
        {"failed", "{\"type\":\"response.failed\"," RESPONSE("\"error\":{\"message\":\"busy\"}"),
         "DF", "", "", false},
        {"an error", "{\"type\":\"error\",\"code\":\"c\",\"message\":\"busy\"}", "F", "", "",
         false},
        {"an error without a type", "{\"error\":{\"message\":\"busy\"}}", "F", "", "", false},
        {"an item", "{\"type\":\"response.output_item.added\",\"item\":{}}", "", "", "", false},
        {"no JSON", "{\"type\":", "M", "", "", false},
    };

    (void)state;
    dialogue_check_events(DIALECT, cases, COUNT_OF(cases));
}

static void test_usage(void **state)
{
    struct usage usage = dialogue_usage(
        DIALECT, "{\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":5,"
                 "\"input_tokens_details\":{\"cached_tokens\":3},\"output_tokens\":7,"
                 "\"output_tokens_details\":{\"reasoning_tokens\":4},\"total_tokens\":12}}}");

    (void)state;
    expect_number("input", usage.input_tokens, 5);
    expect_number("cached", usage.cached_tokens, 3);
    expect_number("output", usage.output_tokens, 7);
    expect_number("reasoning", usage.reasoning_tokens, 4);
    expect_number("total", usage.total_tokens, 12);
}

/* llama.cpp's, beside the response: what usage says goes before. */
static void test_timings(void **state)
{
    struct usage usage = dialogue_usage(
        DIALECT,
        "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"usage\":{"
        "\"input_tokens\":10,\"output_tokens\":5,\"total_tokens\":15}},\"timings\":{"
        "\"cache_n\":9,\"prompt_n\":2,\"prompt_ms\":40.5,\"predicted_n\":4,\"predicted_ms\":50}}");

    (void)state;
    expect_number("input", usage.input_tokens, 10);
    expect_number("output", usage.output_tokens, 5);
    expect_number("cached", usage.cached_tokens, 9);
    expect_number("prompt", usage.prompt_s, 0.0405);
    expect_number("speed", usage.output_token_per_s, 60);
    expect_number("TTFT", usage.ttft_s, NAN);
    expect_number("latency", usage.end_to_end_latency_s, NAN);
}

static void test_pages(void **state)
{
    (void)state;
    dialogue_check_page(DIALECT,
                        "{\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"type\":"
                        "\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a b\"}]}],"
                        "\"usage\":{\"output_tokens\":2}}",
                        "a b", "completed", 2);
    dialogue_check_page(DIALECT, "{\"object\":\"response\",\"output\":[]}", "", "", NAN);
    dialogue_check_page(DIALECT, "<html>", "", "", NAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints), cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_events),    cmocka_unit_test(test_usage),
        cmocka_unit_test(test_timings),   cmocka_unit_test(test_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
