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
                     enum known_part part, const struct exposition_sample *sample)
{
    struct reading_histogram *histogram = &reading->histogram[known->quantity - QUANTITY_COUNTERS];
    const char *bound = exposition_label(sample, "le");

    if (part == KNOWN_SUM) {
        histogram->sum += known->scale * sample->value;
    } else if (part == KNOWN_COUNT) {
        histogram->count += sample->value;
        reading->series[known->quantity]++;
    } else if (bound) {
        add_bucket(histogram, known->scale * strtod(bound, NULL), sample->value);
    }
}

void reading_add(struct reading *reading, const struct exposition_sample *sample)
{
    enum known_part part;
    const struct known_metric *known = known_find(sample, &part);

    if (!known || isnan(sample->value))
        return;
    if (known->quantity >= QUANTITY_COUNTERS) {
        add_part(reading, known, part, sample);
        return;
    }
    reading->value[known->quantity] += known->scale * sample->value;
    reading->series[known->quantity]++;
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
}
