#include "stats/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/spill.h"
#include "stats/batches.h"
#include "stats/bounds.h"
#include "stats/quantile.h"
#include "stats/retries.h"
#include "stats/switching.h"
#include "stats/turns.h"
#include "stats/waves.h"
#include "stats/window.h"

void summary_error_code(enum request_end end, int http_status, char *code, size_t size)
{
    if (end == REQUEST_HTTP_ERROR)
        snprintf(code, size, "%d", http_status);
    else
        snprintf(code, size, "%s", request_end_words[end]);
}

struct error_count *summary_count_error(struct step *step, const struct outcome *outcome)
{
    char code[sizeof step->error->code];
    size_t at = 0;

    summary_error_code(outcome->end, outcome->http_status, code, sizeof code);
    while (at < step->error_kinds && strcmp(step->error[at].code, code) != 0)
        at++;
    if (at == step->error_kinds) {
        step->error = memory_resize(step->error, ++step->error_kinds, sizeof *step->error);
        step->error[at] = (struct error_count){.is_status = outcome->end == REQUEST_HTTP_ERROR};
        memcpy(step->error[at].code, code, sizeof code);
    }
    step->error[at].count++;
    return &step->error[at];
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct error_count *x = a;
    const struct error_count *y = b;

    if (x->count != y->count)
        return (x->count < y->count) - (x->count > y->count);
    return strcmp(x->code, y->code);
}

static void count_ends(const struct outcome *outcomes, size_t count, struct step *step)
{
    step->started = count;
    for (size_t i = 0; i < count; i++) {
        spill_pass(&outcomes[i], i);
        if (outcomes[i].end == REQUEST_COMPLETED) {
            step->completed++;
        } else {
            step->errors++;
            summary_count_error(step, &outcomes[i]);
        }
    }
    if (step->error_kinds)
        qsort(step->error, step->error_kinds, sizeof *step->error, most_frequent_first);
}

/* First send to last end, in seconds; NAN where nothing was begun. An attempt that never connected
 * was begun when connecting was. */
static double wall_time(const struct outcome *outcomes, size_t count)
{
    int64_t first = CLOCK_NEVER;
    int64_t last = CLOCK_NEVER;

    for (size_t i = 0; i < count; i++) {
        int64_t began = waves_sent_ns(&outcomes[i]);

        spill_pass(&outcomes[i], i);
        if (began == CLOCK_NEVER)
            continue;
        if (first == CLOCK_NEVER || began < first)
            first = began;
        if (outcomes[i].done_ns > last)
            last = outcomes[i].done_ns;
    }
    return clock_seconds(first, last);
}

/* The known values of one metric over the completed requests; returns how many. */
static size_t collect(const struct outcome *outcomes, size_t count, int metric, double *values)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        double value = outcomes[i].figures.value[metric];

        spill_pass(&outcomes[i], i);
        if (outcomes[i].end == REQUEST_COMPLETED && !isnan(value))
            values[kept++] = value;
    }
    return kept;
}

static double sum_of_output(const struct outcome *outcomes, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        spill_pass(&outcomes[i], i);
        if (outcomes[i].end == REQUEST_COMPLETED)
            sum += outcomes[i].figures.value[METRIC_NUMBER_OUTPUT_TOKENS];
    }
    return sum;
}

/* Mean gaps that are not known exactly count within their bounds. */
static void sum_up_gaps(const struct outcome *outcomes, size_t count, double *values,
                        struct step *step)
{
    double *high = memory_new(count, sizeof *high);
    size_t kept = collect(outcomes, count, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_LOW_S, values);

    collect(outcomes, count, METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_HIGH_S, high);
    step->metric[METRIC_CLIENT_MEAN_INTER_TOKEN_LATENCY_S] =
        bounds_summary(values, high, kept, &step->mean_gap_bounds);
    free(high);
}

/* Of requests, each by its last attempt; the row's wall time is known. */
static void sum_up(const struct outcome *outcomes, size_t count, struct step *step)
{
    double *values = memory_new(count, sizeof *values);

    count_ends(outcomes, count, step);
    for (int i = 0; i < METRIC_COUNT; i++)
        step->metric[i] = quantile_summary(values, collect(outcomes, count, i, values));
    sum_up_gaps(outcomes, count, values, step);
    free(values);
    step->client_total_output_throughput =
        step->wall_s > 0 ? sum_of_output(outcomes, count) / step->wall_s : NAN;
    step->completed_per_min = step->wall_s > 0 ? (double)step->completed / step->wall_s * 60 : NAN;
    step->mean_output_throughput = step->metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S].count
                                       ? step->metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S].mean
                                       : NAN;
    batches_count(outcomes, count, step);
    step->switching_time_largest_batch_s = switching_by_largest_batch(outcomes, count);
}

static void sum_up_window(const struct outcome *outcomes, size_t count, struct step *step)
{
    struct window window = window_of(outcomes, count, (size_t)step->row.concurrent_requests);
    double *values = memory_new(count, sizeof *values);

    step->window_output_throughput = window_throughput(outcomes, count, &window);
    for (int i = 0; i < STEP_WINDOW_METRICS; i++)
        step->window[i] = window_metric(outcomes, count, &window, step_window_metrics[i], values);
    free(values);
}

/* Counts local failures; returns how many outcomes are a request's last. */
static size_t count_requests(const struct outcome *outcomes, size_t count, struct step *step)
{
    size_t requests = 0;

    for (size_t i = 0; i < count; i++) {
        step->local_failures += request_end_is_local[outcomes[i].end];
        requests += !outcomes[i].retried;
        spill_pass(&outcomes[i], i);
    }
    return requests;
}

void summary_of(const struct outcome *outcomes, size_t count, struct step *step)
{
    size_t requests = count_requests(outcomes, count, step);
    struct outcome *copied = NULL;
    const struct outcome *last = outcomes;

    if (requests < count) {
        last = copied = memory_new(requests, sizeof *copied);
        retries_last(outcomes, count, copied);
    }
    step->wall_s = wall_time(outcomes, count);
    step->retries = count - requests;
    sum_up_window(outcomes, count, step);
    sum_up(last, requests, step);
    turns_sum_up(last, requests, step);
    step->switching = switching_estimate(outcomes, count);
    free(copied);
}
