/* Moments as traces and run directories write them. */
#ifndef TRAFFIC_TRACE_MOMENT_H
#define TRAFFIC_TRACE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* "2023-11-16 18:15:46.6805900": a date and a time of day with up to nine decimals, parted by a
 * blank or T, with or without an offset from UTC ("Z", "+00:00"), as nanoseconds since 1970; from
 * year 1970 to 2200 (RFC 3339, section 5.6; without an offset it counts as UTC). */
bool trace_moment_read(const char *text, int64_t *ns);

#endif
