/* The OpenAI dialect: doors, bodies, and what an event says (formats.md, section 4a; science.md,
 * section 6). */
#include "wire/openai.h"

#include <cjson/cJSON.h>

#include "support.h"

static void test_doors(void **state)
{
    static const struct {
        const char *address, *chat, *models;
    } cases[] = {
        {"https://api.sambanova.ai/v1", "https://api.sambanova.ai/v1/chat/completions",
         "https://api.sambanova.ai/v1/models"},
        {"http://h:8/openai/v1/p/e/chat/completions", "http://h:8/openai/v1/p/e/chat/completions",
         "http://h:8/openai/v1/p/e/models"},
        {"http://h/v1/chat/completions?version=2", "http://h/v1/chat/completions?version=2",
         "http://h/v1/models"},
    };
    char *header = dialect_openai.key_header("k-1");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *chat = dialect_openai.chat_url(cases[i].address);
        char *models = dialect_openai.models_url(cases[i].address);

        expect_text(cases[i].address, chat, cases[i].chat);
        expect_text(cases[i].address, models, cases[i].models);
        free(chat);
        free(models);
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
         {"m", 7, false, NULL, false, "{}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST "}"},
        {"all tokens",
         {"m", 7, false, NULL, true, "{}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST ",\"ignore_eos\":true}"},
        {"sampling parameters",
         {"m", 7, false, NULL, false, "{\"temperature\":0.1,\"stop\":[\"x\"],\"o\":{\"k\":null}}"},
         "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST ",\"temperature\":0.1,\"stop\":[\"x\"],\"o\":{\"k\":null}}"},
        {"a model with quotes",
         {"m\"\\", 7, false, NULL, false, "{}"},
         "{\"model\":\"m\\\"\\\\\",\"messages\":[{\"role\":\"user\",\"content\":\"a "
         "\\\"b\\\"\\u000a\"}]," REST "}"},
        {"an image",
         {"m", 7, true, NULL, false, "{}"},
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

/* What an event says, as letters: Content, Reasoning, Done, Usage, Failed, Malformed. */
static void print(const struct event *event, char letters[7])
{
    snprintf(letters, 7, "%s%s%s%s%s%s", event->content ? "C" : "", event->reasoning ? "R" : "",
             event->done ? "D" : "", event->has_usage ? "U" : "", event->failed ? "F" : "",
             event->malformed ? "M" : "");
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
    {"keep-alive as data", ": keepalive", "", "", ""},
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
    static struct walk_before before;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        struct event event;
        char letters[7];

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
} answers[] = {
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
    {"no text", {DELTA("\"content\":5"), DELTA("\"content\":[\"x\"]"), DELTA("\"content\":\"a\"")}, "a"},
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

static void test_the_text_of_an_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct text text = {0};

        text_add_string(&text, "");
        for (size_t k = 0; k < COUNT_OF(answers[i].event) && answers[i].event[k]; k++)
            dialect_openai.add_content(answers[i].event[k], strlen(answers[i].event[k]), &text);
        expect_text(answers[i].name, text.bytes, answers[i].text);
        text_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doors),
        cmocka_unit_test(test_a_body_holds_what_was_asked),
        cmocka_unit_test(test_what_an_event_says),
        cmocka_unit_test(test_the_text_of_an_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
