/* SambaStudio's generic APIs: doors, bodies, and what a line says (formats.md, 4b and 4c). */
#include "wire/sambastudio.h"

#include "support.h"

static void test_endpoints(void **state)
{
    static const struct {
        const char *address, *dialect, *chat;
    } cases[] = {
        {"https://s/api/v2/predict/generic/p/e", "sambastudio generic v2",
         "https://s/api/v2/predict/generic/stream/p/e"},
        {"https://s/api/v2/predict/generic/stream/p/e", "sambastudio generic v2",
         "https://s/api/v2/predict/generic/stream/p/e"},
        {"https://s/api/predict/generic/p/e", "sambastudio generic v1",
         "https://s/api/predict/generic/stream/p/e"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct dialect *dialect = dialect_find("sambastudio", cases[i].address);
        char *chat, *header;

        expect_text(cases[i].address, dialect ? dialect->name : "none", cases[i].dialect);
        chat = dialect->chat_url(cases[i].address);
        header = dialect->key_header("k-1");
        expect_text(cases[i].address, chat, cases[i].chat);
        expect_text(cases[i].address, header, "key: k-1");
        expect_true(cases[i].address, dialect->framing == STREAM_LINES && !dialect->images);
        free(chat);
        free(header);
    }
}

static void test_a_body_holds_what_was_asked(void **state)
{
    static const struct {
        const char *name;
        const struct dialect *dialect;
        struct ask ask;
        const char *body;
    } cases[] = {
        {"v2",
         &dialect_sambastudio_v2,
         {.model = "m", .output_tokens = 128, .sampling_params = "{\"temperature\":0.5}"},
         "{\"items\":[{\"id\":\"item1\",\"value\":\"a \\\"b\\\"\"}],\"params\":"
         "{\"max_tokens_to_generate\":128,\"temperature\":0.5}}"},
        {"v2, an expert",
         &dialect_sambastudio_v2,
         {.model = "Bundle/x/Meta-Llama-3-70B", .output_tokens = 7, .sampling_params = "{}"},
         "{\"items\":[{\"id\":\"item1\",\"value\":\"a \\\"b\\\"\"}],\"params\":"
         "{\"max_tokens_to_generate\":7,\"select_expert\":\"Meta-Llama-3-70B\","
         "\"process_prompt\":false,\"top_k\":1}}"},
        {"v2, an expert: what the user sets takes the place of what we do",
         &dialect_sambastudio_v2,
         {.model = "COE/e", .output_tokens = 7, .sampling_params = "{\"top_k\":5}"},
         "{\"items\":[{\"id\":\"item1\",\"value\":\"a \\\"b\\\"\"}],\"params\":"
         "{\"max_tokens_to_generate\":7,\"select_expert\":\"e\",\"process_prompt\":false,"
         "\"top_k\":5}}"},
        {"v1",
         &dialect_sambastudio_v1,
         {.model = "COE/e",
          .output_tokens = 128,
          .sampling_params = "{\"temperature\":0.5,\"do_sample\":true}"},
         "{\"instance\":\"a \\\"b\\\"\",\"params\":{\"max_tokens_to_generate\":{\"type\":\"int\","
         "\"value\":\"128\"},\"select_expert\":{\"type\":\"str\",\"value\":\"e\"},"
         "\"process_prompt\":{\"type\":\"bool\",\"value\":\"False\"},\"top_k\":{\"type\":\"int\","
         "\"value\":\"1\"},\"temperature\":{\"type\":\"float\",\"value\":\"0.5\"},"
         "\"do_sample\":{\"type\":\"bool\",\"value\":\"True\"}}}"},
        {"v1, numbers as they were written",
         &dialect_sambastudio_v1,
         {.model = "m", .output_tokens = 1, .sampling_params = "{\"a\":1E1,\"b\":1e1,\"c\":10}"},
         "{\"instance\":\"a \\\"b\\\"\",\"params\":{\"max_tokens_to_generate\":{\"type\":\"int\","
         "\"value\":\"1\"},\"a\":{\"type\":\"float\",\"value\":\"1E1\"},\"b\":{\"type\":\"float\","
         "\"value\":\"1e1\"},\"c\":{\"type\":\"int\",\"value\":\"10\"}}}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct body body = {0};
        struct text whole = {0};

        cases[i].dialect->write_body(&cases[i].ask, &body);
        text_add_string(&whole, body.head.bytes);
        dialect_add_text(&whole, "a \"b\"");
        text_add_string(&whole, body.tail.bytes);
        expect_text(cases[i].name, whole.bytes, cases[i].body);
        text_clear(&whole);
        body_clear(&body);
    }
}

/* What stands inside result.items[0].value and result.responses[0] alike. */
static const struct {
    const char *name, *value;
    bool content, whole, last;
    const char *finish;
} values[] = {
    {"a token", "{\"is_last_response\":false,\"stream_token\":\" a\"}", true, false, false, ""},
    {"an empty token", "{\"is_last_response\":false,\"stream_token\":\"\"}", false, false, false,
     ""},
    {"no token", "{\"is_last_response\":false}", false, false, false, ""},
    {"the last",
     "{\"is_last_response\":true,\"stream_token\":\"\",\"completion\":\"all of it\","
     "\"stop_reason\":\"end_of_text\",\"prompt_tokens_count\":5}",
     false, true, true, "end_of_text"},
    {"the last, with a token",
     "{\"is_last_response\":true,\"stream_token\":\"z\",\"prompt_tokens_count\":5}", true, false,
     true, ""},
    {"the only one",
     "{\"is_last_response\":true,\"completion\":\"all of it\",\"prompt_tokens_count\":5}", false,
     true, true, ""},
    {"nothing generated",
     "{\"is_last_response\":true,\"completion\":\"\",\"prompt_tokens_count\":5}", false, false,
     true, ""},
};

static const struct {
    const struct dialect *dialect;
    const char *format[2];
} dialects[] = {
    {&dialect_sambastudio_v2, {"{\"result\":{\"items\":[{\"id\":\"item1\",\"value\":", "}]}}"}},
    {&dialect_sambastudio_v1, {"{\"result\":{\"responses\":[", "]}}"}},
};

static void test_what_a_line_says(void **state)
{
    static struct scan_previous before;

    (void)state;
    for (size_t d = 0; d < COUNT_OF(dialects); d++) {
        for (size_t i = 0; i < COUNT_OF(values); i++) {
            char *line = memory_printf("%s%s%s", dialects[d].format[0], values[i].value,
                                       dialects[d].format[1]);
            struct event event;

            dialect_take_event(dialects[d].dialect, line, strlen(line), &before, &event);
            expect_true(values[i].name, !event.failed && !event.malformed);
            expect_true(values[i].name, event.content == values[i].content);
            expect_true(values[i].name, event.whole == values[i].whole);
            expect_true(values[i].name, event.done == values[i].last);
            expect_true(values[i].name, event.has_usage == values[i].last);
            expect_text(values[i].name, event.finish_reason, values[i].finish);
            if (values[i].last)
                expect_number(values[i].name, event.usage.input_tokens, 5);
            free(line);
        }
    }
}

/* What is sent between lines to keep the connection open, and lines that hold more than one value.
 */
static void test_lines_that_hold_no_value_or_more(void **state)
{
    static const struct {
        const char *ends; /* behind a line's value; NULL: the line is `begins` alone */
        const char *begins;
        bool keep_alive;
        const char *message;
    } cases[] = {
        {NULL, "ping", true, ""},
        {NULL, "\"\"", true, ""},
        {NULL, " null ", true, ""},
        {NULL, ": keep-alive", true, ""},
        {NULL, "pong", false, "pong"},
        {" \r", "{\"stream_token\":\"a\"}", false, ""},
        {"{}", "{\"stream_token\":\"a\"}", false, "bytes follow the JSON value of an event: {}"},
        {" x", "{\"is_last_response\":true}", false, "bytes follow the JSON value of an event: x"},
        {"}", "{}", false, "bytes follow the JSON value of an event: }"},
    };

    (void)state;
    for (size_t d = 0; d < COUNT_OF(dialects); d++) {
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            bool alone = !cases[i].ends;
            char *line =
                memory_printf("%s%s%s%s", alone ? "" : dialects[d].format[0], cases[i].begins,
                              alone ? "" : dialects[d].format[1], alone ? "" : cases[i].ends);
            struct scan_previous before = {0};
            struct text text = {0};
            struct event event;

            memset(&event, 0, sizeof event);
            dialect_take_event(dialects[d].dialect, line, strlen(line), &before, &event);
            expect_true(line, event.keep_alive == cases[i].keep_alive && !event.failed);
            expect_true(line, event.malformed == (cases[i].message[0] != '\0'));
            expect_text(line, event.message, cases[i].message);
            dialects[d].dialect->add_content(line, strlen(line), &text);
            expect_true(line, event.content == (text.length > 0));
            scan_forget(&before);
            text_clear(&text);
            free(line);
        }
    }
}

/* Each answer's values, and its text. */
/* clang-format off */
static const struct {
    const char *name, *value[4], *text;
} responses[] = {
    {"tokens", {"{\"stream_token\":\"one \"}", "{\"is_last_response\":false,\"stream_token\":\"two\"}"}, "one two"},
    {"escapes", {"{\"stream_token\":\"\\\"a\\\\b\\n\\u00e9\"}"}, "\"a\\b\n\xc3\xa9"},
    {"a surrogate pair", {"{\"stream_token\":\"\\ud83c\\udf52\"}"}, "\xf0\x9f\x8d\x92"},
    {"a letter cut by two lines", {"{\"stream_token\":\"\xc3\"}", "{\"stream_token\":\"\xa4\"}"}, "\xc3\xa4"},
    {"empty and null", {"{\"stream_token\":\"\"}", "{\"stream_token\":null}", "{\"stream_token\":\"a\"}"}, "a"},
    {"the whole text behind its tokens",
     {"{\"stream_token\":\"a\"}", "{\"stream_token\":\"b\"}",
      "{\"is_last_response\":true,\"stream_token\":\"\",\"completion\":\"ab\"}"}, "ab"},
    {"the last token beside the whole text",
     {"{\"stream_token\":\"a\"}", "{\"is_last_response\":true,\"stream_token\":\"b\",\"completion\":\"ab\"}"}, "ab"},
    {"the whole text alone", {"{\"is_last_response\":true,\"completion\":\"a \\\"b\\\"\"}"}, "a \"b\""},
    {"the whole text at once, and a token",
     {"{\"is_last_response\":true,\"stream_token\":\"b\",\"completion\":\"ab\"}"}, "ab"},
    {"the whole text empty", {"{\"stream_token\":\"a\",\"completion\":\"\"}"}, "a"},
    {"no text", {"{\"stream_token\":5,\"completion\":[]}", "[]", "null"}, ""},
    {"a line that is cut", {"{\"stream_token\":\"a\"}", "{\"stream_token\":\"b"}, "a"},
};
/* clang-format on */

static void test_the_text_of_a_response(void **state)
{
    (void)state;
    for (size_t d = 0; d < COUNT_OF(dialects); d++) {
        for (size_t i = 0; i < COUNT_OF(responses); i++) {
            struct text text = {0};

            text_add_string(&text, "");
            for (size_t k = 0; k < COUNT_OF(responses[i].value) && responses[i].value[k]; k++) {
                char *line = memory_printf("%s%s%s", dialects[d].format[0], responses[i].value[k],
                                           dialects[d].format[1]);

                dialects[d].dialect->add_content(line, strlen(line), &text);
                free(line);
            }
            expect_text(responses[i].name, text.bytes, responses[i].text);
            text_clear(&text);
        }
    }
}

static void test_errors_and_what_is_no_response(void **state)
{
    static struct scan_previous before;
    static const struct {
        const char *line;
        bool failed;
        const char *message;
    } cases[] = {
        {"{\"error\":{\"code\":503,\"message\":\"busy\",\"details\":[]}}", true, "busy"},
        {"{\"error\":\"no expert\"}", true, "no expert"},
        {"{\"detail\":\"no such endpoint\"}", true, "no such endpoint"},
        {"{}", false, "{}"},
        {"{\"result\":{}}", false, "{\"result\":{}}"},
        {"{\"result\":{\"items\":[],\"responses\":[]}}", false,
         "{\"result\":{\"items\":[],\"responses\":[]}}"},
        {"<html>", false, "<html>"},
        {"[]", false, "[]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t d = 0; d < COUNT_OF(dialects); d++) {
            struct event event;

            dialect_take_event(dialects[d].dialect, cases[i].line, strlen(cases[i].line), &before,
                               &event);
            expect_true(cases[i].line, event.failed == cases[i].failed);
            expect_true(cases[i].line, event.malformed == !cases[i].failed);
            expect_true(cases[i].line, !event.content && !event.done);
            expect_text(cases[i].line, event.message, cases[i].message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_a_body_holds_what_was_asked),
        cmocka_unit_test(test_what_a_line_says),
        cmocka_unit_test(test_lines_that_hold_no_value_or_more),
        cmocka_unit_test(test_the_text_of_a_response),
        cmocka_unit_test(test_errors_and_what_is_no_response),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
