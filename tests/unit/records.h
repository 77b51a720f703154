/* Records for tests to start from: nothing known, nothing happened, until a test says so. */
#ifndef RECORDS_H
#define RECORDS_H

#include <math.h>

#include "core/clock.h"
#include "core/memory.h"
#include "record/request.h"
#include "record/step.h"
#include "wire/dialect.h"

#define MS INT64_C(1000000) /* nanoseconds */

static inline struct figures no_figures(void)
{
    struct figures figures;

    for (int i = 0; i < METRIC_COUNT; i++)
        figures.value[i] = NAN;
    return figures;
}

/* A completed request with both TTFTs, sent at `sent_ms`, done at `done_ms`. */
static inline struct outcome outcome_of(double client_ttft_s, double server_ttft_s, int64_t sent_ms,
                                        int64_t done_ms)
{
    struct outcome outcome = {
        .sent_ns = sent_ms * MS,
        .done_ns = done_ms * MS,
        .end = REQUEST_COMPLETED,
        .http_status = 200,
        .figures = no_figures(),
    };

    outcome.figures.value[METRIC_CLIENT_TTFT_S] = client_ttft_s;
    outcome.figures.value[METRIC_SERVER_TTFT_S] = server_ttft_s;
    return outcome;
}

/* A request that was taken up and came no further. */
static inline struct request request_begun(void)
{
    return (struct request){
        .started_ns = 0,
        .intended_ns = 0,
        .let_go_ns = CLOCK_NEVER,
        .sent_ns = CLOCK_NEVER,
        .first_byte_ns = CLOCK_NEVER,
        .first_event_ns = CLOCK_NEVER,
        .first_reasoning_ns = CLOCK_NEVER,
        .first_content_ns = CLOCK_NEVER,
        .last_chunk_ns = CLOCK_NEVER,
        .done_ns = CLOCK_NEVER,
        .asked = {.name = "words"},
        .usage = usage_unknown,
    };
}

#endif
