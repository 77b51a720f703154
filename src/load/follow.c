#include "load/follow.h"

#include <curl/curl.h>
#include <string.h>

#include "core/text.h"
#include "load/easy.h"
#include "load/result.h"
#include "wire/header.h"

enum { LINE_MOST = 4 << 20 };

/* A response under way. */
struct following {
    const struct target *target;
    const struct follow *how;
    CURL *easy;
    struct text line;
    bool too_long;
};

static bool is_success(CURL *easy)
{
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return result_is_success((int)status);
}

static void end_line(struct following *following)
{
    struct text *line = &following->line;

    if (line->length > 0 && line->bytes[line->length - 1] == '\r')
        line->bytes[--line->length] = '\0';
    if (line->length > 0 && !following->too_long) {
        target_strike_out(following->target, line->bytes, line->length);
        following->how->on_line(following->how->context, line->bytes, line->length);
    }
    text_reset(line);
    following->too_long = false;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct following *following = context;

    if (!is_success(following->easy))
        return 0;
    for (const char *end = bytes + size * count; bytes < end;) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t length = (size_t)((stop ? stop : end) - bytes);

        if (following->line.length + length > LINE_MOST)
            following->too_long = true;
        if (!following->too_long)
            text_add(&following->line, bytes, length);
        if (stop)
            end_line(following);
        bytes += length + (stop ? 1 : 0);
    }
    return size * count;
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    const struct following *following = context;
    bool is_end = size * count <= 2; /* the empty line */
    char coding[2];

    if (header_names_transfer_coding(line, size * count, coding, sizeof coding))
        return 0;
    if (is_end && is_success(following->easy))
        following->how->on_open(following->how->context);
    return size * count;
}

/* Called at least once a second. */
static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct follow *how = context;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return *how->stop != 0;
}

bool follow(const struct target *target, const struct follow *how)
{
    struct curl_slist *headers = easy_headers(target, false);
    struct following following = {.target = target, .how = how};
    bool success;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    following.easy = easy_new(target, headers);
    curl_easy_setopt(following.easy, CURLOPT_URL, how->url);
    curl_easy_setopt(following.easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(following.easy, CURLOPT_HEADERDATA, &following);
    curl_easy_setopt(following.easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(following.easy, CURLOPT_WRITEDATA, &following);
    curl_easy_setopt(following.easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(following.easy, CURLOPT_XFERINFODATA, how);
    curl_easy_setopt(following.easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_perform(following.easy);
    success = is_success(following.easy);
    curl_easy_cleanup(following.easy);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    text_clear(&following.line);
    return success;
}
