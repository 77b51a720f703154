/* What every handle may do: of all protocols that the installed libcurl speaks, HTTP and HTTPS. */
#include "load/easy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "support.h"

/* A port that nobody listens on while the socket is open. */
static int closed_port(int *socket_of)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    *socket_of = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*socket_of, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(*socket_of, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

static CURLcode perform(const char *url)
{
    static const struct target target = {.connect_timeout_s = 10};
    CURL *easy = easy_new(&target, NULL);
    CURLcode result;

    curl_easy_setopt(easy, CURLOPT_URL, url);
    result = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    return result;
}

static void test_only_http_and_https_are_spoken(void **state)
{
    const char *const *protocol = curl_version_info(CURLVERSION_NOW)->protocols;
    int held, port = closed_port(&held), others = 0;

    (void)state;
    for (; *protocol; protocol++) {
        bool http = strcmp(*protocol, "http") == 0 || strcmp(*protocol, "https") == 0;
        char url[100] = "file:///etc/passwd"; /* which has no port */

        if (strcmp(*protocol, "file") != 0)
            snprintf(url, sizeof url, "%s://127.0.0.1:%d/etc/passwd", *protocol, port);
        if (http)
            expect_true(url, perform(url) == CURLE_COULDNT_CONNECT);
        else
            expect_true(url, perform(url) == CURLE_UNSUPPORTED_PROTOCOL);
        others += !http;
    }
    assert_true(others > 0); /* or this shows nothing */
    close(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_http_and_https_are_spoken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
