/* The OpenAI dialect: doors, bodies, and what an event says (formats.md, section 4a; science.md,
 * section 6). */
#include "wire/openai.h"

#include <cjson/cJSON.h>

#include "support.h"

static void test_endpoints(void **state)
{
    static const struct {
        const char *address, *chat, *models, *health;
    } cases[] = {
        {"https://api.sambanova.ai/v1", "https://api.sambanova.ai/v1/chat/completions",
         "https://api.sambanova.ai/v1/models", "https://api.sambanova.ai/health"},
        {"http://h:8/openai/v1/p/e/chat/completions", "http://h:8/openai/v1/p/e/chat/completions",
         "http://h:8/openai/v1/p/e/models", "http://h:8/openai/v1/p/e/health"},
        {"http://h/v1/chat/completions?version=2", "http://h/v1/chat/completions?version=2",
         "http://h/v1/models", "http://h/health"},
    };
    char *header = dialect_openai.key_header("k-1");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *chat = dialect_openai.chat_url(cases[i].address);
        char *models = dialect_openai.models_url(cases[i].address);
        char *health = dialect_openai.health_url(cases[i].address);

        expect_text(cases[i].address, chat, cases[i].chat);
        expect_text(cases[i].address, models, cases[i].models);
        expect_text(cases[i].address, health, cases[i].health);
        free(chat);
        free(models);
        free(health);
    }
    assert_string_equal(header, "Authorization: Bearer k-1");
    free(header);
}

#define REST "\"max_tokens\":7,\"stream\":true,\"stream_options\":{\"include_usage\":true}"

static void test_a_body_holds_what_was_asked(void **state)
{
    static const struct {
        const char *name;
        struct ask ask;
        const char *body;
    } cases[] = {
        {"plain",
         {.model = "m", .output_tokens = 7, .sampling_params = "{}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST "}"},
        {"all tokens",
         {.model = "m", .output_tokens = 7, .ignore_eos = true, .sampling_params = "{}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST ",\"ignore_eos\":true}"},
        {"sampling parameters",
         {.model = "m",
          .output_tokens = 7,
          .sampling_params = "{\"temperature\":0.1,\"stop\":[\"x\"],\"o\":{\"k\":null}}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST ",\"temperature\":0.1,\"stop\":[\"x\"],\"o\":{\"k\":null}}"},
        {"no stream",
         {.model = "m", .output_tokens = 7, .sampling_params = "{}", .whole = true},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}],\"max_tokens\":7,\"stream\":false}"},
        {"a model with quotes",
         {.model = "m\"\\", .output_tokens = 7, .sampling_params = "{}"},
         "{\"model\":\"m\\\"\\\\\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST "}"},
        {"tokens under another name, and no counts",
         {.model = "m",
          .output_tokens = 7,
          .sampling_params = "{}",
          .output_tokens_as = "max_completion_tokens",
          .usage = ASK_USAGE_NOT},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}],\"max_completion_tokens\":7,\"stream\":true}"},
        {"counts in each chunk",
         {.model = "m", .output_tokens = 7, .sampling_params = "{}", .usage = ASK_USAGE_EACH},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}],\"max_tokens\":7,\"stream\":true,\"stream_options\":"
         "{\"include_usage\":true,\"continuous_usage_stats\":true}}"},
        {"an image",
         {.model = "m", .output_tokens = 7, .image = true, .sampling_params = "{}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
         "\"text\":"
         "\"a \\\"b\\\"\\u000a\"},{\"type\":\"image_url\",\"image_url\":{\"url\":"
         "\"data:image/png;base64,iVBORw0=\"}}]}]," REST "}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct body body = {0};
        struct text whole = {0};
        cJSON *parsed;

        dialect_openai.write_body(&cases[i].ask, &body);
        text_add_string(&whole, body.head.bytes);
        dialect_add_text(&whole, "a \"b\"\n");
        if (cases[i].ask.image) {
            text_add_string(&whole, body.middle.bytes);
            text_add_string(&whole, "iVBORw0=");
        }
        text_add_string(&whole, body.tail.bytes);
        expect_text(cases[i].name, whole.bytes, cases[i].body);
        parsed = cJSON_Parse(whole.bytes);
        expect_true(cases[i].name, parsed);
        cJSON_Delete(parsed);
        text_clear(&whole);
        body_clear(&body);
        body_clear(&body);
    }
}

/* What an event says, as letters: Content, Reasoning, Done, Usage, Failed, Malformed, Keep-alive.
 */
static void print(const struct event *event, char letters[8])
{
    snprintf(letters, 8, "%s%s%s%s%s%s%s", event->content ? "C" : "", event->reasoning ? "R" : "",
             event->done ? "D" : "", event->has_usage ? "U" : "", event->failed ? "F" : "",
             event->malformed ? "M" : "", event->keep_alive ? "K" : "");
}

#define DELTA(members) "{\"choices\":[{\"index\":0,\"delta\":{" members "}}]}"

/* clang-format off */
static const struct {
    const char *name, *payload, *letters, *finish, *message;
} events[] = {
    {"content", DELTA("\"content\":\"a\""), "C", "", ""},
    {"role with content", DELTA("\"role\":\"assistant\",\"content\":\"a\""), "C", "", ""},
    {"a blank is content", DELTA("\"content\":\" \""), "C", "", ""},
    {"role alone", DELTA("\"role\":\"assistant\""), "", "", ""},
    {"role with empty content", DELTA("\"role\":\"assistant\",\"content\":\"\""), "", "", ""},
    {"content null", DELTA("\"content\":null,\"tool_calls\":null"), "", "", ""},
    {"content no text", DELTA("\"content\":5"), "", "", ""},
    {"reasoning", DELTA("\"reasoning\":\"a\""), "R", "", ""},
    {"reasoning_content", DELTA("\"content\":\"\",\"reasoning_content\":\"a\""), "R", "", ""},
    {"both", DELTA("\"content\":\"a\",\"reasoning\":\"b\""), "CR", "", ""},
    {"escapes and surrogates", DELTA("\"content\":\"\\u0041\\ud83c\\udf52\""), "C", "", ""},
    {"many tokens at once", DELTA("\"content\":\", Inc. is an American company\""), "C", "", ""},
    {"finish with empty content",
     "{\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}", "", "stop", ""},
    {"finish with content",
     "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"length\"}]}", "C", "length",
     ""},
    {"finish null", "{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}", "C",
     "", ""},
    {"a finish reason too long is cut",
     "{\"choices\":[{\"delta\":{},\"finish_reason\":\"123456789012345678901234567890123456\"}]}",
     "", "1234567890123456789012345678901", ""},
    {"usage behind empty choices", "{\"choices\":[],\"usage\":{\"prompt_tokens\":5}}", "U", "", ""},
    {"usage without choices", "{\"usage\":{\"prompt_tokens\":5}}", "U", "", ""},
    {"usage with content",
     "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":5}}", "CU", "",
     ""},
    {"usage null", "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}", "C", "", ""},
    {"choices null", "{\"choices\":null}", "", "", ""},
    {"choice null", "{\"choices\":[null]}", "", "", ""},
    {"delta null", "{\"choices\":[{\"delta\":null}]}", "", "", ""},
    {"nothing known", "{\"created\":1764022114.35,\"object\":\"chunk\"}", "", "", ""},
    {"done", "[DONE]", "D", "", ""},
    {"keep-alive as data", ": keepalive", "K", "", ""},
    {"a ping", "ping", "K", "", ""},
    {"a ping as a string", " \"ping\"", "K", "", ""},
    {"an empty string", "\"\"", "K", "", ""},
    {"null", "null ", "K", "", ""},
    {"blank", " ", "K", "", ""},
    {"another word", "pong", "M", "", "pong"},
    {"another string", "\"a\"", "M", "", "\"a\""},
    {"two values", DELTA("\"content\":\"a\"") " {\"choices\":\n[]}", "M", "",
     "bytes follow the JSON value of an event: {\"choices\": []}"},
    {"a bracket too many", DELTA("\"content\":\"a\"") "}", "M", "",
     "bytes follow the JSON value of an event: }"},
    {"an error and bytes behind it", "{\"error\":\"e\"}[DONE]", "M", "",
     "bytes follow the JSON value of an event: [DONE]"},
    {"blanks behind", DELTA("\"content\":\"a\"") " \t\r\n", "C", "", ""},
    {"content in parts", DELTA("\"content\":[{\"type\":\"text\",\"text\":\"a\"}]"), "C", "", ""},
    {"content as a part", DELTA("\"content\":{\"text\":\"a\"}"), "C", "", ""},
    {"parts of no text", DELTA("\"content\":[{\"type\":\"text\",\"text\":\"\"},{\"type\":\"image\"},null,5]"), "", "", ""},
    {"a part of thinking, its text nested",
     DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"a\"}]}]"), "R", "", ""},
    {"a part of thinking, closed and empty",
     DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"\"}],\"closed\":true}]"), "", "", ""},
    {"a part of thinking as text", DELTA("\"content\":[{\"type\":\"thinking\",\"text\":\"a\"}]"), "R", "", ""},
    {"a part of reasoning", DELTA("\"content\":[{\"type\":\"reasoning\",\"summary\":[{\"text\":\"a\"}]}]"), "R", "", ""},
    {"parts of both", DELTA("\"content\":[{\"type\":\"thinking\",\"thinking\":\"a\"},{\"text\":\"b\"}]"), "CR", "", ""},
    {"thinking", DELTA("\"thinking\":\"a\""), "R", "", ""},
    {"thinking, nested", DELTA("\"thinking\":{\"text\":\"a\"}"), "R", "", ""},
    {"reasoning in parts", DELTA("\"reasoning_content\":[{\"text\":\"a\"}]"), "R", "", ""},
    {"reasoning details", DELTA("\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\"}]"), "R", "", ""},
    {"a summary of reasoning", DELTA("\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"a\"}]"), "R", "", ""},
    {"reasoning that cannot be read", DELTA("\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"a\"}]"), "", "", ""},
    {"a refusal", DELTA("\"content\":null,\"refusal\":\"no\""), "C", "", ""},
    {"no refusal", DELTA("\"content\":\"\",\"refusal\":null"), "", "", ""},
    {"a tool's arguments", DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\"}}]"), "C", "", ""},
    {"a tool's arguments as an object", DELTA("\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{}}}]"), "C", "", ""},
    {"a tool's name alone", DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]"), "", "", ""},
    {"the second tool's arguments",
     DELTA("\"tool_calls\":[null,{\"function\":null},{\"function\":{\"arguments\":\"}\"}}]"), "C", "", ""},
    {"a function's arguments", DELTA("\"function_call\":{\"arguments\":\"{\"}"), "C", "", ""},
    {"what is spoken", DELTA("\"audio\":{\"transcript\":\"a\"}"), "R", "", ""},
    {"sound alone", DELTA("\"audio\":{\"data\":\"UklG\"}"), "", "", ""},
    {"usage of Groq", "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"x_groq\":{\"id\":\"r\",\"usage\":{\"prompt_tokens\":5}}}",
     "U", "stop", ""},
    {"Groq without usage", "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"x_groq\":{\"id\":\"r\"}}", "C", "", ""},
    {"timings of llama.cpp", "{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}],\"timings\":{\"prompt_n\":5}}",
     "U", "length", ""},
    {"counts of Ollama", "{\"choices\":[],\"prompt_eval_count\":5,\"eval_count\":8}", "U", "", ""},
    {"counts of TGI", "{\"choices\":[],\"details\":{\"generated_tokens\":8,\"input_length\":5}}", "U", "", ""},
    {"error object", "{\"error\":{\"message\":\"queue full\",\"code\":\"queue_full\"}}", "F", "",
     "queue full"},
    {"error text", "{\"error\":\"out of\\nmemory\"}", "F", "", "out of memory"},
    {"error without message", "{\"error\":{\"code\":503}}", "F", "", "{\"code\":503}"},
    {"error null", "{\"error\":null,\"choices\":[{\"delta\":{\"content\":\"a\"}}]}", "C", "", ""},
    {"detail", "{\"detail\":\"no such model\"}", "F", "", "no such model"},
    {"message", "{\"message\":\"busy\"}", "F", "", "busy"},
    {"no JSON", "<html>\tbad</html>", "M", "", "<html> bad</html>"},
    {"half an object", "{\"choices\":[", "M", "", "{\"choices\":["},
    {"a number", "5", "M", "", "5"},
    {"a list", "[]", "M", "", "[]"},
};
/* clang-format on */

static void test_what_an_event_says(void **state)
{
    static struct scan_previous before;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        struct event event;
        char letters[8];

        memset(&event, 0, sizeof event); /* what an event leaves as it is */
        dialect_take_event(&dialect_openai, events[i].payload, strlen(events[i].payload), &before,
                           &event);
        print(&event, letters);
        expect_text(events[i].name, letters, events[i].letters);
        expect_text(events[i].name, event.finish_reason, events[i].finish);
        expect_text(events[i].name, event.message, events[i].message);
        if (event.has_usage)
            expect_number(events[i].name, event.usage.input_tokens, 5);
    }
}

/* Each answer's events, and its text. */
/* clang-format off */
static const struct {
    const char *name, *event[4], *text;
} responses[] = {
    {"content of several events", {DELTA("\"content\":\"one \""), DELTA("\"content\":\"two\"")}, "one two"},
    {"escapes", {DELTA("\"content\":\"\\\"a\\\\b\\/c\\n\\t\\u00e9\\u2028\"")},
     "\"a\\b/c\n\t\xc3\xa9\xe2\x80\xa8"},
    {"a surrogate pair", {DELTA("\"content\":\"<\\ud83c\\udf52>\"")}, "<\xf0\x9f\x8d\x92>"},
    {"UTF-8 as it is", {DELTA("\"content\":\"\xc3\xa4\xf0\x9f\x8d\x92\"")}, "\xc3\xa4\xf0\x9f\x8d\x92"},
    {"a letter cut by two events", {DELTA("\"content\":\"\xc3\""), DELTA("\"content\":\"\xa4\"")}, "\xc3\xa4"},
    {"no UTF-8", {DELTA("\"content\":\"a\xff\"")}, "a\xff"},
    {"JSON inside", {DELTA("\"content\":\"{\\\"content\\\":1}\"")}, "{\"content\":1}"},
    {"empty", {DELTA("\"role\":\"assistant\",\"content\":\"\""), DELTA("\"content\":\"a\"")}, "a"},
    {"null", {DELTA("\"content\":null"), DELTA("\"content\":\"a\"")}, "a"},
    {"no text", {DELTA("\"content\":5"), DELTA("\"content\":[5]"), DELTA("\"content\":\"a\"")}, "a"},
    {"parts", {DELTA("\"content\":[\"a\",{\"type\":\"text\",\"text\":\"\\u00e9\"},{\"type\":\"thinking\",\"thinking\":[{\"text\":\"x\"}]}]"),
               DELTA("\"content\":[{\"refusal\":\"no\"}]"), DELTA("\"thinking\":\"x\",\"content\":\"b\"")},
     "a\xc3\xa9nob"},
    {"a refusal", {DELTA("\"content\":null,\"refusal\":\"I \""), DELTA("\"refusal\":\"cannot\"")}, "I cannot"},
    {"a tool call", {DELTA("\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]"),
                     DELTA("\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]"),
                     DELTA("\"tool_calls\":[{\"function\":{\"arguments\":\"1}\"}}]")},
     "{\"a\":1}"},
    {"tool calls whole", {DELTA("\"tool_calls\":[{\"function\":{\"arguments\":{\"a\":[1]}}},{\"function\":{\"arguments\":{}}}]")},
     "{\"a\":[1]}{}"},
    {"reasoning of all kinds left out",
     {DELTA("\"thinking\":\"x\",\"reasoning_details\":[{\"text\":\"x\"}]"), DELTA("\"audio\":{\"transcript\":\"x\"}")}, ""},
    {"two values in an event", {DELTA("\"content\":\"x\"") DELTA("\"content\":\"y\""), DELTA("\"content\":\"a\"")}, "a"},
    {"reasoning left out",
     {DELTA("\"reasoning\":\"so\""), DELTA("\"reasoning_content\":\"so\",\"content\":null"),
      DELTA("\"content\":\"a\",\"reasoning\":\"so\"")}, "a"},
    {"reasoning alone", {DELTA("\"reasoning\":\"so\"")}, ""},
    {"the first choice alone",
     {"{\"choices\":[{\"delta\":{\"content\":\"a\"}},{\"delta\":{\"content\":\"b\"}}]}"}, "a"},
    {"with usage and finish reason",
     {"{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5}}",
      "{\"choices\":[],\"usage\":{\"prompt_tokens\":5}}", "[DONE]"}, "a"},
    {"an event that is cut", {DELTA("\"content\":\"a\""), "{\"choices\":[{\"delta\":{\"content\":\"b"}, "a"},
    {"what has none",
     {": keepalive", "", "{\"choices\":{\"a\":{\"delta\":{\"content\":\"b\"}}}}", "{\"choices\":[null]}"}, ""},
};
/* clang-format on */

/* A page's message says what deltas would. */
static void test_pages(void **state)
{
    static const struct {
        const char *name, *message, *letters, *text;
    } pages[] = {
        {"content", "\"content\":\"a\"", "CU", "a"},
        {"parts", "\"content\":[{\"type\":\"text\",\"text\":\"a\"}]", "CU", "a"},
        {"a refusal", "\"content\":null,\"refusal\":\"no\"", "CU", "no"},
        {"a tool call", "\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
         "CU", "{}"},
        {"thinking", "\"content\":\"\",\"thinking\":\"a\"", "RU", ""},
        {"nothing", "\"content\":\"\"", NULL, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct text page = {0}, text = {0};
        struct event event;
        char letters[8];
        bool read;

        text_add_string(&text, "");
        text_printf(&page,
                    "{\"choices\":[{\"message\":{%s},\"finish_reason\":\"stop\"}],"
                    "\"usage\":{\"prompt_tokens\":5}}",
                    pages[i].message);
        read = dialect_openai.read_page(page.bytes, page.length, &event, &text);
        print(&event, letters);
        expect_true(pages[i].name, read == (pages[i].letters != NULL));
        expect_text(pages[i].name, letters, pages[i].letters ? pages[i].letters : "U");
        expect_text(pages[i].name, event.finish_reason, "stop");
        expect_text(pages[i].name, text.bytes, pages[i].text);
        text_clear(&page);
        text_clear(&text);
    }
}

static void test_the_text_of_a_response(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(responses); i++) {
        struct text text = {0};

        text_add_string(&text, "");
        for (size_t k = 0; k < COUNT_OF(responses[i].event) && responses[i].event[k]; k++)
            dialect_openai.add_content(responses[i].event[k], strlen(responses[i].event[k]), &text);
        expect_text(responses[i].name, text.bytes, responses[i].text);
        text_clear(&text);
    }
}

/* An id or a model, either of them, beside a choice; whichever way the chunk is read. */
static void test_which_chunk_bears_the_responses_name(void **state)
{
    static const struct {
        const char *name, *chunk;
        bool identifies;
    } cases[] = {
        {"both", "{\"id\":\"c-1\",\"model\":\"m\",\"choices\":[{}]}", true},
        {"an id", "{\"id\":\"c-1\",\"model\":\"\",\"choices\":[{}]}", true},
        {"a model", "{\"id\":\"\",\"model\":\"m\",\"choices\":[{}]}", true},
        {"a model alone", "{\"model\":\"m\",\"choices\":[{}]}", true},
        {"neither", "{\"id\":\"\",\"model\":\"\",\"choices\":[{}]}", false},
        {"none of them", "{\"choices\":[{}]}", false},
        {"a number for an id", "{\"id\":7,\"choices\":[{}]}", false},
        {"null for both", "{\"id\":null,\"model\":null,\"choices\":[{}]}", false},
        {"no choice", "{\"id\":\"c-1\",\"model\":\"m\",\"choices\":[]}", false},
        {"no choices", "{\"id\":\"c-1\",\"model\":\"m\"}", false},
        {"an escape in a name", "{\"i\\u0064\":\"c-1\",\"choices\":[{}]}", true},
        {"the other name escaped", "{\"mode\\u006c\":\"m\",\"choices\":[{}]}", true},
        {"escaped and empty", "{\"mode\\u006c\":\"\",\"choices\":[{}]}", false},
        {"escaped, and no choice", "{\"i\\u0064\":\"c-1\",\"choices\":[]}", false},
        {"no JSON", "{\"id\":\"c-1\",\"choices\":[{}]", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].name,
                    dialect_openai.identifies(cases[i].chunk, strlen(cases[i].chunk)) ==
                        cases[i].identifies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_a_body_holds_what_was_asked),
        cmocka_unit_test(test_what_an_event_says),
        cmocka_unit_test(test_which_chunk_bears_the_responses_name),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_the_text_of_a_response),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
