/* Requests of a mix for tests: outcomes as the server's clock shows them. */
#ifndef MIXES_H
#define MIXES_H

#include <math.h>
#include <stddef.h>

#include "record/request.h"

/* A completed request that was sent at `sent_s` and ran from `begin_s` on; the server tells its
 * TTFT and that its last token came at `done_s`. */
static inline struct outcome served(double sent_s, double begin_s, double ttft_s, double done_s)
{
    struct outcome outcome = {.end = REQUEST_COMPLETED,
                              .started_ns = (int64_t)(sent_s * 1e9),
                              .sent_ns = (int64_t)(sent_s * 1e9),
                              .done_ns = (int64_t)(done_s * 1e9)};

    for (int metric = 0; metric < METRIC_COUNT; metric++)
        outcome.figures.value[metric] = NAN;
    outcome.figures.value[METRIC_SERVER_TTFT_S] = ttft_s;
    outcome.figures.value[METRIC_SERVER_END_TO_END_LATENCY_S] = done_s - begin_s;
    outcome.figures.value[METRIC_CLIENT_TTFT_S] = begin_s - sent_s + ttft_s;
    outcome.figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = begin_s - sent_s + ttft_s;
    return outcome;
}

/* The same where only the client's clock knows it. */
static inline struct outcome seen(double sent_s, double ttft_s, double done_s)
{
    struct outcome outcome = served(sent_s, sent_s, ttft_s, done_s);

    outcome.figures.value[METRIC_SERVER_TTFT_S] = NAN;
    outcome.figures.value[METRIC_SERVER_END_TO_END_LATENCY_S] = NAN;
    return outcome;
}

/* A list of pointers to `count` outcomes that follow each other, which stays for the whole test. */
static inline const struct outcome *const *each(const struct outcome *outcome, size_t count)
{
    static const struct outcome *pointer[20000];
    static size_t used;
    const struct outcome **list;

    used = used + count > sizeof pointer / sizeof *pointer ? 0 : used;
    list = &pointer[used];
    for (size_t i = 0; i < count; i++)
        list[i] = &outcome[i];
    used += count;
    return list;
}

#endif
