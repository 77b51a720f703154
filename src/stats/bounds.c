#include "stats/bounds.h"

#include <math.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "stats/quantile.h"

bool bounds_agree(double low, double high)
{
    return high <= low * (1 + BOUNDS_AGREE);
}

double bounds_point(double low, double high)
{
    return bounds_agree(low, high) ? low + (high - low) / 2 : NAN;
}

static struct metric_summary join(const struct metric_summary *low,
                                  const struct metric_summary *high, struct metric_bounds *bounds)
{
    struct metric_summary joined = {.count = low->count,
                                    .mean = bounds_point(low->mean, high->mean),
                                    .least = bounds_point(low->least, high->least),
                                    .most = bounds_point(low->most, high->most),
                                    .stddev = NAN};

    for (int i = 0; i < METRIC_QUANTILES; i++) {
        bounds->low[i] = low->quantile[i];
        bounds->high[i] = high->quantile[i];
        joined.quantile[i] = bounds_point(low->quantile[i], high->quantile[i]);
    }
    return joined;
}

struct metric_summary bounds_summary(double *low, double *high, size_t count,
                                     struct metric_bounds *bounds)
{
    struct metric_summary lows, highs, joined;
    bool exact = true;

    for (size_t i = 0; i < count; i++)
        exact &= low[i] == high[i];
    lows = quantile_summary(low, count);
    highs = exact ? lows : quantile_summary(high, count);
    joined = join(&lows, &highs, bounds);
    if (exact)
        joined.stddev = lows.stddev;
    return joined;
}

/* --- Of any number ---------------------------------------------------------------------------- */

/* Values up to 2⁴³ ns, 2.4 hours, have buckets; the last one holds what is longer. */
enum { STEP_BITS = 8, LONGEST_BITS = 43, BUCKETS = (LONGEST_BITS - STEP_BITS + 1) * BOUNDS_STEPS };

static size_t bucket_of(int64_t value)
{
    size_t bucket;
    int shift;

    if (value < BOUNDS_STEPS)
        return (size_t)value;
    shift = 63 - __builtin_clzll((uint64_t)value) - STEP_BITS;
    bucket = (size_t)(shift + 1) * BOUNDS_STEPS + (size_t)(value >> shift) - BOUNDS_STEPS;
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* The least value of a bucket. */
static double edge_of(size_t bucket)
{
    size_t shift = bucket / BOUNDS_STEPS;

    if (bucket == BUCKETS) /* the end of the last one, which is as long as it has to be */
        return (double)INT64_MAX;
    if (shift == 0)
        return (double)bucket;
    return ldexp(BOUNDS_STEPS + (double)(bucket % BOUNDS_STEPS), (int)shift - 1);
}

void bounds_add(struct bounds *bounds, int64_t low_ns, int64_t high_ns)
{
    int64_t low = low_ns > 0 ? low_ns : 0, high = high_ns > low ? high_ns : low;
    bool first = bounds->count++ == 0;

    if (!bounds->low) {
        bounds->low = memory_new(BUCKETS, sizeof *bounds->low);
        bounds->high = memory_new(BUCKETS, sizeof *bounds->high);
    }
    bounds->low[bucket_of(low)]++;
    bounds->high[bucket_of(high)]++;
    bounds->low_sum_s += clock_seconds(0, low);
    bounds->high_sum_s += clock_seconds(0, high);
    bounds->least_low_ns = first || low < bounds->least_low_ns ? low : bounds->least_low_ns;
    bounds->least_high_ns = first || high < bounds->least_high_ns ? high : bounds->least_high_ns;
    bounds->most_low_ns = low > bounds->most_low_ns ? low : bounds->most_low_ns;
    bounds->most_high_ns = high > bounds->most_high_ns ? high : bounds->most_high_ns;
}

/* The `rank`-th smallest end, from 0, as an edge of its bucket: `upper` 0 or 1. */
static double end_at(const uint32_t *buckets, size_t rank, size_t upper)
{
    uint64_t seen = 0;
    size_t i = 0;

    while (i < BUCKETS - 1 && (seen += buckets[i]) <= rank)
        i++;
    return upper && i >= BOUNDS_STEPS ? edge_of(i + 1) : edge_of(i);
}

/* A quantile of ends, within the exact ones of the least and the most. */
static double quantile_of(const uint32_t *buckets, size_t count, double share, size_t upper,
                          const int64_t exact_ns[2])
{
    double rank = (double)(count - 1) * share, between = rank - floor(rank);
    double below = end_at(buckets, (size_t)rank, upper);
    double above = between > 0 ? end_at(buckets, (size_t)rank + 1, upper) : below;
    double value = below + between * (above - below);

    return fmin(fmax(value, (double)exact_ns[0]), (double)exact_ns[1]) / CLOCK_NS_PER_S;
}

static struct metric_summary summary_of_ends(const struct bounds *bounds, size_t upper)
{
    const uint32_t *ends = upper ? bounds->high : bounds->low;
    const int64_t exact_ns[2] = {upper ? bounds->least_high_ns : bounds->least_low_ns,
                                 upper ? bounds->most_high_ns : bounds->most_low_ns};
    struct metric_summary summary = {.count = bounds->count,
                                     .mean = (upper ? bounds->high_sum_s : bounds->low_sum_s) /
                                             (double)bounds->count,
                                     .least = clock_seconds(0, exact_ns[0]),
                                     .most = clock_seconds(0, exact_ns[1]),
                                     .stddev = NAN};

    for (int i = 0; i < METRIC_QUANTILES; i++)
        summary.quantile[i] =
            quantile_of(ends, bounds->count, metric_percent[i] / 100.0, upper, exact_ns);
    return summary;
}

struct metric_summary bounds_conclude(const struct bounds *bounds, struct metric_bounds *of)
{
    struct metric_summary low, high;

    if (bounds->count == 0)
        return (struct metric_summary){.stddev = NAN};
    low = summary_of_ends(bounds, 0);
    high = summary_of_ends(bounds, 1);
    return join(&low, &high, of);
}

void bounds_clear(struct bounds *bounds)
{
    free(bounds->low);
    free(bounds->high);
    *bounds = (struct bounds){0};
}
