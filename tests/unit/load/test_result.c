/* libcurl's results in our words: every one that the installed libcurl names. */
#include "load/result.h"

#include "support.h"

#define CODE(name) {#name, name},

static const struct {
    const char *name;
    CURLcode code;
} codes[] = {
#include "curl_codes.h"
};

static void test_every_result_of_the_installed_libcurl_is_mapped_on_purpose(void **state)
{
    (void)state;
    assert_true(COUNT_OF(codes) >= 100); /* as many as 7.88 names */
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        expect_true(codes[i].name, codes[i].code == CURLE_OK || result_is_known(codes[i].code));
}

static void test_a_result_that_nobody_knows_blames_no_server(void **state)
{
    static const CURLcode unknown[] = {(CURLcode)109, (CURLcode)127, (CURLcode)4242};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        assert_false(result_is_known(unknown[i]));
        assert_int_equal(result_end(unknown[i], "", true, true), REQUEST_LOCAL_BUFFERS);
        assert_int_equal(result_end(unknown[i], "", false, false), REQUEST_LOCAL_BUFFERS);
    }
}

/* What a server, a proxy or the way to them can cause; all other results are this machine's. */
static const struct {
    int code;
    enum request_end unsent, sent, responded;
} caused[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, REQUEST_LOCAL_BUFFERS, REQUEST_BAD_STREAM, REQUEST_BAD_STREAM},
    {CURLE_COULDNT_RESOLVE_PROXY, REQUEST_DNS_ERROR, REQUEST_DNS_ERROR, REQUEST_DNS_ERROR},
    {CURLE_COULDNT_RESOLVE_HOST, REQUEST_DNS_ERROR, REQUEST_DNS_ERROR, REQUEST_DNS_ERROR},
    {CURLE_COULDNT_CONNECT, REQUEST_CONNECTION_REFUSED, REQUEST_CONNECTION_RESET,
     REQUEST_CONNECTION_RESET},
    {CURLE_WEIRD_SERVER_REPLY, REQUEST_BAD_STREAM, REQUEST_BAD_STREAM, REQUEST_BAD_STREAM},
    {CURLE_HTTP2, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET, REQUEST_TRUNCATED},
    {CURLE_PARTIAL_FILE, REQUEST_TRUNCATED, REQUEST_TRUNCATED, REQUEST_TRUNCATED},
    {CURLE_OPERATION_TIMEDOUT, REQUEST_CONNECT_TIMEOUT, REQUEST_CONNECT_TIMEOUT,
     REQUEST_CONNECT_TIMEOUT},
    {CURLE_SSL_CONNECT_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_ABORTED_BY_CALLBACK, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET,
     REQUEST_TRUNCATED},
    {CURLE_GOT_NOTHING, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET, REQUEST_TRUNCATED},
    {CURLE_SSL_ENGINE_NOTFOUND, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_ENGINE_SETFAILED, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SEND_ERROR, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET, REQUEST_TRUNCATED},
    {CURLE_RECV_ERROR, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET,
     REQUEST_CONNECTION_RESET},
    {CURLE_SSL_CERTPROBLEM, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_CIPHER, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_PEER_FAILED_VERIFICATION, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_BAD_FUNCTION_ARGUMENT, REQUEST_LOCAL_BUFFERS, REQUEST_BAD_STREAM, REQUEST_BAD_STREAM},
    {CURLE_INTERFACE_FAILED, REQUEST_LOCAL_NETWORK, REQUEST_LOCAL_NETWORK, REQUEST_LOCAL_NETWORK},
    {CURLE_BAD_CONTENT_ENCODING, REQUEST_BAD_STREAM, REQUEST_BAD_STREAM, REQUEST_BAD_STREAM},
    {CURLE_FILESIZE_EXCEEDED, REQUEST_TOO_LARGE, REQUEST_TOO_LARGE, REQUEST_TOO_LARGE},
    {CURLE_USE_SSL_FAILED, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SEND_FAIL_REWIND, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET, REQUEST_TRUNCATED},
    {CURLE_SSL_ENGINE_INITFAILED, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_CACERT_BADFILE, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_SHUTDOWN_FAILED, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_CRL_BADFILE, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_ISSUER_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_SSL_INVALIDCERTSTATUS, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {CURLE_HTTP2_STREAM, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET, REQUEST_TRUNCATED},
    {CURLE_HTTP3, REQUEST_CONNECTION_RESET, REQUEST_CONNECTION_RESET, REQUEST_TRUNCATED},
    {CURLE_QUIC_CONNECT_ERROR, REQUEST_CONNECTION_REFUSED, REQUEST_CONNECTION_REFUSED,
     REQUEST_CONNECTION_REFUSED},
    {CURLE_PROXY, REQUEST_CONNECTION_REFUSED, REQUEST_CONNECTION_REFUSED,
     REQUEST_CONNECTION_REFUSED},
    {CURLE_SSL_CLIENTCERT, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
    {100 /* CURLE_TOO_LARGE */, REQUEST_TOO_LARGE, REQUEST_TOO_LARGE, REQUEST_TOO_LARGE},
    {101 /* CURLE_ECH_REQUIRED */, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR, REQUEST_TLS_ERROR},
};

static void test_what_a_server_can_cause_is_named_and_the_rest_is_this_machines(void **state)
{
    enum { CODES = 128 };

    (void)state;
    for (int code = 1; code < CODES; code++) {
        enum request_end unsent = REQUEST_LOCAL_BUFFERS, sent = unsent, responded = unsent;
        char name[32];

        if (code == CURLE_OUT_OF_MEMORY) /* see below */
            continue;
        for (size_t i = 0; i < COUNT_OF(caused); i++) {
            if (caused[i].code == code) {
                unsent = caused[i].unsent;
                sent = caused[i].sent;
                responded = caused[i].responded;
            }
        }
        snprintf(name, sizeof name, "result %d", code);
        expect_true(name, result_end((CURLcode)code, "", false, false) == unsent);
        expect_true(name, result_end((CURLcode)code, "", true, false) == sent);
        expect_true(name, result_end((CURLcode)code, "", true, true) == responded);
    }
}

/* libcurl before 8.6 said so where an answer met a ceiling of its own. */
static void test_out_of_memory_is_a_ceiling_only_where_libcurl_has_no_other_word(void **state)
{
    bool old = curl_version_info(CURLVERSION_NOW)->version_num < 0x080600;

    (void)state;
    assert_int_equal(result_end(CURLE_OUT_OF_MEMORY, "", true, false),
                     old ? REQUEST_TOO_LARGE : REQUEST_LOCAL_BUFFERS);
    assert_int_equal(result_end(CURLE_OUT_OF_MEMORY, "", false, false), REQUEST_LOCAL_BUFFERS);
}

static void test_what_has_no_code_of_its_own_is_known_by_its_sentence(void **state)
{
    static const struct {
        const char *reported;
        enum request_end end;
    } cases[] = {
        {"Too large response headers: 307204 > 307200", REQUEST_TOO_LARGE},
        {"CONNECT response too large", REQUEST_TOO_LARGE},
        {"Recv failure: Connection reset by peer", REQUEST_CONNECTION_RESET},
        {"CONNECT tunnel failed, response 403", REQUEST_CONNECTION_REFUSED},
        {"", REQUEST_CONNECTION_RESET},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].reported,
                    result_end(CURLE_RECV_ERROR, cases[i].reported, false, false) == cases[i].end);
    assert_int_equal(
        result_end(CURLE_BAD_FUNCTION_ARGUMENT, "Invalid response header", false, false),
        REQUEST_BAD_STREAM);
}

static void test_its_own_attempts_to_send_again_are_known(void **state)
{
    static const struct {
        CURLcode code;
        const char *reported;
        bool is;
    } cases[] = {
        {CURLE_COULDNT_CONNECT, "", true},
        {CURLE_SEND_FAIL_REWIND, "necessary data rewind wasn't possible", true},
        {CURLE_ABORTED_BY_CALLBACK, "operation aborted by pre-request callback", true},
        {CURLE_SEND_ERROR, "Connection died, tried 5 times before giving up", true},
        {CURLE_SEND_ERROR, "Send failure: Broken pipe", false},
        {CURLE_RECV_ERROR, "Connection died, tried 5 times before giving up", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].reported,
                    result_is_second_send(cases[i].code, cases[i].reported) == cases[i].is);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_own_attempts_to_send_again_are_known),
        cmocka_unit_test(test_every_result_of_the_installed_libcurl_is_mapped_on_purpose),
        cmocka_unit_test(test_a_result_that_nobody_knows_blames_no_server),
        cmocka_unit_test(test_what_a_server_can_cause_is_named_and_the_rest_is_this_machines),
        cmocka_unit_test(test_out_of_memory_is_a_ceiling_only_where_libcurl_has_no_other_word),
        cmocka_unit_test(test_what_has_no_code_of_its_own_is_known_by_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
