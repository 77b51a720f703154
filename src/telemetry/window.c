#include "telemetry/window.h"

#include <math.h>
#include <string.h>

#include "core/clock.h"

/* --- Readings --------------------------------------------------------------------------------- */

static void take_gauge(struct gauge *gauge, double value, bool is_edge)
{
    size_t *readings = is_edge ? &gauge->edge_readings : &gauge->readings;
    double *most = is_edge ? &gauge->edge_most : &gauge->most;

    if ((*readings)++ == 0 || value > *most)
        *most = value;
    *(is_edge ? &gauge->edge_total : &gauge->total) += value;
}

static void take_counter(struct window *window, int quantity, double value)
{
    double last = window->counter[quantity].last;

    /* What first appears between two readings has counted from 0. */
    if (window->counter[quantity].is_told)
        window->counter[quantity].grown += value >= last ? value - last : value;
    else if (window->readings > 0)
        window->counter[quantity].grown += value;
    window->counter[quantity].last = value;
    window->counter[quantity].is_told = true;
}

static double below_in(const struct reading_histogram *histogram, double bound)
{
    for (size_t i = 0; i < histogram->buckets; i++) {
        if (histogram->bound[i] == bound)
            return histogram->below[i];
    }
    return 0;
}

static void add_growth(struct reading_histogram *grown, const struct reading_histogram *now,
                       const struct reading_histogram *before)
{
    struct reading_histogram sum = {.sum = grown->sum + now->sum - before->sum,
                                    .count = grown->count + now->count - before->count,
                                    .buckets = now->buckets};

    for (size_t i = 0; i < now->buckets; i++) {
        sum.bound[i] = now->bound[i];
        sum.below[i] =
            below_in(grown, now->bound[i]) + now->below[i] - below_in(before, now->bound[i]);
    }
    *grown = sum;
}

static void take_histogram(struct window *window, int i, const struct reading_histogram *now)
{
    static const struct reading_histogram none;
    bool begins = !window->has_histogram[i];

    if (!begins)
        add_growth(&window->grown[i], now,
                   now->count >= window->last[i].count ? &window->last[i] : &none);
    else if (window->readings > 0)
        add_growth(&window->grown[i], now, &none);
    window->last[i] = *now;
    window->has_histogram[i] = true;
}

void window_take(struct window *window, const struct reading *reading, bool is_edge)
{
    for (int quantity = 0; quantity < QUANTITIES; quantity++) {
        if (reading->series[quantity] == 0)
            continue;
        if (quantity < QUANTITY_GAUGES)
            take_gauge(&window->gauge[quantity], reading->value[quantity], is_edge);
        else if (quantity < QUANTITY_COUNTERS)
            take_counter(window, quantity, reading->value[quantity]);
        else
            take_histogram(window, quantity - QUANTITY_COUNTERS,
                           &reading->histogram[quantity - QUANTITY_COUNTERS]);
    }
    if (window->readings++ == 0)
        window->first_ns = reading->at_ns;
    window->last_ns = reading->at_ns;
}

/* --- Figures ---------------------------------------------------------------------------------- */

/* Which figure a gauge's mean is; its most is the next. */
static const enum telemetry_figure figure_of_gauge[QUANTITY_GAUGES] = {
    [QUANTITY_RUNNING] = TELEMETRY_RUNNING_MEAN,
    [QUANTITY_WAITING] = TELEMETRY_WAITING_MEAN,
    [QUANTITY_KV_CACHE_SHARE] = TELEMETRY_KV_CACHE_SHARE_MEAN,
    [QUANTITY_GPU_BUSY_SHARE] = TELEMETRY_GPU_BUSY_SHARE_MEAN,
    [QUANTITY_GPU_POWER_W] = TELEMETRY_GPU_POWER_W_MEAN,
    [QUANTITY_GPU_MEMORY_GB] = TELEMETRY_GPU_MEMORY_GB_MEAN,
    [QUANTITY_MEMORY_GB] = TELEMETRY_MEMORY_GB_MEAN,
    [QUANTITY_PREFIX_HIT_SHARE] = TELEMETRY_FIGURES, /* a mean alone, see conclude_prefix */
};

static bool is_share(int quantity)
{
    return quantity == QUANTITY_KV_CACHE_SHARE || quantity == QUANTITY_GPU_BUSY_SHARE;
}

/* False: it was not told. */
static bool value_gauge(const struct gauge *gauge, double *mean, double *most)
{
    bool by_edges = gauge->readings == 0;
    size_t readings = by_edges ? gauge->edge_readings : gauge->readings;

    if (readings == 0)
        return false;
    *mean = (by_edges ? gauge->edge_total : gauge->total) / (double)readings;
    *most = by_edges ? gauge->edge_most : gauge->most;
    return true;
}

static void conclude_gauge(const struct window *windows, size_t count, int quantity, double *value)
{
    enum telemetry_figure figure = figure_of_gauge[quantity];
    double mean = 0, most = 0, sources = 0, its_mean, its_most;

    for (size_t i = 0; i < count; i++) {
        if (!value_gauge(&windows[i].gauge[quantity], &its_mean, &its_most))
            continue;
        mean += its_mean;
        most = is_share(quantity) ? fmax(most, its_most) : most + its_most;
        sources++;
    }
    if (sources == 0 || figure == TELEMETRY_FIGURES)
        return;
    value[figure] = is_share(quantity) ? mean / sources : mean;
    value[figure + 1] = most;
}

/* What a counter grew by in all sources, and its rate; both NAN where none told it twice. */
struct growth {
    double grown, per_s;
};

static struct growth growth_of(const struct window *windows, size_t count, int quantity)
{
    struct growth growth = {0};
    bool is_told = false;

    for (size_t i = 0; i < count; i++) {
        double seconds = clock_seconds(windows[i].first_ns, windows[i].last_ns);

        if (!windows[i].counter[quantity].is_told || seconds <= 0)
            continue;
        growth.grown += windows[i].counter[quantity].grown;
        growth.per_s += windows[i].counter[quantity].grown / seconds;
        is_told = true;
    }
    return is_told ? growth : (struct growth){NAN, NAN};
}

/* By what its cache was asked for and had; else by the server's own division, as it was last told.
 */
static void conclude_prefix(const struct window *windows, size_t count, double *value)
{
    double hits = growth_of(windows, count, QUANTITY_PREFIX_HITS).grown;
    double queries = growth_of(windows, count, QUANTITY_PREFIX_QUERIES).grown;
    double total = 0, sources = 0, mean, most;

    if (queries > 0 && isfinite(hits)) {
        value[TELEMETRY_PREFIX_HIT_SHARE] = hits / queries;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!value_gauge(&windows[i].gauge[QUANTITY_PREFIX_HIT_SHARE], &mean, &most))
            continue;
        total += mean;
        sources++;
    }
    if (sources > 0)
        value[TELEMETRY_PREFIX_HIT_SHARE] = total / sources;
}

/* The bounds of the bucket that holds the quantile `share`, by nearest rank. The last bucket has no
 * upper bound. */
static void bound_quantile(const struct reading_histogram *histogram, double share, double *low,
                           double *high)
{
    double rank = fmax(1, ceil(share * histogram->count)), before = 0;

    for (size_t i = 0; i < histogram->buckets; i++) {
        if (histogram->below[i] >= rank) {
            *low = before;
            *high = isfinite(histogram->bound[i]) ? histogram->bound[i] : NAN;
            return;
        }
        before = histogram->bound[i];
    }
}

static bool same_bounds(const struct reading_histogram *a, const struct reading_histogram *b)
{
    return a->buckets == b->buckets &&
           memcmp(a->bound, b->bound, a->buckets * sizeof *a->bound) == 0;
}

/* Where sources part their values by other bounds, nothing is known of quantiles over both. */
static void join(struct reading_histogram *all, const struct reading_histogram *one, bool is_first)
{
    bool joins = is_first || same_bounds(all, one);

    if (is_first) {
        *all = *one;
        return;
    }
    all->sum += one->sum;
    all->count += one->count;
    for (size_t i = 0; i < one->buckets && joins; i++)
        all->below[i] += one->below[i];
    if (!joins)
        all->buckets = 0;
}

static void conclude_histogram(const struct window *windows, size_t count, int i, double *value)
{
    struct reading_histogram all = {0};
    bool is_first = true;

    for (size_t k = 0; k < count; k++) {
        if (!windows[k].has_histogram[i])
            continue;
        join(&all, &windows[k].grown[i], is_first);
        is_first = false;
    }
    if (!(all.count > 0))
        return;
    value[0] = all.count;
    value[1] = all.sum / all.count;
    bound_quantile(&all, 0.5, &value[2], &value[3]);
    bound_quantile(&all, 0.99, &value[4], &value[5]);
}

void window_conclude(const struct window *windows, size_t count, struct telemetry_figures *figures)
{
    double *value = figures->value;

    for (int i = 0; i < TELEMETRY_FIGURES; i++)
        value[i] = NAN;
    for (int quantity = 0; quantity < QUANTITY_GAUGES; quantity++)
        conclude_gauge(windows, count, quantity, value);
    conclude_prefix(windows, count, value);
    value[TELEMETRY_PREEMPTIONS] = growth_of(windows, count, QUANTITY_PREEMPTIONS).grown;
    value[TELEMETRY_PROMPT_TOKENS_PER_S] = growth_of(windows, count, QUANTITY_PROMPT_TOKENS).per_s;
    value[TELEMETRY_GENERATED_TOKENS_PER_S] =
        growth_of(windows, count, QUANTITY_GENERATED_TOKENS).per_s;
    value[TELEMETRY_CPU_CORES] = growth_of(windows, count, QUANTITY_CPU_S).per_s;
    for (int i = 0; i < QUANTITIES - QUANTITY_COUNTERS; i++)
        conclude_histogram(windows, count, i,
                           &value[TELEMETRY_TTFT_S_COUNT + TELEMETRY_OF_HISTOGRAM * i]);
}
