#include "command/step.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/interrupt.h"
#include "command/prompter.h"
#include "core/clock.h"
#include "core/memory.h"
#include "load/load.h"
#include "stats/figures.h"
#include "stats/health.h"
#include "stats/quantile.h"
#include "stats/summary.h"
#include "store/name.h"
#include "store/step_files.h"

enum { RECENT = 512 };

/* A step under way. */
struct stepping {
    const struct step_job *job;
    struct step *step;
    struct step_files files;
    struct prompter prompter;
    struct outcome *outcomes; /* one per request, by its index */
    size_t ended, room;
    double recent_ttft[RECENT]; /* of the last requests that completed, a ring */
    size_t completed;
    double output_tokens; /* of those */
    double output_asked;
    struct step so_far; /* what failed yet, by kind */
    struct error *error;
    bool unwritable;
    bool told_stop; /* that the run is being stopped */
};

static void compose(void *context, struct composed *composed)
{
    struct stepping *stepping = context;

    prompter_compose(&stepping->prompter, composed);
}

static void fit(void *context, struct composed *composed)
{
    struct stepping *stepping = context;

    prompter_fit(&stepping->prompter, composed);
}

static void learn(void *context, const struct request *request)
{
    struct stepping *stepping = context;

    if (request->end == REQUEST_COMPLETED)
        prompter_learn(&stepping->prompter, request);
}

/* Counts it by kind, and keeps the first sentence of each kind for people. */
static void note_failure(struct stepping *stepping, const struct request *request)
{
    struct error_count *error =
        summary_count_error(&stepping->so_far, &stepping->outcomes[request->index]);

    if (error->count == 1)
        snprintf(error->example, sizeof error->example, "%.255s", request->message);
}

static void keep_outcome(struct stepping *stepping, const struct request *request,
                         const struct figures *figures)
{
    while (request->index >= stepping->room) {
        stepping->room = stepping->room ? 2 * stepping->room : 256;
        stepping->outcomes =
            memory_resize(stepping->outcomes, stepping->room, sizeof *stepping->outcomes);
    }
    stepping->outcomes[request->index] = (struct outcome){.index = request->index,
                                                          .started_ns = request->started_ns,
                                                          .sent_ns = request->sent_ns,
                                                          .done_ns = request->done_ns,
                                                          .end = request->end,
                                                          .http_status = request->http_status,
                                                          .figures = *figures};
    stepping->ended++;
    if (request->end != REQUEST_COMPLETED) {
        note_failure(stepping, request);
        return;
    }
    stepping->recent_ttft[stepping->completed++ % RECENT] = figures->value[METRIC_CLIENT_TTFT_S];
    stepping->output_tokens += figures->value[METRIC_NUMBER_OUTPUT_TOKENS];
}

static bool on_request_done(void *context, const struct request *request, const struct said *said)
{
    struct stepping *stepping = context;
    enum latency_start start =
        stepping->job->row->concurrent_requests ? LATENCY_FROM_SENT : LATENCY_FROM_INTENDED;
    struct figures figures = figures_of(request, start);

    keep_outcome(stepping, request, &figures);
    if (request->end == REQUEST_COMPLETED)
        stepping->output_asked += (double)request->asked.output_tokens;
    if (!stepping->unwritable &&
        !step_files_add(&stepping->files, request, &figures, said, stepping->error))
        stepping->unwritable = true;
    return !stepping->unwritable;
}

/* Of the last requests only, so that the cost of drawing does not grow with the row. */
static void take_recent_ttft(const struct stepping *stepping, struct progress_view *view)
{
    size_t count = stepping->completed < RECENT ? stepping->completed : RECENT;
    double values[RECENT];

    view->ttft_p50_s = view->ttft_p95_s = NAN;
    if (count == 0)
        return;
    memcpy(values, stepping->recent_ttft, count * sizeof *values);
    quantile_sort(values, count);
    view->ttft_p50_s = quantile_of_sorted(values, count, 0.5);
    view->ttft_p95_s = quantile_of_sorted(values, count, 0.95);
}

static void tell_stop(struct stepping *stepping, size_t in_flight)
{
    char line[160];

    stepping->told_stop = true;
    if (in_flight == 0)
        return;
    snprintf(line, sizeof line,
             "stopping: no more is sent; waiting up to %g s for %zu request%s in flight (once more "
             "cancels)",
             stepping->job->preparation->settings.stop_grace_s, in_flight,
             in_flight == 1 ? "" : "s");
    progress_say(stepping->job->progress, line);
}

static void on_progress(void *context, const struct load_progress *now)
{
    struct stepping *stepping = context;
    struct progress_view view = {.row = stepping->job->row,
                                 .index = stepping->job->index,
                                 .done = step_files_written(&stepping->files),
                                 .in_flight = now->in_flight,
                                 .chunks = (double)now->chunks,
                                 .elapsed_s = now->elapsed_s,
                                 .output_tokens = stepping->output_tokens,
                                 .error = stepping->so_far.error,
                                 .error_kinds = stepping->so_far.error_kinds};

    if (interrupt_asked && !stepping->told_stop)
        tell_stop(stepping, now->in_flight);
    if (!stepping->job->progress->live)
        return;
    take_recent_ttft(stepping, &view);
    progress_draw(stepping->job->progress, &view);
}

static bool send_all(struct stepping *stepping)
{
    const struct preparation *preparation = stepping->job->preparation;
    struct load load = {.target = &preparation->target,
                        .row = stepping->job->row,
                        .seed = (uint64_t)preparation->settings.seed,
                        .step = stepping->job->index,
                        .body = &stepping->prompter.body,
                        .image = &stepping->prompter.image,
                        .timeout_s = preparation->settings.timeout_s,
                        .stop_grace_s = preparation->settings.stop_grace_s,
                        .preconnect = preparation->settings.connection.preconnect,
                        .precise = preparation->settings.pacing == PACING_PRECISE,
                        .threads = (size_t)preparation->settings.threads,
                        .stop = &interrupt_asked,
                        .keep_texts = preparation->settings.save_llm_responses,
                        .context = stepping,
                        .compose = compose,
                        .fit = fit,
                        .learn = learn,
                        .on_request_done = on_request_done,
                        .on_progress = on_progress};
    struct load_result result = {0};

    if (!load_run(&load, &result, stepping->error))
        return false;
    stepping->step->end = result.end;
    stepping->step->connections_opened_ahead = result.connections_opened_ahead;
    stepping->step->health = result.health;
    return !stepping->unwritable;
}

static int64_t start_of(const struct outcome *outcome)
{
    return outcome->sent_ns == CLOCK_NEVER ? outcome->started_ns : outcome->sent_ns;
}

static int by_start(const void *a, const void *b)
{
    const struct outcome *x = a;
    const struct outcome *y = b;

    if (start_of(x) != start_of(y))
        return (start_of(x) > start_of(y)) - (start_of(x) < start_of(y));
    return (x->index > y->index) - (x->index < y->index);
}

static void keep_examples(const struct step *from, struct step *to)
{
    for (size_t i = 0; i < to->error_kinds; i++) {
        for (size_t k = 0; k < from->error_kinds; k++) {
            if (strcmp(from->error[k].code, to->error[i].code) == 0)
                to->error[i] = from->error[k];
        }
    }
}

static void note_output_share(struct stepping *stepping)
{
    if (stepping->output_asked > 0)
        stepping->step->fidelity.output_share = stepping->output_tokens / stepping->output_asked;
}

/* What the row taught serves the next of its model, and the next run. */
static void keep_counts(struct stepping *stepping)
{
    struct error error;

    if (!prompter_keep(&stepping->prompter, &error))
        progress_say(stepping->job->progress, error.text);
}

static bool finish(struct stepping *stepping)
{
    struct step *step = stepping->step;

    step->timestamp_s = clock_wall_ns() / CLOCK_NS_PER_S;
    step->journal_wait_s = clock_seconds(0, stepping->files.recording.wait_ns);
    step->journal_fill_most = stepping->files.recording.fill_most;
    if (stepping->ended > 0) /* handed over in order, but one may have waited for its connection */
        qsort(stepping->outcomes, stepping->ended, sizeof *stepping->outcomes, by_start);
    summary_of(stepping->outcomes, stepping->ended, step);
    keep_examples(&stepping->so_far, step);
    note_output_share(stepping);
    keep_counts(stepping);
    health_judge(step, &stepping->job->preparation->settings.health);
    if (stepping->job->preparation->settings.concurrency_enabled)
        step->switching = (struct switching){.verdict = SWITCHING_PARALLEL, .time_s = NAN};
    return step_files_end(&stepping->files, step, stepping->outcomes,
                          stepping->job->preparation->settings.sampling_params, stepping->error);
}

bool step_run(const struct step_job *job, struct step *step, struct error *error)
{
    struct stepping stepping = {.job = job, .step = step, .error = error};
    bool done;

    *step = (struct step){.index = job->index,
                          .name = name_of_step(job->row),
                          .row = row_copy(job->row),
                          .pass = job->pass,
                          .predecessor = job->predecessor,
                          .follows_cut_short = job->follows_cut_short};
    progress_row_begins(job->progress, job->row, job->index);
    done = step_files_begin(&stepping.files, job->run, job->recorder, job->index, step->name,
                            job->preparation->settings.save_llm_responses, error) &&
           prompter_init(&stepping.prompter, job->preparation, &step->row, job->index,
                         &step->fidelity, error) &&
           send_all(&stepping) && finish(&stepping);
    if (done)
        progress_row_ends(job->progress, step);
    step_files_clear(&stepping.files);
    prompter_clear(&stepping.prompter);
    step_clear(&stepping.so_far);
    free(stepping.outcomes);
    return done;
}
