#include "job/sending.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "job/interrupt.h"
#include "job/leading.h"
#include "job/load_of.h"
#include "job/prompter_trace.h"
#include "job/reusing.h"
#include "plan/address.h"
#include "stats/ends.h"
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

static void compose_turn(void *context, struct composed *composed, const char *response)
{
    struct sending *sending = context;

    prompter_compose_turn(sending->prompter, composed, response);
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

/* What a completed response says of how it opened and ended. */
static void note_completed(struct sending *sending, const struct request *request,
                           const struct figures *figures)
{
    sending->announced += request->announcements > 0;
    sending->without_text += request->first_token_without_text;
    ends_count(&sending->finish, request->finish_reason);
    sending->stopped_at_length += ends_at_length(request, figures);
}

static void make_room(struct sending *sending, size_t record)
{
    bool counts = sending->job->preparation->tokenizer != NULL;

    spill_grow(&sending->kept, (record + 1) * sizeof *sending->outcomes, sending->job->run->folder);
    sending->outcomes = sending->kept.bytes;
    while (counts && record >= sending->room) {
        sending->room = sending->room ? 2 * sending->room : 256;
        sending->words = memory_resize(sending->words, sending->room, sizeof *sending->words);
    }
}

static struct step_rank *rank_of(struct sending *sending, size_t ranks, size_t rank)
{
    if (sending->ranks == 0) {
        sending->ranks = ranks;
        sending->of_rank = memory_new(ranks, sizeof *sending->of_rank);
    }
    return &sending->of_rank[rank];
}

static void count_rank(struct sending *sending, const struct request *request)
{
    struct step_rank *rank = rank_of(sending, request->ranks, request->rank);

    rank->requests += request->attempt == 1;
    rank->health.clock_uncertainty_s =
        fmax(rank->health.clock_uncertainty_s, request->clock_uncertainty_s);
}

void sending_note_rank(struct sending *sending, size_t ranks, size_t rank,
                       const struct health *health, int64_t wait_ns)
{
    struct step_rank *noted = rank_of(sending, ranks, rank);
    double uncertainty_s = noted->health.clock_uncertainty_s;

    noted->health = *health;
    noted->health.clock_uncertainty_s = fmax(health->clock_uncertainty_s, uncertainty_s);
    noted->journal_wait_s = clock_seconds(0, wait_ns);
}

static void keep_outcome(struct sending *sending, const struct request *request,
                         const struct figures *figures)
{
    make_room(sending, request->record);
    if (sending->words)
        sending->words[request->record] = request->asked.words;
    sending->outcomes[request->record] = (struct outcome){.index = request->index,
                                                          .record = request->record,
                                                          .attempt = request->attempt,
                                                          .started_ns = request->started_ns,
                                                          .sent_ns = request->sent_ns,
                                                          .done_ns = request->done_ns,
                                                          .end = request->end,
                                                          .http_status = request->http_status,
                                                          .probe_burst = request->asked.probe_burst,
                                                          .phase = request->phase,
                                                          .session = request->asked.session,
                                                          .turn = request->asked.turn,
                                                          .turns = request->asked.turns,
                                                          .figures = *figures};
    spill_pass(&sending->outcomes[request->record], sending->ended);
    if (request->ranks > 1)
        count_rank(sending, request);
    sending->ended++;
    sending->requests += request->attempt == 1;
    sending->retried += !isnan(request->retry_wait_s);
    sending->non_streaming += request->non_streaming;
    if (request->end != REQUEST_COMPLETED) {
        sending->failed_in_a_row += isnan(request->retry_wait_s);
        note_failure(sending, request);
        return;
    }
    sending->at_once += figures_came_in_one_read(request, figures);
    note_completed(sending, request, figures);
    sending->recent_ttft[sending->completed++ % SENDING_RECENT] =
        figures->value[METRIC_CLIENT_TTFT_S];
    sending->output_tokens += figures->value[METRIC_NUMBER_OUTPUT_TOKENS];
}

/* An endpoint that fails every request: there is nothing to measure. */
static bool is_hopeless(const struct sending *sending)
{
    const struct sending *phases = sending->phases;
    size_t completed = sending->completed + (phases ? phases->completed : 0);
    size_t failed = sending->failed_in_a_row + (phases ? phases->failed_in_a_row : 0);
    size_t most = (size_t)sending->job->preparation->settings.max_consecutive_errors;
    size_t least = 2 * (size_t)sending->row->concurrent_requests;

    return most > 0 && completed == 0 && failed >= (most > least ? most : least);
}

/* What a request was for, as who watches is shown it. */
static const char *part_word(const struct sending *part, const struct request *request)
{
    if (part->part == STEP_PROBE)
        return "probe";
    return request->phase == REQUEST_COUNTED ? "load" : request_phase_words[request->phase];
}

/* Adds a record to its part; how they were sent is the load's. False where it cannot be kept. */
static bool take(struct sending *part, const struct row *row, const struct request *request,
                 const struct request_texts *texts)
{
    enum latency_start start = row->concurrent_requests ? LATENCY_FROM_SENT : LATENCY_FROM_INTENDED;
    struct figures figures = figures_of(request, start);
    struct request of_part = *request;

    of_part.index += part->first;
    of_part.record = part->ended;
    pthread_mutex_lock(&part->lock);
    keep_outcome(part, &of_part, &figures);
    if (request->end == REQUEST_COMPLETED)
        token_gaps_add(&part->gaps, request);
    pthread_mutex_unlock(&part->lock);
    meters_take(part->metered, part_word(part, request), request, &figures);
    if (request->end == REQUEST_COMPLETED)
        part->output_asked += (double)request->asked.output_tokens;
    return step_files_add(part->files, part->part, &of_part, &figures, texts, part->error);
}

/* A search's step ends as soon as it tells enough. */
static void ask_guide(struct sending *sending, const struct request *request)
{
    const struct guide *guide = sending->job->guide;
    enum latency_start start =
        sending->row->concurrent_requests ? LATENCY_FROM_SENT : LATENCY_FROM_INTENDED;
    struct figures figures;

    if (!guide || sending->part != STEP_LOAD || !isnan(request->retry_wait_s))
        return;
    figures = figures_of(request, start);
    if (guide->enough(guide->context, sending->job->member, request, &figures))
        atomic_store(sending->job->enough, true);
}

static bool has_enough(const struct sending *sending)
{
    return sending->part == STEP_LOAD && sending->job->guide && atomic_load(sending->job->enough);
}

enum load_decision sending_take(struct sending *sending, const struct request *request,
                                const struct request_texts *texts)
{
    struct sending *part = request->phase == REQUEST_COUNTED ? sending : sending->phases;

    if (!sending->unwritable && !take(part, sending->row, request, texts))
        sending->unwritable = true;
    else if (!sending->unwritable)
        ask_guide(sending, request);
    return sending->unwritable                           ? LOAD_GIVE_UP
           : has_enough(sending) || is_hopeless(sending) ? LOAD_STOP_EARLY
                                                         : LOAD_CONTINUE;
}

static enum load_decision on_request_done(void *context, const struct request *request,
                                          const struct request_texts *texts)
{
    struct sending *sending = context;

    return sending->led ? leading_take_own(sending->led, request, texts)
                        : sending_take(sending, request, texts);
}

/* More kinds of failures fill no line. */
enum { SHOWN_ERRORS = 48 };

/* What the display shows of the part: a copy, since the loops continue meanwhile. */
struct snapshot {
    size_t uncounted; /* records that are no request of this load: of others, or sent again */
    size_t recent, errors;
    double output_tokens;
    double ttft[SENDING_RECENT];
    struct error_count error[SHOWN_ERRORS];
};

static void take_snapshot(struct sending *sending, struct snapshot *snapshot)
{
    const struct step *failed = &sending->failed;

    pthread_mutex_lock(&sending->lock);
    snapshot->uncounted = sending->before + sending->retried;
    snapshot->recent = sending->completed < SENDING_RECENT ? sending->completed : SENDING_RECENT;
    snapshot->errors = failed->error_kinds < SHOWN_ERRORS ? failed->error_kinds : SHOWN_ERRORS;
    snapshot->output_tokens = sending->output_tokens;
    memcpy(snapshot->ttft, sending->recent_ttft, snapshot->recent * sizeof *snapshot->ttft);
    if (snapshot->errors > 0)
        memcpy(snapshot->error, failed->error, snapshot->errors * sizeof *snapshot->error);
    pthread_mutex_unlock(&sending->lock);
}

/* Of the last requests only, so that the cost of drawing does not grow with the row. */
static void show_recent_ttft(struct snapshot *snapshot, struct progress_view *view)
{
    view->ttft_p50_s = view->ttft_p95_s = NAN;
    if (snapshot->recent == 0)
        return;
    quantile_sort(snapshot->ttft, snapshot->recent);
    view->ttft_p50_s = quantile_of_sorted(snapshot->ttft, snapshot->recent, 0.5);
    view->ttft_p95_s = quantile_of_sorted(snapshot->ttft, snapshot->recent, 0.95);
}

static void tell_stop(struct sending *sending, size_t in_flight)
{
    char line[160];

    sending->reported_stop = true;
    if (in_flight == 0)
        return;
    snprintf(line, sizeof line,
             "stopping: no more is sent; waiting up to %g s for %zu request%s in flight (once more "
             "cancels)",
             sending->job->preparation->settings.stop_grace_s, in_flight,
             in_flight == 1 ? "" : "s");
    progress_say(sending->job->progress, line);
}

static void draw(struct sending *sending, const struct load_progress *now)
{
    /* of the part: the journal may still be behind at a burst before this one */
    size_t written = step_files_written(sending->files, sending->part);
    struct snapshot snapshot;
    struct progress_view view = {.row = sending->row,
                                 .index = sending->job->index,
                                 .in_flight = now->in_flight,
                                 .chunks = (double)now->chunks,
                                 .elapsed_s = now->elapsed_s,
                                 .counted_s = now->counted_s};

    take_snapshot(sending, &snapshot);
    view.done = written > snapshot.uncounted ? written - snapshot.uncounted : 0;
    if (sending->phases)
        view.uncounted = step_files_written(sending->files, STEP_PHASES);
    view.output_tokens = snapshot.output_tokens;
    view.error = snapshot.error;
    view.error_kinds = snapshot.errors;
    show_recent_ttft(&snapshot, &view);
    progress_draw(sending->job->progress, &view);
}

/* Of all ranks, where several send it. */
static void on_progress(void *context, const struct load_progress *own)
{
    struct sending *sending = context;
    struct load_progress now = *own;

    if (sending->led)
        leading_add_others(sending->led, &now);
    reusing_tell(sending->job->preparation, sending->job->progress);
    if (interrupt_asked && !sending->reported_stop)
        tell_stop(sending, now.in_flight);
    meters_show(sending->metered, now.in_flight, now.elapsed_s);
    if (sending->job->progress->live)
        draw(sending, &now);
}

void sending_tell_silence(const struct step_job *job)
{
    char *shown;
    char line[400];

    if (atomic_exchange(job->idle_silent, true))
        return; /* a row that runs beside has reported it */
    shown = address_hide(job->preparation->target.idle_url);
    snprintf(line, sizeof line,
             "GET %.200s got no response within connection.connect_timeout: from now on requests "
             "open their own connections",
             shown);
    progress_say(job->progress, line);
    free(shown);
}

bool sending_run(struct sending *sending, double timeout_s, struct load_result *result)
{
    const struct step_job *job = sending->job;
    struct load load =
        load_of(job->preparation, sending->row, sending->prompter, job->index, timeout_s);
    bool done;

    load.preconnect = load.preconnect && !*job->idle_silent;
    load.places = job->places;
    load.member = job->member;
    load.start = job->start;
    load.enough = sending->part == STEP_LOAD ? job->enough : NULL;
    load.context = sending;
    load.compose = compose;
    load.compose_turn = row_has_sessions(sending->row) ? compose_turn : NULL;
    load.fit = fit;
    load.learn = learn;
    load.on_request_done = on_request_done;
    load.on_progress = on_progress;
    done = job->leading && sending->part == STEP_LOAD
               ? leading_send(job->leading, sending, &load, result, sending->error)
               : load_run(&load, result, sending->error);
    reusing_tell(job->preparation, job->progress);
    if (result->idle_silent)
        sending_tell_silence(sending->job);
    return done && !sending->unwritable &&
           prompter_trace_conclude(sending->prompter, sending->error);
}

static void sort_spilled(struct sending *sending)
{
    struct spill sorted = {.fd = -1};

    spill_grow(&sorted, sending->ended * sizeof *sending->outcomes, sending->job->run->folder);
    waves_copy_sorted(sending->outcomes, sending->ended, sorted.bytes);
    spill_swap(&sorted, &sending->kept);
    sending->outcomes = sending->kept.bytes;
    spill_clear(&sorted);
}

void sending_sort(struct sending *sending)
{
    retries_mark(sending->outcomes, sending->ended);
    if (sending->kept.fd < 0)
        waves_sort(sending->outcomes, sending->ended);
    else
        sort_spilled(sending);
}

void sending_clear(struct sending *sending)
{
    step_clear(&sending->failed);
    free(sending->finish.reason);
    spill_clear(&sending->kept);
    free(sending->words);
    free(sending->of_rank);
    token_gaps_clear(&sending->gaps);
    pthread_mutex_destroy(&sending->lock);
}
