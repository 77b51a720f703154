/* Whether a value is closed: taken whole, and byte by byte. */
#include "wire/nesting.h"

#include "support.h"

static void test_when_a_value_is_closed(void **state)
{
    static const struct {
        const char *text;
        bool closed;
    } cases[] = {
        {"{}", true},
        {"[]", true},
        {"{", false},
        {"[[]", false},
        {"{\"a\":[1,{}]}", true},
        {"{\"a\":[1,{}]", false},
        {"{\"}", false},
        {"{\"}\"", false},
        {"{\"}\":\"\\\"}\"}", true},
        {"{\"}\":\"\\\\\"}", true},
        {"{\"}\":\"\\\\\\\"}", false},
        {"{}{", true},
        {"{}]]]]", true},
        {"[}", true}, /* no JSON, but nothing that follows makes it any */
        {" \t\r\n[DONE]", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct nesting whole = {0}, bytes = {0};

        expect_true(cases[i].text, nesting_begins(cases[i].text, strlen(cases[i].text)));
        nesting_take(&whole, cases[i].text, strlen(cases[i].text));
        for (size_t k = 0; k < strlen(cases[i].text); k++)
            nesting_take(&bytes, cases[i].text + k, 1);
        expect_true(cases[i].text, whole.closed == cases[i].closed);
        expect_true(cases[i].text, bytes.closed == cases[i].closed);
    }
}

static void test_what_begins_no_value(void **state)
{
    static const char *const texts[] = {"", " ", "5", "\"{\"", "null", "x{}", ": {}", "}", "\v{}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        expect_true(texts[i], !nesting_begins(texts[i], strlen(texts[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_when_a_value_is_closed),
        cmocka_unit_test(test_what_begins_no_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
