/* The head of a request, whole, in pieces and wrong; and chunks. */
#include "sim/http.h"

#include "support.h"

static void test_reads_a_head(void **state)
{
    static const char head[] = "POST /v1/chat?x=1 HTTP/1.1\r\nHost: here\r\n"
                               "authorization:  Bearer k \r\nContent-Length: 12\r\nKey: kk\r\n"
                               "Expect: 100-continue\r\nConnection: Close\r\n\r\n";
    struct http_request request;
    struct refusal refusal;

    (void)state;
    for (size_t length = 0; length < sizeof head - 1; length++)
        assert_int_equal(http_read_head(head, length, &request, &refusal), HTTP_INCOMPLETE);
    assert_int_equal(http_read_head(head, sizeof head - 1, &request, &refusal), HTTP_COMPLETE);
    expect_text("method", request.method, "POST");
    expect_text("path", request.path, "/v1/chat");
    expect_text("authorization", request.authorization, "Bearer k");
    expect_text("key", request.key, "kk");
    assert_int_equal(request.head_length, sizeof head - 1);
    assert_int_equal(request.body_length, 12);
    assert_false(request.keep_alive);
    assert_true(request.expects_continue);
}

static void test_refuses_what_is_no_request(void **state)
{
    static const struct {
        const char *head;
        int status; /* 0: none */
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 0},
        {"GET / HTTP/1.0\r\n\r\n", 505},
        {"GET /\r\n\r\n", 400},
        {"GET / HTTP/1.1 more\r\n\r\n", 400},
        {"get / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nContent-Length: 67108864\r\n\r\n", 0},
        {"GET / HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", 413},
        {"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 413},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *head = cases[i].head;
        struct http_request request;
        struct refusal refusal = {0};
        enum http_progress wanted = cases[i].status ? HTTP_REFUSED : HTTP_COMPLETE;

        expect_true(head, http_read_head(head, strlen(head), &request, &refusal) == wanted);
        expect_true(head, refusal.status == cases[i].status);
    }
}

static void test_a_head_has_an_end(void **state)
{
    struct http_request request;
    struct refusal refusal;
    struct text endless = {0};

    (void)state;
    text_add_string(&endless, "GET / HTTP/1.1\r\nX: ");
    while (endless.length < HTTP_HEAD_MOST)
        text_add_char(&endless, 'x');
    assert_int_equal(http_read_head(endless.bytes, endless.length - 1, &request, &refusal),
                     HTTP_INCOMPLETE);
    assert_int_equal(http_read_head(endless.bytes, endless.length, &request, &refusal),
                     HTTP_REFUSED);
    assert_int_equal(refusal.status, 431);
    text_clear(&endless);
}

/* A key that does not fit is refused, not cut. */
static void test_keys_have_room(void **state)
{
    static const char *const names[] = {"Authorization", "key"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct http_request request;
        struct refusal refusal;
        struct text head = {0};

        text_printf(&head, "GET / HTTP/1.1\r\n%s: %01023d\r\n\r\n", names[i], 0);
        expect_true(names[i],
                    http_read_head(head.bytes, head.length, &request, &refusal) == HTTP_COMPLETE);
        text_reset(&head);
        text_printf(&head, "GET / HTTP/1.1\r\n%s: %01024d\r\n\r\n", names[i], 0);
        expect_true(names[i],
                    http_read_head(head.bytes, head.length, &request, &refusal) == HTTP_REFUSED);
        expect_true(names[i], refusal.status == 400);
        text_clear(&head);
    }
}

static void test_a_stream_says_its_type(void **state)
{
    struct text wire = {0};

    (void)state;
    http_add_stream_head(&wire, "application/x-ndjson", false);
    expect_part("type", wire.bytes, "\r\nContent-Type: application/x-ndjson\r\n");
    expect_part("connection", wire.bytes, "\r\nConnection: close\r\n\r\n");
    text_clear(&wire);
}

static void test_a_response_may_say_when_to_come_back(void **state)
{
    struct http_response response = {429, true, "text/html", 7};
    struct text wire = {0}, body = {0};

    (void)state;
    text_add_string(&body, "later");
    http_add_whole(&wire, &response, &body);
    expect_text("with", wire.bytes,
                "HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/html\r\n"
                "Content-Length: 5\r\nRetry-After: 7\r\n\r\nlater");
    text_reset(&wire);
    response = (struct http_response){503, false, "application/json", 0};
    http_add_whole(&wire, &response, &body);
    expect_text("without", wire.bytes,
                "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                "Content-Length: 5\r\nConnection: close\r\n\r\nlater");
    text_clear(&wire);
    text_clear(&body);
}

static void test_chunks(void **state)
{
    struct text wire = {0}, content = {0};

    (void)state;
    text_add_string(&content, "twenty-six bytes of chunk.");
    http_add_chunk(&wire, &content);
    text_reset(&content);
    http_add_chunk(&wire, &content);
    expect_text("chunks", wire.bytes, "1a\r\ntwenty-six bytes of chunk.\r\n0\r\n\r\n");
    text_clear(&wire);
    text_clear(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_head),
        cmocka_unit_test(test_refuses_what_is_no_request),
        cmocka_unit_test(test_a_head_has_an_end),
        cmocka_unit_test(test_keys_have_room),
        cmocka_unit_test(test_a_stream_says_its_type),
        cmocka_unit_test(test_a_response_may_say_when_to_come_back),
        cmocka_unit_test(test_chunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
