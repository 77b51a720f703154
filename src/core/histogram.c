#include "core/histogram.h"

#include <math.h>
#include <stddef.h>

#include "core/clock.h"

/* Below HISTOGRAM_STEPS each value has a bucket of its own; from there on each power of two has as
 * many buckets. */
static size_t bucket_of(uint64_t value)
{
    int shift;

    if (value < HISTOGRAM_STEPS)
        return value;
    shift = 63 - __builtin_clzll(value) - 5; /* 2⁵ steps */
    return (size_t)(shift + 1) * HISTOGRAM_STEPS + (value >> shift) - HISTOGRAM_STEPS;
}

/* The middle of a bucket. */
static double value_of(size_t bucket)
{
    size_t shift = bucket / HISTOGRAM_STEPS;
    double step = (double)(bucket % HISTOGRAM_STEPS);

    if (shift == 0)
        return step;
    return ldexp(HISTOGRAM_STEPS + step + 0.5, (int)shift - 1);
}

void histogram_add(struct histogram *histogram, int64_t value_ns)
{
    int64_t value = value_ns > 0 ? value_ns : 0;

    histogram->bucket[bucket_of((uint64_t)value)]++;
    histogram->count++;
    if (value > histogram->most_ns)
        histogram->most_ns = value;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->bucket[i] += other->bucket[i];
    histogram->count += other->count;
    if (other->most_ns > histogram->most_ns)
        histogram->most_ns = other->most_ns;
}

double histogram_quantile_s(const struct histogram *histogram, double p)
{
    double rank = ceil(p * (double)histogram->count), most = (double)histogram->most_ns;
    uint64_t seen = 0;
    size_t i = 0;

    if (histogram->count == 0)
        return NAN;
    if (rank >= (double)histogram->count)
        return most / CLOCK_NS_PER_S;
    while (i < HISTOGRAM_BUCKETS - 1 && (seen += histogram->bucket[i]) < rank)
        i++;
    return fmin(value_of(i), most) / CLOCK_NS_PER_S;
}
