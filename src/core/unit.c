#include "core/unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 3 };

static const double time_least_s = 5e-7;

static const char missing[] = "–";

/* Decimals that make three significant digits, once the value is rounded to them. */
static int decimals_of(double value)
{
    int magnitude;

    if (value == 0)
        return 0;
    magnitude = (int)floor(log10(fabs(value)));
    if (round(fabs(value) * pow(10, DIGITS - 1 - magnitude)) >= pow(10, DIGITS))
        magnitude++;
    return magnitude < DIGITS - 1 ? DIGITS - 1 - magnitude : 0;
}

/* Rounded to three significant digits. */
static double rounded(double value)
{
    double step;

    if (value == 0 || !isfinite(value))
        return value;
    step = pow(10, floor(log10(fabs(value))) - (DIGITS - 1));
    return round(value / step) * step;
}

const char *unit_number(double value, char text[UNIT_TEXT])
{
    if (isfinite(value))
        snprintf(text, UNIT_TEXT, "%.*f", decimals_of(value), rounded(value) + 0.0);
    else
        snprintf(text, UNIT_TEXT, "%s", missing);
    return text;
}

/* --- Times ------------------------------------------------------------------------------------ */

/* What the seconds are written in: the value is multiplied by this. */
static double scale_of(double seconds)
{
    return fabs(rounded(seconds)) < 1 ? 1000 : 1;
}

static const char *name_of(double scale)
{
    return scale > 1 ? "ms" : "s";
}

static double visible(double seconds)
{
    return fabs(seconds) < time_least_s ? 0 : seconds;
}

const char *unit_time(double seconds, char text[UNIT_TEXT])
{
    double scale = scale_of(seconds);
    char number[UNIT_TEXT];

    if (isfinite(seconds))
        snprintf(text, UNIT_TEXT, "%.40s %s", unit_number(visible(seconds) * scale, number),
                 name_of(scale));
    else
        snprintf(text, UNIT_TEXT, "%s", missing);
    return text;
}

const char *unit_time_within(double seconds, double half_width_s, char text[UNIT_TEXT])
{
    double scale = scale_of(seconds);
    int decimals, own;
    char number[UNIT_TEXT];

    if (!isfinite(seconds) || !isfinite(half_width_s))
        return unit_time(seconds, text);
    decimals = decimals_of(visible(seconds) * scale);
    half_width_s = visible(half_width_s) * scale;
    own = half_width_s > 0 ? -(int)floor(log10(half_width_s)) : 0;
    decimals = own > decimals ? own : decimals;
    snprintf(text, UNIT_TEXT, "%.24s ± %.*f %s", unit_number(visible(seconds) * scale, number),
             decimals, half_width_s, name_of(scale));
    return text;
}

const char *unit_time_range(double low_s, double high_s, char text[UNIT_TEXT])
{
    double scale = scale_of(high_s);
    char low[UNIT_TEXT], high[UNIT_TEXT];

    unit_time(low_s, low);
    unit_time(high_s, high);
    if (strcmp(low, high) == 0 || !isfinite(low_s))
        snprintf(text, UNIT_TEXT, "%s", high);
    else if (scale_of(low_s) == scale)
        snprintf(text, UNIT_TEXT, "%.24s to %.30s", unit_number(visible(low_s) * scale, low), high);
    else
        snprintf(text, UNIT_TEXT, "%.24s to %.30s", low, high);
    return text;
}

/* --- Anything else ---------------------------------------------------------------------------- */

/* How long a unit's noun is without its plural's s; 0 where it has none, as "ms" and "GB/s". */
static size_t singular_length(const char *unit)
{
    size_t noun = strcspn(unit, "/");

    return noun > 3 && unit[noun - 1] == 's' ? noun - 1 : 0;
}

const char *unit_quantity(const char *figure, const char *unit, char text[UNIT_TEXT])
{
    size_t singular = strcmp(figure, "1") == 0 ? singular_length(unit) : 0;

    if (singular > 0)
        snprintf(text, UNIT_TEXT, "1 %.*s%.20s", (int)singular, unit, unit + singular + 1);
    else
        snprintf(text, UNIT_TEXT, "%.30s%s%.30s", figure, *unit ? " " : "", unit);
    return text;
}

const char *unit_range(double low, double high, const char *unit, char text[UNIT_TEXT])
{
    char from[UNIT_TEXT], to[UNIT_TEXT], both[UNIT_TEXT];

    unit_number(low, from);
    unit_number(high, to);
    if (strcmp(from, to) == 0 || !isfinite(low))
        return unit_quantity(to, unit, text);
    snprintf(both, sizeof both, "%.14s to %.14s", from, to);
    return unit_quantity(both, unit, text);
}

const char *unit_share(double share, char text[UNIT_TEXT])
{
    double percent = 100 * share;

    if (!isfinite(share))
        snprintf(text, UNIT_TEXT, "%s", missing);
    else if (percent > 0 && percent < 0.1)
        snprintf(text, UNIT_TEXT, "< 0.1 %%");
    else if (percent < 100 && percent > 99.9)
        snprintf(text, UNIT_TEXT, "> 99.9 %%");
    else if ((percent > 0 && percent < 0.95) || (percent < 100 && percent >= 99.5))
        snprintf(text, UNIT_TEXT, "%.1f %%", percent);
    else
        snprintf(text, UNIT_TEXT, "%.0f %%", percent + 0.0);
    return text;
}

const char *unit_count(size_t count, const char *noun, const char *plural, char text[UNIT_TEXT])
{
    if (count == 1)
        snprintf(text, UNIT_TEXT, "1 %s", noun);
    else if (plural)
        snprintf(text, UNIT_TEXT, "%zu %s", count, plural);
    else
        snprintf(text, UNIT_TEXT, "%zu %ss", count, noun);
    return text;
}
