#include "telemetry/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void reading_begin(struct reading *reading, int64_t at_ns)
{
    *reading = (struct reading){.at_ns = at_ns};
}

/* Several series share their bounds: each bound is one bucket, whatever order they come in. */
static void add_bucket(struct reading_histogram *histogram, double bound, double count)
{
    size_t i = 0;

    while (i < histogram->buckets && histogram->bound[i] != bound)
        i++;
    if (i == READING_BUCKETS)
        return;
    if (i == histogram->buckets) {
        histogram->buckets++;
        histogram->bound[i] = bound;
        histogram->below[i] = 0;
    }
    histogram->below[i] += count;
}

static void add_part(struct reading *reading, const struct known_metric *known,
                     enum known_part part, const struct exposition_sample *sample, double value)
{
    struct reading_histogram *histogram = &reading->histogram[known->quantity - QUANTITY_COUNTERS];
    const char *bound = exposition_label(sample, "le");

    if (part == KNOWN_SUM) {
        histogram->sum += known->scale * value;
    } else if (part == KNOWN_COUNT) {
        histogram->count += value;
    } else if (bound) {
        add_bucket(histogram, known->scale * strtod(bound, NULL), value);
    }
}

static void forget(struct reading *reading, enum quantity quantity)
{
    reading->series[quantity] = 0;
    if (quantity < QUANTITY_COUNTERS)
        reading->value[quantity] = 0;
    else
        reading->histogram[quantity - QUANTITY_COUNTERS] = (struct reading_histogram){0};
}

/* Whether its server's word counts; that of a server further behind in the table is forgotten. */
static bool counts(struct reading *reading, const struct known_metric *known)
{
    const struct known_metric **from = &reading->from[known->quantity];

    if (*from && strcmp((*from)->server, known->server) != 0) {
        if (*from < known)
            return false;
        forget(reading, known->quantity);
    }
    *from = known;
    return true;
}

void reading_add(struct reading *reading, const struct exposition_sample *sample)
{
    enum known_part part;
    const struct known_metric *known = known_find(sample, &part);
    bool is_first;
    double value;

    if (!known || isnan(sample->value) || !counts(reading, known))
        return;
    value = ranks_take(&reading->ranks, sample, &is_first);
    if (known->quantity >= QUANTITY_COUNTERS)
        add_part(reading, known, part, sample, value);
    else
        reading->value[known->quantity] += known->scale * value;
    reading->series[known->quantity] += is_first && (part == KNOWN_WHOLE || part == KNOWN_COUNT);
}

static bool is_averaged(enum quantity quantity)
{
    return quantity == QUANTITY_KV_CACHE_SHARE || quantity == QUANTITY_GPU_BUSY_SHARE ||
           quantity == QUANTITY_PREFIX_HIT_SHARE;
}

/* By insertion: they nearly always come in order. */
static void sort(struct reading_histogram *histogram)
{
    for (size_t i = 1; i < histogram->buckets; i++) {
        double bound = histogram->bound[i], below = histogram->below[i];
        size_t k = i;

        for (; k > 0 && histogram->bound[k - 1] > bound; k--) {
            histogram->bound[k] = histogram->bound[k - 1];
            histogram->below[k] = histogram->below[k - 1];
        }
        histogram->bound[k] = bound;
        histogram->below[k] = below;
    }
}

void reading_end(struct reading *reading)
{
    for (int quantity = 0; quantity < QUANTITY_GAUGES; quantity++) {
        if (is_averaged(quantity) && reading->series[quantity] > 0)
            reading->value[quantity] /= (double)reading->series[quantity];
    }
    for (int i = 0; i < QUANTITIES - QUANTITY_COUNTERS; i++)
        sort(&reading->histogram[i]);
    ranks_clear(&reading->ranks);
}
