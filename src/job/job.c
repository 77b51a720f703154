#include "job/job.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "job/addressing.h"
#include "job/free_counting.h"
#include "job/interrupt.h"
#include "job/leading.h"
#include "job/listing.h"
#include "job/mixing.h"
#include "job/readiness.h"
#include "job/reusing.h"
#include "job/running.h"
#include "job/sending.h"
#include "job/step.h"
#include "job/typed_run.h"
#include "job/watching.h"
#include "load/fetch.h"
#include "plan/advice.h"
#include "store/run_pid.h"

/* For who holds the journal, which keeps all others away. */
static bool write_pid(struct running *running, struct error *error)
{
    running->has_pid = run_pid_write(running->run->folder, error);
    return running->has_pid;
}

/* The run's own copies are the ones that its manifest names. */
static bool keep_inputs(struct running *running, struct manifest_facts *facts, struct error *error)
{
    if (!typed_run_keep(running->run->folder, facts->config_path,
                        facts->settings->model_configs_path, &running->kept_config,
                        &running->kept_rows, error))
        return false;
    facts->config_path = running->kept_config;
    facts->rows_path = running->kept_rows;
    return true;
}

/* A new run's folder, journal and manifest. */
static bool begin_run(struct running *running, struct manifest_facts *facts, struct error *error)
{
    const struct settings *settings = facts->settings;
    char *journal;
    bool recording, done;

    if (!running->options->made &&
        !run_create(running->run, settings->output_files_dir, settings->consolidated_results_dir,
                    settings->run_name, facts->started_wall_ns, error))
        return false;
    if (running->options->keep_inputs && !keep_inputs(running, facts, error)) {
        run_abandon(running->run, false);
        return false;
    }
    journal = file_join(running->run->folder, journal_file_name);
    running->manifest = manifest_new(running->run, facts);
    manifest_set_connection_reuse(running->manifest, reusing_word(running->preparation));
    recording = recorder_start(&running->recorder, journal, error);
    done = recording && write_pid(running, error) &&
           manifest_write(running->manifest, running->run, error);
    if (!done)
        run_abandon(running->run, recording);
    free(journal);
    return done;
}

/* Whether it is the run that is asked for; where not, each difference is a fault. */
static bool match_run(struct running *running, const struct manifest_facts *facts,
                      struct error *error)
{
    struct faults faults = {0};
    struct faults *differences = running->options->differences;

    running->manifest = manifest_resume(running->run, facts, differences ? differences : &faults);
    if (!running->manifest)
        error_set(error, "%s cannot be resumed: it was started with something else",
                  running->run->folder);
    faults_clear(&faults);
    return running->manifest != NULL;
}

static void tell_resumption(struct running *running)
{
    const struct resumption *resumption = &running->resumption;
    char line[160];

    if (resumption->left == 0)
        snprintf(line, sizeof line, "resumed: all %zu steps have ended; nothing is left to send",
                 resumption->steps);
    else
        snprintf(line, sizeof line,
                 "resumed: %zu of %zu steps have ended; %zu of the others start%s over",
                 resumption->steps - resumption->left, resumption->steps, resumption->restarted,
                 resumption->restarted == 1 ? "s" : "");
    progress_say(&running->progress, line);
}

/* Holding the journal first keeps all others away. */
static bool reopen_run(struct running *running, const struct manifest_facts *facts,
                       const char *folder, struct error *error)
{
    char *journal = file_join(folder, journal_file_name);
    bool done =
        run_open(running->run, folder, facts->settings->consolidated_results_dir, error) &&
        recorder_resume(&running->recorder, journal, error) && match_run(running, facts, error) &&
        running_count_steps(running) &&
        resumption_read(&running->resumption, running->run, &running->preparation->rows,
                        &running->preparation->order, running->steps, running->manifest, error) &&
        running_recall(running, error) &&
        resumption_begin(&running->resumption, running->run, running->manifest, error) &&
        write_pid(running, error);

    if (done)
        tell_resumption(running);
    else
        run_clear(running->run); /* nothing was sent: nothing new is to be found there */
    free(journal);
    return done;
}

static bool open_run(struct running *running, const char *resume, struct error *error)
{
    const struct preparation *preparation = running->preparation;
    const char **inputs = sources_files(&preparation->sources);
    struct manifest_facts facts = {.settings = &preparation->settings,
                                   .config_path = preparation->config_path,
                                   .rows = preparation->rows.row,
                                   .row_count = preparation->rows.count,
                                   .order = &preparation->order,
                                   .address = preparation->endpoint.shown,
                                   .address_source = preparation->endpoint.address_source,
                                   .key_source = preparation->endpoint.key_source,
                                   .dialect = preparation->target.dialect->name,
                                   .http_library = fetch_library(),
                                   .started_wall_ns = clock_wall_ns(),
                                   .override = preparation->override,
                                   .overrides = preparation->overrides,
                                   .input = inputs};
    bool done;

    if (running->options->leading)
        leading_tell(running->options->leading, &facts.ranks, &facts.hosts);
    if (preparation->tokenizer) {
        facts.tokenizer = token_counter_path(preparation->tokenizer);
        facts.tokenizer_library = token_counter_library(preparation->tokenizer);
    }
    done = resume ? reopen_run(running, &facts, resume, error) : begin_run(running, &facts, error);

    if (done && running->options->shared_endpoint)
        manifest_set_shared(running->manifest);
    if (done)
        meters_name_run(running->exposing.meters, running->run->name);
    free(inputs);
    return done;
}

/* Puts an ended step into the manifest. */
static bool keep_step(struct running *running, const struct step *step, struct error *error)
{
    bool done;

    pthread_mutex_lock(&running->lock);
    manifest_add_step(running->manifest, step);
    running_sum_up(running);
    manifest_set_connection_reuse(running->manifest, reusing_word(running->preparation));
    done = manifest_write_when_due(running->manifest, running->run, clock_monotonic_ns(), error);
    pthread_mutex_unlock(&running->lock);
    return done;
}

/* --- Steps ------------------------------------------------------------------------------------ */

/* What a worker knows of the step before the next. */
struct before {
    long index; /* −1: none, or others ran beside it */
    bool cut_short;
};

/* Takes no more steps where none would fare better. */
static void judge_early_end(struct running *running, const struct step *step)
{
    struct text why = {0};

    pthread_mutex_lock(&running->lock);
    if (!running->ended_early &&
        early_end_judge(&running->early_end, running->preparation, step, &why)) {
        running->ended_early = true;
        running->end = running->next;
        text_add_string(&why, ": no other row would fare better, so the run ends here");
        progress_say(&running->progress, why.bytes);
    }
    pthread_mutex_unlock(&running->lock);
    text_clear(&why);
}

static struct step_job job_of(struct running *running, size_t index, const struct before *before,
                              atomic_bool *enough)
{
    const struct preparation *preparation = running->preparation;
    const struct visit *visit = &preparation->order.visit[index];

    return (struct step_job){.preparation = preparation,
                             .run = running->run,
                             .recorder = &running->recorder,
                             .progress = &running->progress,
                             .watch = running->watch,
                             .stating = running->stating,
                             .meters = running->exposing.meters,
                             .row = running->guided ? &running->guided[visit->member]
                                                    : &preparation->rows.row[visit->row],
                             .member = visit->member,
                             .index = index,
                             .attempt = attempts_at(&running->resumption.attempts, index) + 1,
                             .pass = visit->pass,
                             .predecessor = visit->mixed ? -1 : before->index,
                             .idle_silent = &running->idle_silent,
                             .guide = running->options->guide,
                             .leading = running->options->leading,
                             .enough = enough,
                             .shared_endpoint = running->options->shared_endpoint,
                             .follows_cut_short = before->cut_short};
}

/* Rows that completed something first: they show that the endpoint serves. */
static void judge_early_ends(struct running *running, const struct step *step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (step[i].completed > 0)
            judge_early_end(running, &step[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (step[i].completed == 0)
            judge_early_end(running, &step[i]);
    }
}

/* What the next visit is to know of this one. */
static void note_before(const struct running *running, const struct step *step, size_t count,
                        struct before *before)
{
    const struct preparation *preparation = running->preparation;
    bool unknown = step->row.mix || preparation->settings.concurrency_enabled ||
                   addressing_spreads(preparation);

    before->cut_short = false;
    for (size_t i = 0; i < count; i++)
        before->cut_short |= step[i].end == STEP_TIMED_OUT || step[i].end == STEP_INTERRUPTED;
    before->index = unknown ? -1 : (long)step->index;
}

/* Runs a row, or the rows of a mix together; `before` tells of the visit before, and then of this
 * one. */
static bool run_visit(struct running *running, size_t index, struct before *before,
                      struct error *error)
{
    size_t count = order_visit_end(&running->preparation->order, index) - index;
    struct step_job *job = memory_new(count, sizeof *job);
    struct step *step = memory_new(count, sizeof *step);
    atomic_bool enough = false;
    bool done;

    for (size_t i = 0; i < count; i++)
        job[i] = job_of(running, index + i, before, &enough);
    done = job->row->mix ? mixing_run(job, count, step, error) : step_run(job, step, error);
    for (size_t i = 0; i < count && done; i++)
        done = keep_step(running, &step[i], error);
    if (done) {
        judge_early_ends(running, step, count);
        note_before(running, step, count, before);
    }
    for (size_t i = 0; i < count; i++)
        step_clear(&step[i]);
    free(step);
    free(job);
    return done;
}

/* Takes the next visit, or says that none is left to run. */
static bool take_visit(struct running *running, size_t *index)
{
    bool taken;

    pthread_mutex_lock(&running->lock);
    running_skip_ended(running);
    taken = !interrupt_asked && !running->failed && running->next < running->end &&
            running_choose(running);
    if (taken) {
        *index = running->next;
        running->next = order_visit_end(&running->preparation->order, running->next);
    }
    pthread_mutex_unlock(&running->lock);
    return taken;
}

static void fail(struct running *running, const struct error *error)
{
    pthread_mutex_lock(&running->lock);
    if (!running->failed)
        running->error = *error;
    running->failed = true;
    pthread_mutex_unlock(&running->lock);
}

static void look_or_fail(struct running *running)
{
    struct error error;

    if (!running->failed && !running_look(running, &error))
        fail(running, &error);
}

static void pause_between(struct running *running, double seconds)
{
    if (interrupt_asked)
        return;
    interrupt_sleep(seconds);
    if (interrupt_asked && seconds > 0)
        progress_say(&running->progress, "stopped between rows");
}

/* Runs steps one after another until none is left. */
static void *work(void *context)
{
    struct running *running = context;
    const struct settings *settings = &running->preparation->settings;
    struct error error;
    struct before before = {.index = -1};
    bool first = true;
    size_t index;

    look_or_fail(running); /* a run that is resumed may have been cut off before its look */
    while (take_visit(running, &index)) {
        if (!first)
            pause_between(running,
                          settings->time_delay_s + (before.cut_short ? settings->settle_s : 0));
        first = false;
        if (!interrupt_asked && !run_visit(running, index, &before, &error))
            fail(running, &error);
        look_or_fail(running);
    }
    return NULL;
}

static void work_beside(struct running *running, size_t workers)
{
    pthread_t *thread = memory_new(workers, sizeof *thread);
    size_t started = 0;

    while (started < workers && pthread_create(&thread[started], NULL, work, running) == 0)
        started++;
    if (started == 0)
        work(running); /* no thread to be had: slower, but nothing is lost */
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    free(thread);
}

/* Whoever came to the endpoint meanwhile has said so in the run's folder. */
static void note_sharing(struct running *running)
{
    if (manifest_is_marked_shared(running->run->folder))
        manifest_set_shared(running->manifest);
}

static bool run_rows(struct running *running, struct error *error)
{
    const struct settings *settings = &running->preparation->settings;
    const struct order *order = &running->preparation->order;
    size_t most = order->count - order->warmups, workers = (size_t)settings->max_workers;

    running->end = settings->concurrency_enabled ? order->warmups : running->steps;
    if (running->resumption.left > 0 || !running->options->resume)
        running->stating = stating_begin(running->preparation, &running->progress);
    work(running);
    running->end = running->ended_early ? running->next : running->steps;
    if (settings->concurrency_enabled && most > 0)
        work_beside(running, workers < most ? workers : most);
    if (running->failed) {
        *error = running->error;
        manifest_write(running->manifest, running->run, &(struct error){0}); /* as far as it goes */
        return false;
    }
    note_sharing(running);
    manifest_set_status(running->manifest,
                        interrupt_asked        ? "interrupted"
                        : running->ended_early ? "ended early"
                                               : "done",
                        clock_wall_ns());
    return manifest_write(running->manifest, running->run, error);
}

static void start_progress(struct running *running, const struct job_options *options)
{
    const struct preparation *preparation = running->preparation;
    const struct order *order = &preparation->order;
    struct progress_options how = {.quiet = options->quiet,
                                   .verbose = options->verbose,
                                   /* Rows beside each other would draw over each other's lines. */
                                   .plain = options->no_progress ||
                                            preparation->settings.concurrency_enabled};

    running->expected_s = memory_new(order->count, sizeof *running->expected_s);
    for (size_t i = 0, end; i < order->count; i = end) {
        end = order_visit_end(order, i);
        running->expected_s[i] =
            advice_visit_seconds(&preparation->rows, order, i, &preparation->settings);
    }
    how.expected_s = running->expected_s;
    how.order = options->guide ? NULL : order; /* its steps are no passes, and not counted yet */
    progress_init(&running->progress, stderr, options->guide ? 0 : order->count, &how);
}

/* Before the first row: the endpoint is waited for, and asked what it is. */
static bool meet_endpoint(struct running *running, const struct job_options *options,
                          struct error *error)
{
    const struct preparation *preparation = running->preparation;
    const struct step_job job = {.preparation = preparation,
                                 .progress = &running->progress,
                                 .idle_silent = &running->idle_silent};

    if (options->resume && running->resumption.left == 0) {
        if (options->nothing_left)
            *options->nothing_left = true;
        return true;
    }
    if (!readiness_wait(preparation, &running->progress, running->manifest, error)) {
        if (options->never_ready)
            *options->never_ready = true;
        manifest_set_status(running->manifest, "not ready", clock_wall_ns());
        manifest_write(running->manifest, running->run, &(struct error){0});
        return false;
    }
    addressing_settle(preparation, &running->progress, running->manifest);
    if (!interrupt_asked && readiness_ask_server(preparation, running->manifest))
        sending_tell_silence(&job);
    else if (!free_counting_run(preparation, &running->progress, running->manifest,
                                !options->no_advice, error))
        return false;
    return manifest_write(running->manifest, running->run, error);
}

/* With the other ranks, where there are any; before anything is written. */
static bool share_plan(struct running *running, struct error *error)
{
    struct leading *leading = running->options->leading;

    return !leading || leading_share_plan(leading, running->preparation, error);
}

bool job_run(const struct preparation *preparation, const struct job_options *options,
             struct run *run, struct error *error)
{
    struct running running = {.lock = PTHREAD_MUTEX_INITIALIZER,
                              .preparation = preparation,
                              .options = options,
                              .run = run};
    bool done;

    addressing_choose(preparation);
    listing_join(preparation);
    start_progress(&running, options);
    running.watch = watching_begin(preparation, &running.progress);
    running.steps = preparation->order.count;
    done = share_plan(&running, error) &&
           exposing_begin(&running.exposing, preparation, options, &running.progress, error) &&
           open_run(&running, options->resume, error) && meet_endpoint(&running, options, error) &&
           run_rows(&running, error);
    exposing_end(&running.exposing);
    watch_free(running.watch);
    stating_end(running.stating);
    progress_clear(&running.progress);
    free(running.expected_s);
    free(running.kept_config);
    free(running.kept_rows);
    early_end_clear(&running.early_end);
    manifest_free(running.manifest);
    resumption_clear(&running.resumption);
    if (running.has_pid && run->folder)
        run_pid_remove(run->folder);
    recorder_stop(&running.recorder);
    return done;
}
