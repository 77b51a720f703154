#include "core/clock.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * CLOCK_NS_PER_S + now.tv_nsec;
}

int64_t clock_monotonic_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

double clock_seconds(int64_t from_ns, int64_t to_ns)
{
    if (from_ns == CLOCK_NEVER || to_ns == CLOCK_NEVER)
        return NAN;
    return (double)(to_ns - from_ns) / (double)CLOCK_NS_PER_S;
}

int64_t clock_from_seconds(double seconds)
{
    double ns = round(seconds * (double)CLOCK_NS_PER_S);

    if (ns >= 9.2e18)
        return INT64_MAX;
    return ns <= -9.2e18 ? -INT64_MAX : (int64_t)ns;
}

void clock_format_local(int64_t wall_ns, const char *format, char *text, size_t size)
{
    time_t seconds = (time_t)(wall_ns / CLOCK_NS_PER_S);
    struct tm parts;

    localtime_r(&seconds, &parts);
    if (strftime(text, size, format, &parts) == 0)
        text[0] = '\0';
}

static int microseconds(int64_t wall_ns)
{
    return (int)(wall_ns % CLOCK_NS_PER_S / 1000);
}

void clock_format_time_of_day(int64_t wall_ns, char text[16])
{
    char whole[9];

    clock_format_local(wall_ns, "%H:%M:%S", whole, sizeof whole);
    snprintf(text, 16, "%s.%06d", whole, microseconds(wall_ns));
}

void clock_format_utc(int64_t wall_ns, char text[28])
{
    time_t seconds = (time_t)(wall_ns / CLOCK_NS_PER_S);
    struct tm parts;
    char whole[20];

    gmtime_r(&seconds, &parts);
    if (strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        whole[0] = '\0';
    snprintf(text, 28, "%s.%06dZ", whole, microseconds(wall_ns));
}
