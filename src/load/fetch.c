#include "load/fetch.h"

#include <curl/curl.h>

#include "load/easy.h"

enum { BODY_MOST = 4 << 20 };

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct text *body = context;

    if (body->length + size * count > BODY_MOST)
        return 0;
    text_add(body, bytes, size * count);
    return size * count;
}

static bool judge(CURL *easy, CURLcode result, const struct text *body, struct error *error)
{
    char told[512] = "";
    long status = 0;

    if (result != CURLE_OK)
        return error_set(error, "%s", curl_easy_strerror(result));
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200)
        return true;
    dialect_read_failure(body->bytes ? body->bytes : "", body->length, told, sizeof told);
    return error_set(error, "HTTP %ld%s%s", status, told[0] ? ": " : "", told);
}

/* `sent` is NULL for a GET. */
static bool fetch(const struct target *target, const char *url, const struct text *sent,
                  struct text *body, struct error *error)
{
    struct curl_slist *headers = easy_headers(target, sent != NULL);
    CURLcode result;
    CURL *easy;
    bool done;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    easy = easy_new(target, headers);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    if (sent) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, sent->bytes);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)sent->length);
    }
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(2000 * target->connect_timeout_s));
    result = curl_easy_perform(easy);
    if (body->length > 0)
        target_strike_out(target, body->bytes, body->length);
    done = judge(easy, result, body, error);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return done;
}

bool fetch_get(const struct target *target, const char *url, struct text *body, struct error *error)
{
    return fetch(target, url, NULL, body, error);
}

bool fetch_post(const struct target *target, const char *url, const struct text *sent,
                struct text *body, struct error *error)
{
    return fetch(target, url, sent, body, error);
}

bool fetch_understands(const char *url, struct error *error)
{
    CURLU *parts = curl_url();
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, 0);

    curl_url_cleanup(parts);
    return code == CURLUE_OK || error_set(error, "%s", curl_url_strerror(code));
}

const char *fetch_library(void)
{
    return curl_version();
}
