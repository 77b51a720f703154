#include "command/sending.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/interrupt.h"
#include "core/clock.h"
#include "core/memory.h"
#include "stats/figures.h"
#include "stats/quantile.h"
#include "stats/retries.h"
#include "stats/summary.h"
#include "stats/waves.h"

static void compose(void *context, struct composed *composed)
{
    struct sending *sending = context;

    prompter_compose(sending->prompter, composed);
    if (sending->part == STEP_PROBE) /* one at a time, each is a burst of its own */
        composed->asked.probe_burst = sending->row->concurrent_requests == 1
                                          ? (int64_t)composed->index + 1
                                          : (int64_t)sending->bursts + 1;
}

static void fit(void *context, struct composed *composed)
{
    struct sending *sending = context;

    prompter_fit(sending->prompter, composed);
}

static void learn(void *context, const struct request *request)
{
    struct sending *sending = context;

    if (request->end == REQUEST_COMPLETED)
        prompter_learn(sending->prompter, request);
}

/* Counts it by kind, and keeps the first sentence of each kind for people. */
static void note_failure(struct sending *sending, const struct request *request)
{
    struct error_count *error =
        summary_count_error(&sending->failed, &sending->outcomes[request->record]);

    if (error->count == 1)
        snprintf(error->example, sizeof error->example, "%.255s", request->message);
}

static void keep_outcome(struct sending *sending, const struct request *request,
                         const struct figures *figures)
{
    while (request->record >= sending->room) {
        sending->room = sending->room ? 2 * sending->room : 256;
        sending->outcomes =
            memory_resize(sending->outcomes, sending->room, sizeof *sending->outcomes);
    }
    sending->outcomes[request->record] = (struct outcome){.index = request->index,
                                                          .record = request->record,
                                                          .attempt = request->attempt,
                                                          .started_ns = request->started_ns,
                                                          .sent_ns = request->sent_ns,
                                                          .done_ns = request->done_ns,
                                                          .end = request->end,
                                                          .http_status = request->http_status,
                                                          .probe_burst = request->asked.probe_burst,
                                                          .figures = *figures};
    sending->ended++;
    if (request->index >= sending->requests)
        sending->requests = request->index + 1;
    sending->retried += !isnan(request->retry_wait_s);
    sending->non_streaming += request->non_streaming;
    if (request->end != REQUEST_COMPLETED) {
        sending->failed_in_a_row += isnan(request->retry_wait_s);
        note_failure(sending, request);
        return;
    }
    sending->recent_ttft[sending->completed++ % SENDING_RECENT] =
        figures->value[METRIC_CLIENT_TTFT_S];
    sending->output_tokens += figures->value[METRIC_NUMBER_OUTPUT_TOKENS];
}

/* An endpoint that fails every request: there is nothing to measure. */
static bool is_hopeless(const struct sending *sending)
{
    size_t most = (size_t)sending->job->preparation->settings.max_consecutive_errors;
    size_t least = 2 * (size_t)sending->row->concurrent_requests;

    return most > 0 && sending->completed == 0 &&
           sending->failed_in_a_row >= (most > least ? most : least);
}

static enum load_answer on_request_done(void *context, const struct request *request,
                                        const struct said *said)
{
    struct sending *sending = context;
    enum latency_start start =
        sending->row->concurrent_requests ? LATENCY_FROM_SENT : LATENCY_FROM_INTENDED;
    struct figures figures = figures_of(request, start);
    struct request of_part = *request;

    of_part.index += sending->first;
    of_part.record = sending->ended;
    keep_outcome(sending, &of_part, &figures);
    if (request->end == REQUEST_COMPLETED)
        sending->output_asked += (double)request->asked.output_tokens;
    if (!sending->unwritable &&
        !step_files_add(sending->files, sending->part, &of_part, &figures, said, sending->error))
        sending->unwritable = true;
    return sending->unwritable ? LOAD_GIVE_UP : is_hopeless(sending) ? LOAD_STOP_EARLY : LOAD_GO_ON;
}

/* Of the last requests only, so that the cost of drawing does not grow with the row. */
static void take_recent_ttft(const struct sending *sending, struct progress_view *view)
{
    size_t count = sending->completed < SENDING_RECENT ? sending->completed : SENDING_RECENT;
    double values[SENDING_RECENT];

    view->ttft_p50_s = view->ttft_p95_s = NAN;
    if (count == 0)
        return;
    memcpy(values, sending->recent_ttft, count * sizeof *values);
    quantile_sort(values, count);
    view->ttft_p50_s = quantile_of_sorted(values, count, 0.5);
    view->ttft_p95_s = quantile_of_sorted(values, count, 0.95);
}

static void tell_stop(struct sending *sending, size_t in_flight)
{
    char line[160];

    sending->told_stop = true;
    if (in_flight == 0)
        return;
    snprintf(line, sizeof line,
             "stopping: no more is sent; waiting up to %g s for %zu request%s in flight (once more "
             "cancels)",
             sending->job->preparation->settings.stop_grace_s, in_flight,
             in_flight == 1 ? "" : "s");
    progress_say(sending->job->progress, line);
}

static void on_progress(void *context, const struct load_progress *now)
{
    struct sending *sending = context;
    /* of the part: the journal may still be behind at a burst before this one */
    size_t written = step_files_written(sending->files, sending->part);
    size_t before = sending->before + sending->retried;
    struct progress_view view = {.row = sending->row,
                                 .index = sending->job->index,
                                 .done = written > before ? written - before : 0,
                                 .in_flight = now->in_flight,
                                 .chunks = (double)now->chunks,
                                 .elapsed_s = now->elapsed_s,
                                 .output_tokens = sending->output_tokens,
                                 .error = sending->failed.error,
                                 .error_kinds = sending->failed.error_kinds};

    if (interrupt_asked && !sending->told_stop)
        tell_stop(sending, now->in_flight);
    if (!sending->job->progress->live)
        return;
    take_recent_ttft(sending, &view);
    progress_draw(sending->job->progress, &view);
}

bool sending_run(struct sending *sending, double timeout_s, struct load_result *result)
{
    const struct preparation *preparation = sending->job->preparation;
    struct load load = {.target = &preparation->target,
                        .row = sending->row,
                        .retry = &preparation->settings.retry.rules,
                        .seed = (uint64_t)preparation->settings.seed,
                        .step = sending->job->index,
                        .body = &sending->prompter->body,
                        .image = &sending->prompter->image,
                        .timeout_s = timeout_s,
                        .stop_grace_s = preparation->settings.stop_grace_s,
                        .preconnect = preparation->settings.connection.preconnect,
                        .precise = preparation->settings.pacing == PACING_PRECISE,
                        .threads = (size_t)preparation->settings.threads,
                        .stop = &interrupt_asked,
                        .keep_texts = preparation->settings.save_llm_responses,
                        .context = sending,
                        .compose = compose,
                        .fit = fit,
                        .learn = learn,
                        .on_request_done = on_request_done,
                        .on_progress = on_progress};

    return load_run(&load, result, sending->error) && !sending->unwritable;
}

static int by_start(const void *a, const void *b)
{
    const struct outcome *x = a;
    const struct outcome *y = b;

    if (waves_sent_ns(x) != waves_sent_ns(y))
        return (waves_sent_ns(x) > waves_sent_ns(y)) - (waves_sent_ns(x) < waves_sent_ns(y));
    return (x->index > y->index) - (x->index < y->index);
}

void sending_sort(struct sending *sending)
{
    retries_mark(sending->outcomes, sending->ended);
    if (sending->ended > 0)
        qsort(sending->outcomes, sending->ended, sizeof *sending->outcomes, by_start);
}

void sending_clear(struct sending *sending)
{
    step_clear(&sending->failed);
    free(sending->outcomes);
}
