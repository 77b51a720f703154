#include "load/fetch.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "load/easy.h"
#include "load/result.h"
#include "load/scheme.h"
#include "load/trouble.h"
#include "wire/header.h"

enum { BODY_MOST = 4 << 20 };

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct text *body = context;

    if (body->length + size * count > BODY_MOST)
        return 0;
    text_add(body, bytes, size * count);
    return size * count;
}

/* Who takes the lines of a head. */
struct taking {
    const struct target *target;
    struct fetched *fetched;
};

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    const struct taking *taking = context;
    struct fetched *fetched = taking->fetched;

    if (header_begins_head(line, size * count))
        fetched->server[0] = '\0';
    if (header_names_transfer_coding(line, size * count, fetched->coding, sizeof fetched->coding))
        return 0;
    target_read_header(taking->target, "server", line, size * count, fetched->server,
                       sizeof fetched->server);
    return size * count;
}

/* Called at least once a second. */
static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const atomic_int *stop = context;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return *stop != 0;
}

/* libcurl reads the file by fread. */
static void put(CURL *easy, FILE *file, size_t length)
{
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READDATA, file);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)length);
}

static CURL *make(const struct fetch *how, struct curl_slist *headers, struct taking *taking)
{
    CURL *easy = easy_new(taking->target, headers);

    curl_easy_setopt(easy, CURLOPT_URL, how->url);
    if (how->sent) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, how->sent->bytes);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)how->sent->length);
    }
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, taking);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &taking->fetched->body);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(1000 * how->timeout_s) + 1);
    if (how->stop) {
        curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(easy, CURLOPT_XFERINFODATA, how->stop);
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    }
    return easy;
}

static void take(CURL *easy, const struct target *target, struct fetched *fetched)
{
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    fetched->status = (int)status;
    if (fetched->body.length > 0)
        target_strike_out(target, fetched->body.bytes, fetched->body.length);
    target_strike_out(target, fetched->coding, strlen(fetched->coding));
}

/* As of any request (load/ending.c): what this machine lacked is not the endpoint's. */
static enum request_end end_of(CURL *easy, CURLcode result, const char *reported, bool responded)
{
    long number = 0;

    if (result == CURLE_OK)
        return REQUEST_COMPLETED;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    if (result == CURLE_COULDNT_CONNECT && trouble_end((int)number) != REQUEST_COMPLETED)
        return trouble_end((int)number);
    return result_end(result, reported, responded, responded);
}

static bool ask(const struct target *target, const struct fetch *how, struct fetched *fetched,
                FILE *file, size_t length, struct error *error)
{
    struct curl_slist *headers = easy_headers(target, how->sent != NULL);
    struct taking taking = {target, fetched};
    char reported[CURL_ERROR_SIZE] = "";
    CURLcode result;
    CURL *easy;

    if (file)
        headers = curl_slist_append(headers, "Expect:"); /* or it would wait for "100 Continue" */
    curl_global_init(CURL_GLOBAL_DEFAULT);
    easy = make(how, headers, &taking);
    if (file)
        put(easy, file, length);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reported);
    result = curl_easy_perform(easy);
    take(easy, target, fetched);
    fetched->timed_out = result == CURLE_OPERATION_TIMEDOUT;
    fetched->end = end_of(easy, result, reported, fetched->status > 0);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    target_strike_out(target, reported, strlen(reported));
    if (fetched->coding[0])
        return error_set(
            error, "the response is compressed (Transfer-Encoding: %s), which was not asked for",
            fetched->coding);
    return result == CURLE_OK || error_set(error, "%s%s", curl_easy_strerror(result),
                                           scheme_hint(target, result, reported));
}

/* A regular file's length is known, and stays: what is put is written once. */
static bool ask_with_file(const struct target *target, const struct fetch *how,
                          struct fetched *fetched, struct error *error)
{
    int place = file_open_regular(how->put, error);
    FILE *file = place >= 0 ? fdopen(place, "rb") : NULL;
    struct stat about;
    bool done = false;

    if (place < 0)
        return false;
    if (!file || fstat(place, &about) != 0)
        error_set(error, "%s: cannot be read: %s", how->put, strerror(errno));
    else
        done = ask(target, how, fetched, file, (size_t)about.st_size, error);
    if (file)
        fclose(file);
    else
        close(place);
    return done;
}

bool fetch_ask(const struct target *target, const struct fetch *how, struct fetched *fetched,
               struct error *error)
{
    return how->put ? ask_with_file(target, how, fetched, error)
                    : ask(target, how, fetched, NULL, 0, error);
}

bool fetch_is_accepted(const struct fetched *fetched)
{
    return fetched->status >= 200 && fetched->status <= 299;
}

void fetched_clear(struct fetched *fetched)
{
    text_clear(&fetched->body);
    *fetched = (struct fetched){0};
}

bool fetch_judge(const struct fetched *fetched, struct error *error)
{
    const struct text *body = &fetched->body;
    char reported[512] = "";

    if (result_is_success(fetched->status))
        return true;
    dialect_read_failure(body->bytes ? body->bytes : "", body->length, reported, sizeof reported);
    return error_set(error, "HTTP %d%s%s", fetched->status, reported[0] ? ": " : "", reported);
}

bool fetch_body(const struct target *target, const struct fetch *how, struct text *body,
                struct error *error)
{
    struct fetched fetched = {0};
    bool done = fetch_ask(target, how, &fetched, error) && fetch_judge(&fetched, error);

    text_add(body, fetched.body.bytes, fetched.body.length);
    fetched_clear(&fetched);
    return done;
}

bool fetch_get(const struct target *target, const char *url, struct text *body, struct error *error)
{
    const struct fetch how = {.url = url, .timeout_s = target->connect_timeout_s};

    return fetch_body(target, &how, body, error);
}

bool fetch_understands(const char *url, struct error *error)
{
    CURLU *parts = curl_url();
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, 0);

    curl_url_cleanup(parts);
    return code == CURLUE_OK || error_set(error, "%s", curl_url_strerror(code));
}

static char *part_of(CURLU *parts, CURLUPart what, unsigned flags)
{
    char *text = NULL, *copy;

    if (curl_url_get(parts, what, &text, flags) != CURLUE_OK)
        return NULL;
    for (char *byte = text; *byte; byte++)
        *byte = (char)tolower((unsigned char)*byte);
    copy = memory_text(text);
    curl_free(text);
    return copy;
}

char *fetch_origin(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL, *origin = NULL;

    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK) {
        scheme = part_of(parts, CURLUPART_SCHEME, 0);
        host = part_of(parts, CURLUPART_HOST, 0);
        port = part_of(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    }
    if (scheme && host && port)
        origin = memory_printf("%s://%s:%s", scheme, host, port);
    free(scheme);
    free(host);
    free(port);
    curl_url_cleanup(parts);
    return origin;
}

const char *fetch_library(void)
{
    return curl_version();
}
