#include "report/series.h"

#include <math.h>

/* The first width; each is twice the one before. */
static const double narrowest_s = 0.0625;

static void join_pairs(struct series *series)
{
    double *amount = series->amount;

    for (size_t i = 0; i < SERIES_BINS / 2; i++)
        amount[i] = amount[2 * i] + amount[2 * i + 1];
    for (size_t i = SERIES_BINS / 2; i < SERIES_BINS; i++)
        amount[i] = 0;
    series->bins = (series->bins + 1) / 2;
    series->width_s *= 2;
}

/* Moments at a bin's end belong to it, not to the next: time that was used lies before them. */
static size_t bin_of(const struct series *series, double at_s)
{
    double bin = ceil(at_s / series->width_s) - 1;

    return bin > 0 ? (size_t)bin : 0;
}

static void add_to(struct series *series, size_t bin, double amount)
{
    series->amount[bin] += amount;
    if (bin >= series->bins)
        series->bins = bin + 1;
}

void series_add(struct series *series, double from_s, double to_s, double amount)
{
    double start_s = fmax(from_s, 0), span_s = to_s - start_s;
    size_t last;

    if (!isfinite(from_s) || !isfinite(to_s) || !isfinite(amount))
        return;
    if (series->bins == 0)
        series->width_s = narrowest_s;
    while (to_s > series->width_s * SERIES_BINS)
        join_pairs(series);
    last = bin_of(series, to_s);
    if (!(span_s > 0)) {
        add_to(series, last, amount);
        return;
    }
    for (size_t bin = (size_t)(start_s / series->width_s); bin <= last; bin++) {
        double begin_s = fmax(start_s, (double)bin * series->width_s);
        double end_s = fmin(to_s, (double)(bin + 1) * series->width_s);

        if (end_s > begin_s)
            add_to(series, bin, amount * (end_s - begin_s) / span_s);
    }
}
