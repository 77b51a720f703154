/* Time. Durations come from one monotonic clock as integer nanoseconds and become seconds only at
 * the edge; wall-clock time is for people and file names. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

#define CLOCK_NS_PER_S 1000000000LL
#define CLOCK_NEVER    INT64_MIN /* a moment that did not come */

enum { CLOCK_TEXT = 40 }; /* room for a moment as text */

int64_t clock_monotonic_ns(void);
int64_t clock_wall_ns(void); /* since 1970, UTC */

/* Seconds between two moments; NAN where either is CLOCK_NEVER. */
double clock_seconds(int64_t from_ns, int64_t to_ns);

/* Nanoseconds, rounded to the nearest; a duration past 292 years is cut to that. */
int64_t clock_from_seconds(double seconds);

/* `wall_ns` as "YYYYMMDD-HHMMSS" in local time, for names. */
void clock_format_name(int64_t wall_ns, char text[CLOCK_TEXT]);

/* `wall_ns` as "HH:MM:SS.ffffff" in local time: the starter kit's form of a moment. */
void clock_format_time_of_day(int64_t wall_ns, char text[CLOCK_TEXT]);

/* `wall_ns` as "YYYY-MM-DDTHH:MM:SS.ffffffZ" (RFC 3339, UTC). */
void clock_format_utc(int64_t wall_ns, char text[CLOCK_TEXT]);

/* Processor time that the calling thread has used, in seconds. */
double clock_thread_cpu_s(void);

#endif
