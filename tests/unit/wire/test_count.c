/* The doors at which endpoints count tokens. */
#include "wire/count.h"

#include "support.h"

static void test_where_the_endpoints_are(void **state)
{
    static const struct {
        const char *address;
        int door;
        const char *url;
    } cases[] = {
        {"https://host/v1", 0, "https://host/v1/messages/count_tokens"},
        {"https://host/v1/", 0, "https://host/v1/messages/count_tokens"},
        {"https://host/v1/chat/completions", 0, "https://host/v1/messages/count_tokens"},
        {"https://host/api", 0, "https://host/api/messages/count_tokens"},
        {"https://host/v1", 1, "https://host/tokenize"},
        {"https://host/v1/chat/completions", 1, "https://host/tokenize"},
        {"https://host/api", 1, "https://host/api/tokenize"},
        {"https://host/v1", 2, "https://host/extras/tokenize/count"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *url = count_url(&count_endpoints[cases[i].door], cases[i].address);

        expect_text(cases[i].address, url, cases[i].url);
        free(url);
    }
}

static void test_the_question(void **state)
{
    struct text body = {0};

    (void)state;
    count_write_body(&count_endpoints[0], "a \"model\"", NULL, "two words", &body);
    assert_string_equal(body.bytes,
                        "{\"model\":\"a \\\"model\\\"\",\"messages\":[{\"role\":\"user\","
                        "\"content\":\"two words\"}]}");
    text_reset(&body);
    count_write_body(&count_endpoints[2], "m", NULL, "two \"words\"", &body);
    assert_string_equal(body.bytes, "{\"model\":\"m\",\"input\":\"two \\\"words\\\"\"}");
    text_reset(&body);
    count_write_body(&count_endpoints[0], "m", "be brief", "two", &body);
    assert_string_equal(body.bytes,
                        "{\"model\":\"m\",\"system\":\"be brief\",\"messages\":[{\"role\":"
                        "\"user\",\"content\":\"two\"}]}");
    text_reset(&body);
    count_write_body(&count_endpoints[1], "m", "be brief", "two", &body);
    assert_string_equal(
        body.bytes, "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
                    "{\"role\":\"user\",\"content\":\"two\"}]}");
    text_clear(&body);
}

static void test_the_response(void **state)
{
    static const struct {
        const char *body;
        int door;
        int64_t tokens; /* 0: none are said */
    } cases[] = {
        {"{\"input_tokens\":18}", 0, 18},
        {"{\"count\":7,\"tokens\":[1],\"max_model_len\":4096}", 1, 7},
        {"{\"count\":7}", 0, 0},
        {"{\"count\":7}", 2, 7},
        {"{\"input_tokens\":\"18\"}", 0, 0},
        {"{\"input_tokens\":0}", 0, 0},
        {"{\"input_tokens\":1e300}", 0, 0},
        {"", 0, 0},
        {"<html>", 0, 0},
        {"[18]", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t tokens = 0;

        assert_int_equal(count_read(&count_endpoints[cases[i].door], cases[i].body,
                                    strlen(cases[i].body), &tokens),
                         cases[i].tokens > 0);
        assert_int_equal(tokens, cases[i].tokens);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_the_endpoints_are),
        cmocka_unit_test(test_the_question),
        cmocka_unit_test(test_the_response),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
