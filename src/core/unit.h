/* The one rule by which figures are written for people: times in ms below 1 s and in s above, three
 * significant digits, no sign of a zero. Every text is "–" where the value is not known. */
#ifndef CORE_UNIT_H
#define CORE_UNIT_H

#include <stddef.h>

enum { UNIT_TEXT = 64 };

/* "49.2 ms", "1.23 s", "0 ms"; below half a microsecond it is 0. */
const char *unit_time(double seconds, char text[UNIT_TEXT]);

/* "413 ± 4 ms": `half_width_s` in the unit and the decimals of the value, with at least one digit
 * of its own; without it where it is not known. */
const char *unit_time_within(double seconds, double half_width_s, char text[UNIT_TEXT]);

/* "49.2 to 413 ms", "413 ms to 1.20 s"; "413 ms" where both are written alike. */
const char *unit_time_range(double low_s, double high_s, char text[UNIT_TEXT]);

/* "45.2", "812", "12300": three significant digits, no exponent. */
const char *unit_number(double value, char text[UNIT_TEXT]);

/* "812 tokens/s", "1 request", "7 W": a figure that is written already, and its unit, whose noun is
 * singular behind "1". `unit` may be "". */
const char *unit_quantity(const char *figure, const char *unit, char text[UNIT_TEXT]);

/* "45.2 to 120 tokens/s", "812 tokens/s" where both are written alike. `unit` may be "". */
const char *unit_range(double low, double high, const char *unit, char text[UNIT_TEXT]);

/* "17 %", "0.4 %", "100 %": whole percents, from 1 % down one digit. Of a share, 0 to 1. It is
 * neither 0 % nor 100 % unless the share is: "> 99.9 %". */
const char *unit_share(double share, char text[UNIT_TEXT]);

/* "1 request", "2 requests": `plural` NULL adds an s. */
const char *unit_count(size_t count, const char *noun, const char *plural, char text[UNIT_TEXT]);

#endif
