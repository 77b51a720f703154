#include "load/easy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load/route.h"
#include "load/slicing.h"
#include "wire/header.h"

static const long idle_connection_most_s = 7 * 86400;

/* A tunnel, so that the proxy sees neither key nor prompts; proxies of the environment would be
 * measured too, and nobody would know. */
static void set_proxy(CURL *easy, const char *proxy)
{
    curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "");
    if (!proxy)
        return;
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    char coding[2];

    (void)context;
    return header_names_transfer_coding(line, size * count, coding, sizeof coding) ? 0
                                                                                   : size * count;
}

CURL *easy_new(const struct target *target, struct curl_slist *headers)
{
    CURL *easy = curl_easy_init();

    if (!easy)
        abort();
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     target->http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)target->http2);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    set_proxy(easy, target->proxy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 65536L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, idle_connection_most_s);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(target->connect_timeout_s * 1000));
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, (long)!target->insecure);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, target->insecure ? 0L : 2L);
    if (target->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, target->ca_file);
    slicing_set(easy);
    route_set(easy, target->addresses, 0);
    return easy;
}

static void add_header(struct curl_slist **headers, const char *header)
{
    struct curl_slist *longer = curl_slist_append(*headers, header);

    if (!longer)
        abort();
    *headers = longer;
}

/* Whether the user's own headers have that one, perhaps with another value. */
static bool is_given(const struct target *target, const char *header)
{
    size_t length = strcspn(header, ":") + 1;

    for (char *const *one = target->headers; one && *one; one++) {
        if (strncasecmp(*one, header, length) == 0)
            return true;
    }
    return false;
}

struct curl_slist *easy_headers(const struct target *target, bool has_body)
{
    struct curl_slist *headers = NULL;

    if (target->key_header)
        add_header(&headers, target->key_header);
    if (target->dialect && target->dialect->header && !is_given(target, target->dialect->header))
        add_header(&headers, target->dialect->header);
    add_header(&headers, "Accept-Encoding: identity"); /* a packed stream would come late */
    add_header(&headers, "User-Agent: coebench/" COEBENCH_VERSION);
    for (char *const *header = target->headers; header && *header; header++)
        add_header(&headers, *header);
    if (has_body) {
        add_header(&headers, "Content-Type: application/json");
        add_header(&headers, "Expect:"); /* or a large body would wait for "100 Continue" */
    }
    return headers;
}
