#include "stats/window.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/spill.h"
#include "stats/bounds.h"
#include "stats/quantile.h"

/* A place begins or ceases to be in use. */
struct turn {
    int64_t at_ns;
    int by; /* +1, −1 */
};

/* A place that one request leaves and another takes at the same moment stays in use. */
static int in_time(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;

    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return y->by - x->by;
}

static struct window find_window(struct turn *turns, size_t count, size_t places)
{
    struct window window = {0};
    long in_use = 0;
    bool found = false;

    if (count > 0)
        qsort(turns, count, sizeof *turns, in_time);
    for (size_t i = 0; i < count; i++) {
        long before = in_use;

        in_use += turns[i].by;
        if (in_use >= (long)places && !found) {
            window.from_ns = turns[i].at_ns;
            found = true;
        }
        if (before >= (long)places)
            window.to_ns = turns[i].at_ns;
    }
    return window;
}

struct window window_of(const struct outcome *outcomes, size_t count, size_t places)
{
    struct turn *turns = memory_new(places > 0 ? 2 * count : 0, sizeof *turns);
    struct window window = {0};
    size_t made = 0;

    for (size_t i = 0; i < count && places > 0; i++) {
        spill_pass(&outcomes[i], i);
        if (outcomes[i].started_ns == CLOCK_NEVER || outcomes[i].done_ns == CLOCK_NEVER)
            continue;
        turns[made++] = (struct turn){outcomes[i].started_ns, 1};
        turns[made++] = (struct turn){outcomes[i].done_ns, -1};
    }
    if (places > 0)
        window = find_window(turns, made, places);
    free(turns);
    return window;
}

/* --- Output ----------------------------------------------------------------------------------- */

static double share_within(double from, double to, double low, double high)
{
    if (to <= from)
        return from >= low && from <= high ? 1 : 0;
    return fmax(0, fmin(to, high) - fmax(from, low)) / (to - from);
}

/* A request's tokens that came in the window, which begins at 0 and ends at `window_s`. */
static double tokens_within(const struct outcome *outcome, int64_t from_ns, double window_s)
{
    double tokens = outcome->figures.value[METRIC_NUMBER_OUTPUT_TOKENS];
    double ttft_s = outcome->figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S];
    double done = clock_seconds(from_ns, outcome->done_ns);
    double first = clock_seconds(from_ns, outcome->sent_ns) + ttft_s;

    if (outcome->end != REQUEST_COMPLETED || !(tokens > 0))
        return 0;
    if (isnan(first)) /* it came whole */
        return tokens * share_within(done, done, 0, window_s);
    return share_within(first, first, 0, window_s) +
           (tokens - 1) * share_within(first, done, 0, window_s);
}

double window_throughput(const struct outcome *outcomes, size_t count, const struct window *window)
{
    double window_s = clock_seconds(window->from_ns, window->to_ns);
    double tokens = 0;

    if (window->to_ns <= window->from_ns)
        return NAN;
    for (size_t i = 0; i < count; i++) {
        tokens += tokens_within(&outcomes[i], window->from_ns, window_s);
        spill_pass(&outcomes[i], i);
    }
    return tokens / window_s;
}

/* --- Metrics ---------------------------------------------------------------------------------- */

static bool shows(const struct outcome *outcome, const struct window *window, enum metric metric)
{
    double first_s = clock_seconds(window->from_ns, outcome->sent_ns) +
                     outcome->figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S];

    return outcome->end == REQUEST_COMPLETED && !isnan(outcome->figures.value[metric]) &&
           first_s >= 0 && first_s <= clock_seconds(window->from_ns, window->to_ns) &&
           (metric == METRIC_CLIENT_TTFT_S || outcome->done_ns <= window->to_ns);
}

static size_t collect(const struct outcome *outcomes, size_t count, const struct window *window,
                      enum metric metric, double *values)
{
    size_t kept = 0;

    for (size_t i = 0; i < count && window->to_ns > window->from_ns; i++) {
        spill_pass(&outcomes[i], i);
        if (shows(&outcomes[i], window, metric))
            values[kept++] = outcomes[i].figures.value[metric];
    }
    return kept;
}

/* Mean gaps that are not known exactly count within their bounds. */
static struct metric_summary window_gaps(const struct outcome *outcomes, size_t count,
                                         const struct window *window, double *values)
{
    double *high = memory_new(count, sizeof *high);
    struct metric_bounds bounds;
    struct metric_summary summary;
    size_t kept =
        collect(outcomes, count, window, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S, values);

    collect(outcomes, count, window, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S, high);
    summary = bounds_summary(values, high, kept, &bounds);
    free(high);
    return summary;
}

struct metric_summary window_metric(const struct outcome *outcomes, size_t count,
                                    const struct window *window, enum metric metric, double *values)
{
    if (metric == METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S)
        return window_gaps(outcomes, count, window, values);
    return quantile_summary(values, collect(outcomes, count, window, metric, values));
}
