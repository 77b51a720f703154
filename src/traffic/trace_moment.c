#include "traffic/trace_moment.h"

#include <ctype.h>
#include <stddef.h>

#include "core/clock.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, DECIMALS_MOST = 9 };

/* Exactly `digits` digits, from least to most. */
static bool take_number(const char **at, int digits, int least, int most, int *number)
{
    *number = 0;
    for (int i = 0; i < digits; i++, ++*at) {
        if (!isdigit((unsigned char)**at))
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return *number >= least && *number <= most;
}

static bool take_byte(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    ++*at;
    return true;
}

/* Days since 1970-01-01 in the Gregorian calendar: those of the years before, then those of the
 * months, counted from March so that the day of a leap year comes last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1, m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool take_date(const char **at, int64_t *seconds)
{
    int year, month, day;

    if (!take_number(at, 4, 1970, 2200, &year) || !take_byte(at, '-') ||
        !take_number(at, 2, 1, 12, &month) || !take_byte(at, '-') ||
        !take_number(at, 2, 1, 31, &day))
        return false;
    *seconds = days_of(year, month, day) * DAY_S;
    return month == 12 || days_of(year, month, day) < days_of(year, month + 1, 1);
}

static bool take_time(const char **at, int64_t *seconds)
{
    int hour, minute, second;

    if (!take_number(at, 2, 0, 23, &hour) || !take_byte(at, ':') ||
        !take_number(at, 2, 0, 59, &minute) || !take_byte(at, ':') ||
        !take_number(at, 2, 0, 60, &second))
        return false;
    *seconds += hour * HOUR_S + minute * MINUTE_S + second;
    return true;
}

static bool take_decimals(const char **at, int64_t *ns)
{
    int64_t unit = CLOCK_NS_PER_S;
    int digits = 0;

    if (!take_byte(at, '.'))
        return true;
    for (; isdigit((unsigned char)**at) && digits < DECIMALS_MOST; digits++, ++*at)
        *ns += (**at - '0') * (unit /= 10);
    return digits > 0;
}

static bool take_offset(const char **at, int64_t *seconds)
{
    bool behind = **at == '-';
    int hour, minute;

    if (**at == '\0' || take_byte(at, 'Z'))
        return true;
    if (!behind && **at != '+')
        return false;
    ++*at;
    if (!take_number(at, 2, 0, 23, &hour) || !take_byte(at, ':') ||
        !take_number(at, 2, 0, 59, &minute))
        return false;
    *seconds += (behind ? 1 : -1) * (hour * HOUR_S + minute * MINUTE_S);
    return true;
}

bool trace_moment_read(const char *text, int64_t *ns)
{
    const char *at = text;
    int64_t seconds = 0, part = 0;

    if (!take_date(&at, &seconds) || !(take_byte(&at, ' ') || take_byte(&at, 'T')) ||
        !take_time(&at, &seconds) || !take_decimals(&at, &part) || !take_offset(&at, &seconds) ||
        *at != '\0')
        return false;
    *ns = seconds * CLOCK_NS_PER_S + part;
    return true;
}
