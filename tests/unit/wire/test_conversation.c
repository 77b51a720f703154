/* Bodies that hold a system message and a history, in each dialect that has messages: parsed, they
 * are what their documents show. */
#include <cjson/cJSON.h>

#include "support.h"
#include "wire/dialect.h"

#define TURNS                                                                                      \
    "{\"role\":\"user\",\"content\":\"one\\n\"},"                                                  \
    "{\"role\":\"assistant\",\"content\":\"a \\\"b\\\" \\\\\"},"                                   \
    "{\"role\":\"user\",\"content\":\"two\"}"
#define SYSTEM "{\"role\":\"system\",\"content\":\"be \\\"brief\\\"\"},"

static const struct {
    const char *name, *api;
    bool prefix, session;
    const char *member, *value; /* of the body, what it is to be */
    const char *apart;          /* the member with the system's text; NULL: it is in the list */
} cases[] = {
    {"openai", "openai", true, true, "messages", "[" SYSTEM TURNS "]", NULL},
    {"litellm", "litellm", true, true, "messages", "[" SYSTEM TURNS "]", NULL},
    {"without a system", "openai", false, true, "messages", "[" TURNS "]", NULL},
    {"ollama", "ollama", true, true, "messages", "[" SYSTEM TURNS "]", NULL},
    {"anthropic", "anthropic", true, true, "messages", "[" TURNS "]", "system"},
    {"responses", "openai-responses", true, true, "input", "[" TURNS "]", "instructions"},
    {"responses of one text", "openai-responses", true, false, "input", "\"one\\n\"",
     "instructions"},
};

static void compose(const struct dialect *dialect, size_t i, struct text *whole)
{
    const struct ask ask = {.model = "m",
                            .output_tokens = 7,
                            .sampling_params = "{}",
                            .prefix = cases[i].prefix ? "be \"brief\"" : NULL,
                            .session = cases[i].session};
    struct body body = {0};
    size_t begins;

    dialect->write_body(&ask, &body);
    text_add(whole, body.head.bytes, body.head.length);
    dialect_add_text(whole, "one\n");
    if (cases[i].session) {
        begins = dialect_add_turn(whole, "a \"b\" \\", "two");
        expect_text(cases[i].name, whole->bytes + begins, "two");
    }
    text_add(whole, body.tail.bytes, body.tail.length);
    body_clear(&body);
}

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct dialect *dialect = dialect_find(cases[i].api, "http://host/v1");
        cJSON *parsed, *wanted = cJSON_Parse(cases[i].value);
        const cJSON *apart;
        struct text whole = {0};

        expect_true(cases[i].name, dialect && dialect->converses && wanted);
        compose(dialect, i, &whole);
        parsed = cJSON_Parse(whole.bytes);
        expect_true(cases[i].name,
                    cJSON_Compare(cJSON_GetObjectItem(parsed, cases[i].member), wanted, true));
        apart = cJSON_GetObjectItem(parsed, cases[i].apart ? cases[i].apart : "system");
        expect_true(cases[i].name, !apart == !cases[i].apart);
        if (apart)
            expect_text(cases[i].name, apart->valuestring, "be \"brief\"");
        cJSON_Delete(parsed);
        cJSON_Delete(wanted);
        text_clear(&whole);
    }
}

static void test_dialects_of_one_text_have_none(void **state)
{
    static const char *const others[][2] = {{"openai-completions", "http://host/v1"},
                                            {"tgi", "http://host"},
                                            {"sambastudio", "https://host/api/predict/generic/p/e"},
                                            {"sambastudio", "https://host/api/v2/generic/p/e"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const struct dialect *dialect = dialect_find(others[i][0], others[i][1]);

        expect_true(others[i][0], dialect && !dialect->converses);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_dialects_of_one_text_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
