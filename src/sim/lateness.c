#include "sim/lateness.h"

#include <stddef.h>

/* Up to 2 × LATENESS_STEPS each value has its bucket; then, each time that values double, so does
 * the width of buckets. */
static int doublings(uint64_t value)
{
    return value < 2 * LATENESS_STEPS ? 0 : 58 - __builtin_clzll(value);
}

static size_t place(uint64_t value)
{
    int shift = doublings(value);

    return (size_t)shift * LATENESS_STEPS + (size_t)(value >> shift);
}

/* The middle of a bucket. */
static int64_t middle_ns(size_t at)
{
    size_t shift = at < 2 * LATENESS_STEPS ? 0 : at / LATENESS_STEPS - 1;
    int64_t first = (int64_t)(at - shift * LATENESS_STEPS) << shift;

    return first + ((int64_t)1 << shift) / 2;
}

void lateness_add(struct lateness *lateness, int64_t late_ns)
{
    if (late_ns < 0)
        late_ns = 0;
    lateness->buckets[place((uint64_t)late_ns)]++;
    lateness->count++;
    if (late_ns > lateness->most_ns)
        lateness->most_ns = late_ns;
}

int64_t lateness_quantile_ns(const struct lateness *lateness, double share)
{
    double before = share * (double)lateness->count;
    int64_t seen = 0;

    for (size_t i = 0; i < LATENESS_BUCKETS; i++) {
        seen += lateness->buckets[i];
        if (seen > 0 && (double)seen >= before)
            return middle_ns(i) < lateness->most_ns ? middle_ns(i) : lateness->most_ns;
    }
    return lateness->most_ns;
}
