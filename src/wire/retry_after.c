#include "wire/retry_after.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "core/word.h"
#include "wire/header.h"

enum { VALUE_MOST = 64 };

void retry_after_begin(struct retry_after *after)
{
    *after = (struct retry_after){NAN, INT64_MIN, INT64_MIN, NAN};
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7) */
static int64_t date_of(const char *value)
{
    struct tm moment = {0};
    const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &moment);

    return end && !*end ? (int64_t)timegm(&moment) : INT64_MIN;
}

void retry_after_take(struct retry_after *after, const char *line, size_t length)
{
    char value[VALUE_MOST];
    double number;

    if (length == 0 || !strchr("rRdD", line[0]))
        return;
    if (header_read("retry-after-ms", line, length, value, sizeof value)) {
        if (word_number(value, &number) && number >= 0)
            after->exact_s = number / 1000;
    } else if (header_read("retry-after", line, length, value, sizeof value)) {
        if (word_number(value, &number) && number >= 0)
            after->wait_s = number;
        else
            after->until_s = date_of(value);
    } else if (header_read("date", line, length, value, sizeof value)) {
        after->date_s = date_of(value);
    }
}

double retry_after_seconds(const struct retry_after *after, int64_t wall_s)
{
    int64_t now_s = after->date_s == INT64_MIN ? wall_s : after->date_s;

    if (!isnan(after->exact_s))
        return after->exact_s;
    if (!isnan(after->wait_s) || after->until_s == INT64_MIN)
        return after->wait_s;
    return fmax(0, (double)(after->until_s - now_s));
}
