/* When a server wants to be asked again: the headers `retry-after-ms` (milliseconds; Azure and
 * OpenAI send it) and `Retry-After` (seconds or an HTTP date; RFC 9110, section 10.2.3). A date is
 * held against the response's own `Date`, so that no clock need agree with another. */
#ifndef WIRE_RETRY_AFTER_H
#define WIRE_RETRY_AFTER_H

#include <stddef.h>
#include <stdint.h>

struct retry_after {
    double wait_s;           /* NAN: not given in seconds */
    int64_t until_s, date_s; /* Unix times; INT64_MIN: not given */
    double exact_s;          /* of retry-after-ms; NAN: not given */
};

/* Nothing is given yet. */
void retry_after_begin(struct retry_after *after);

/* Takes a header's line; others than these are passed over, and what cannot be read says nothing.
 */
void retry_after_take(struct retry_after *after, const char *line, size_t length);

/* How long to wait, in seconds from now, 0 or more; NAN where nothing is given. `wall_s` is the
 * Unix time, for a date without `Date`. */
double retry_after_seconds(const struct retry_after *after, int64_t wall_s);

#endif
