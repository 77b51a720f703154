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

static struct tm local_parts(int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / CLOCK_NS_PER_S);
    struct tm parts;

    localtime_r(&seconds, &parts);
    return parts;
}

void clock_format_name(int64_t wall_ns, char text[CLOCK_TEXT])
{
    struct tm parts = local_parts(wall_ns);

    if (strftime(text, CLOCK_TEXT, "%Y%m%d-%H%M%S", &parts) == 0)
        text[0] = '\0';
}

static int microseconds(int64_t wall_ns)
{
    return (int)(wall_ns % CLOCK_NS_PER_S / 1000);
}

void clock_format_time_of_day(int64_t wall_ns, char text[CLOCK_TEXT])
{
    struct tm parts = local_parts(wall_ns);

    snprintf(text, CLOCK_TEXT, "%02d:%02d:%02d.%06d", parts.tm_hour, parts.tm_min, parts.tm_sec,
             microseconds(wall_ns));
}

void clock_format_utc(int64_t wall_ns, char text[CLOCK_TEXT])
{
    time_t seconds = (time_t)(wall_ns / CLOCK_NS_PER_S);
    struct tm parts;
    char whole[20];

    gmtime_r(&seconds, &parts);
    if (strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        whole[0] = '\0';
    snprintf(text, CLOCK_TEXT, "%s.%06dZ", whole, microseconds(wall_ns));
}

double clock_thread_cpu_s(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / CLOCK_NS_PER_S;
}
