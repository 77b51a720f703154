/* Errors that stand between the events of a stream. */
#include "wire/stray.h"

#include "support.h"

enum { LINES_MOST = 8 };

/* Takes lines one after another, and writes of each a dot for an event's, s for one that is
 * skipped, and an error as it is handed on. */
static void take(const char *const *lines, struct text *seen)
{
    struct stray stray = {0};

    for (size_t i = 0; i < LINES_MOST && lines[i]; i++) {
        if (!stray_take_line(&stray, lines[i], strlen(lines[i])))
            text_add_char(seen, '.');
        else if (stray.failed)
            text_add(seen, stray.text.bytes, stray.text.length);
        else
            text_add_char(seen, 's');
    }
    stray_clear(&stray);
}

static void test_errors_are_handed_on_and_the_rest_is_not(void **state)
{
    static const struct {
        const char *name, *lines[LINES_MOST], *seen;
    } cases[] = {
        {"fields of events", {"data: a", "event: x", ": c", "id: 1", "errors: 1"}, "....."},
        {"an error as a field", {"error: {\"message\":\"m\"}"}, "{\"error\":{\"message\":\"m\"}}"},
        {"without a blank", {"error:{\"message\":\"m\"}"}, "{\"error\":{\"message\":\"m\"}}"},
        {"in plain words", {"error: it \"broke\""}, "{\"error\":\"it \\\"broke\\\"\"}"},
        {"as a text", {"error: \"m\""}, "{\"error\":\"m\"}"},
        {"with nothing in it", {"error:", "error: "}, "ss"},
        {"a bare error", {"{\"error\":\"m\"}", "data: a"}, "{\"error\":\"m\"}\n."},
        {"a bare object that is none", {"{\"a\":1}", "{\"choices\":[],\"message\":\"m\"}"}, "ss"},
        {"over several lines",
         {"{", "\"error\": {", "\"message\": \"}\"", "}", "}", "data: a"},
         "ssss{\n\"error\": {\n\"message\": \"}\"\n}\n}\n."},
        {"given up where an event begins", {"{", "\"error\": 1", "data: a", "}"}, "ss.."},
        {"two behind each other",
         {"{\"error\":\"a\"}", "{\"error\":\"b\"}"},
         "{\"error\":\"a\"}\n{\"error\":\"b\"}\n"},
        {"broken", {"{\"error\":\"a\"]"}, "s"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text seen = {0};

        take(cases[i].lines, &seen);
        expect_text(cases[i].name, seen.bytes, cases[i].seen);
        text_clear(&seen);
    }
}

static void test_what_is_too_long_is_skipped(void **state)
{
    struct stray stray = {0};
    struct text line = {0};

    (void)state;
    text_add_string(&line, "{\"error\":\"");
    while (line.length <= STRAY_MOST)
        text_add_char(&line, 'x');
    text_add_string(&line, "\"}");
    assert_true(stray_take_line(&stray, line.bytes, line.length));
    assert_false(stray.failed || stray.open);
    assert_int_equal(stray.text.length, 0);
    assert_false(stray_take_line(&stray, "data: a", 7));
    text_clear(&line);
    stray_clear(&stray);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_are_handed_on_and_the_rest_is_not),
        cmocka_unit_test(test_what_is_too_long_is_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
