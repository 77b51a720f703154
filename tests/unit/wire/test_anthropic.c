/* Anthropic's Messages: endpoints, bodies, and what an event says. */
#include "dialogue.h"

#define DIALECT (&dialect_anthropic)
#define ASK     .model = "m", .output_tokens = 7

static void test_endpoints(void **state)
{
    static const struct dialogue_address cases[] = {
        {"http://h/v1", "http://h/v1/messages", "http://h/v1/models", NULL},
        {"http://h/v1/messages", "http://h/v1/messages", "http://h/v1/models", NULL},
        {"http://h:8", "http://h:8/v1/messages", "http://h:8/v1/models", NULL},
        {"http://h/proxy", "http://h/proxy/messages", "http://h/proxy/models", NULL},
    };
    char *header = dialect_anthropic.key_header("k");

    (void)state;
    dialogue_check_addresses(DIALECT, cases, COUNT_OF(cases));
    assert_string_equal(header, "x-api-key: k");
    assert_string_equal(dialect_anthropic.header, "anthropic-version: 2023-06-01");
    free(header);
}

static void test_bodies(void **state)
{
    static const struct dialogue_body cases[] = {
        {"plain",
         {ASK, .sampling_params = "{\"top_k\":1}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a \\\"b\\\"\"}],"
         "\"max_tokens\":7,\"stream\":true,\"top_k\":1}"},
        {"an image, not streamed",
         {ASK, .sampling_params = "{}", .image = true, .image_type = "image/jpeg", .whole = true},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
         "\"text\":\"a \\\"b\\\"\"},{\"type\":\"image\",\"source\":{\"type\":\"base64\","
         "\"media_type\":\"image/jpeg\",\"data\":\"iVBORw0=\"}}]}],\"max_tokens\":7,"
         "\"stream\":false}"},
    };

    (void)state;
    dialogue_check_bodies(DIALECT, cases, COUNT_OF(cases));
}

#define DELTA(members) "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{" members "}}"

static void test_events(void **state)
{
    static const struct dialogue_event cases[] = {
        {"text", DELTA("\"type\":\"text_delta\",\"text\":\" a\""), "C", "", " a", true},
        {"no text", DELTA("\"type\":\"text_delta\",\"text\":\"\""), "", "", "", true},
        {"thinking", DELTA("\"type\":\"thinking_delta\",\"thinking\":\"so\""), "R", "", "", true},
        {"a signature", DELTA("\"type\":\"signature_delta\",\"signature\":\"x\""), "", "", "",
         true},
        {"a tool's arguments", DELTA("\"type\":\"input_json_delta\",\"partial_json\":\"{\""), "C",
         "", "{", true},
        {"text of no string", DELTA("\"text\":5"), "", "", "", true},
        {"no delta", "{\"type\":\"content_block_delta\",\"delta\":null}", "", "", "", true},
        {"a block begins",
         "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
         "", "", "", false},
        {"a block begins with text",
         "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"a\"}}",
         "C", "", "a", false},
        {"the start",
         "{\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"usage\":{\"input_tokens\":5}}}",
         "U", "", "", false},
        {"the end",
         "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
         "\"usage\":{\"output_tokens\":2}}",
         "U", "end_turn", "", false},
        {"the end without counts",
         "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"}}", "",
         "max_tokens", "", false},
        {"stop", "{\"type\":\"message_stop\"}", "D", "", "", false},
        {"a ping", "{\"type\": \"ping\"}", "K", "", "", false},
        {"an error",
         "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}", "F",
         "", "", false},
        {"an error that says nothing", "{\"type\":\"error\"}", "F", "", "", false},
        {"an error of a proxy", "{\"error\":\"busy\"}", "F", "", "", false},
        {"a type to come", "{\"type\":\"content_block_news\",\"text\":\"a\"}", "", "", "", false},
        {"no type", "{}", "", "", "", false},
        {"no JSON", "{\"type\":", "M", "", "", false},
        {"no object", "5", "M", "", "", false},
    };

    (void)state;
    dialogue_check_events(DIALECT, cases, COUNT_OF(cases));
}

/* The prompt is what no cache took part in, what one was filled with, and what was read from it. */
static void test_usage(void **state)
{
    struct usage all = dialogue_usage(
        DIALECT, "{\"type\":\"message_delta\",\"usage\":{\"input_tokens\":5,"
                 "\"cache_creation_input_tokens\":10,\"cache_read_input_tokens\":20,"
                 "\"output_tokens\":7,\"output_tokens_details\":{\"thinking_tokens\":4}}}");
    struct usage output =
        dialogue_usage(DIALECT, "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":7}}");
    struct usage start = dialogue_usage(
        DIALECT, "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,"
                 "\"output_tokens\":1}}}");

    (void)state;
    expect_number("all three", all.input_tokens, 35);
    expect_number("cached", all.cached_tokens, 20);
    expect_number("thinking", all.reasoning_tokens, 4);
    expect_number("output alone", output.input_tokens, NAN);
    usage_add(&start, &output);
    expect_number("the counts are cumulative", start.output_tokens, 7);
    expect_number("the first stays", start.input_tokens, 5);
}

static void test_pages(void **state)
{
    (void)state;
    dialogue_check_page(DIALECT,
                        "{\"type\":\"message\",\"content\":[{\"type\":\"thinking\",\"thinking\":"
                        "\"so\"},{\"type\":\"text\",\"text\":\"a b\"}],\"stop_reason\":\"end_turn\""
                        ",\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}",
                        "a b", "end_turn", 2);
    dialogue_check_page(DIALECT, "{\"type\":\"message\",\"content\":[]}", "", "", NAN);
    dialogue_check_page(DIALECT, "<html>", "", "", NAN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints), cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_events),    cmocka_unit_test(test_usage),
        cmocka_unit_test(test_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
