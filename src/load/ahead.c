#include "load/ahead.h"

#include "core/clock.h"

/* In balance where nine of ten were ready earlier. */
enum { FIRST_NS = 20000, LONGER_NS = 2700, SHORTER_NS = 300 };

void ahead_init(struct ahead *ahead)
{
    *ahead = (struct ahead){.lead_ns = FIRST_NS};
}

void ahead_begin(struct ahead *ahead)
{
    ahead->begun_ns = clock_monotonic_ns();
}

void ahead_end(struct ahead *ahead)
{
    ahead->begun_ns = 0;
}

static void learn(struct ahead *ahead, int64_t took_ns)
{
    ahead->lead_ns += took_ns > ahead->lead_ns ? LONGER_NS : -SHORTER_NS;
    if (ahead->lead_ns < 0)
        ahead->lead_ns = 0;
    if (ahead->lead_ns > AHEAD_MOST_NS)
        ahead->lead_ns = AHEAD_MOST_NS;
}

int64_t ahead_hold(struct ahead *ahead, int64_t moment_ns)
{
    int64_t now = clock_monotonic_ns();

    if (ahead->begun_ns > 0)
        learn(ahead, now - ahead->begun_ns);
    if (moment_ns - now > AHEAD_MOST_NS)
        return now;
    while (now < moment_ns)
        now = clock_monotonic_ns();
    return now;
}
