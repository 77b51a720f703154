#include "command/step.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/interrupt.h"
#include "core/clock.h"
#include "core/memory.h"
#include "load/load.h"
#include "prompt/image.h"
#include "prompt/words.h"
#include "stats/figures.h"
#include "stats/health.h"
#include "stats/quantile.h"
#include "stats/summary.h"
#include "store/name.h"
#include "store/step_files.h"

/* Keeps the draws for texts, pictures and lengths apart. */
enum {
    DRAW_TEXT = 0x74657874,
    DRAW_IMAGE = 0x696d6167,
    DRAW_INPUT = 0x696e7075,
    DRAW_OUTPUT = 0x6f757470
};

enum { ATTEMPT = 1, RECENT = 512 };

/* A step under way. */
struct stepping {
    const struct step_job *job;
    struct step *step;
    struct step_files files;
    struct body body;
    struct text image;        /* base64; empty: none */
    pthread_mutex_t lock;     /* of `counting`: threads fit prompts and bring counts */
    struct counting counting; /* how the model counts, as far as is known */
    bool counted;             /* it learned something */
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

static void start_draw(const struct stepping *stepping, uint64_t purpose, uint64_t k,
                       struct random *random)
{
    uint64_t key[] = {purpose, (uint64_t)stepping->job->preparation->settings.seed,
                      stepping->job->index, ATTEMPT, k};

    random_init(random, key, 5);
}

static const struct settings *settings_of(const struct stepping *stepping)
{
    return &stepping->job->preparation->settings;
}

static struct counting current_counting(struct stepping *stepping)
{
    struct counting counting;

    pthread_mutex_lock(&stepping->lock);
    counting = stepping->counting;
    pthread_mutex_unlock(&stepping->lock);
    return counting;
}

static int64_t words_for(const struct stepping *stepping, const struct counting *counting,
                         int64_t tokens)
{
    return counting_words(counting, tokens, settings_of(stepping)->prompt.count == PROMPT_CONTENT);
}

/* The salt, then words from the seed; or the same ones for every request of the run. */
static void add_words(const struct stepping *stepping, size_t index, int64_t count,
                      struct text *text)
{
    const struct settings *settings = settings_of(stepping);
    uint64_t repeated[] = {DRAW_TEXT, (uint64_t)settings->seed};
    struct random random;
    int64_t salt = 0;

    if (settings->prompt.repeat) {
        random_init(&random, repeated, 2);
    } else {
        start_draw(stepping, DRAW_TEXT, index, &random);
        salt = words_add_salt((uint64_t)settings->seed, stepping->job->index, index, count, text);
    }
    if (salt > 0 && count > salt)
        text_add_char(text, ' ');
    words_add(&random, count - salt, text);
}

/* LLMPerf's spread: normal around the mean, cut off below 1 token. */
static int64_t draw_tokens(const struct stepping *stepping, uint64_t purpose, size_t index,
                           int64_t mean, double spread)
{
    struct random random;
    double tokens;

    if (spread == 0)
        return mean;
    start_draw(stepping, purpose, index, &random);
    do
        tokens = (double)mean + spread * random_normal(&random);
    while (tokens < 0.5);
    return llround(fmin(tokens, 10 * (double)mean + 10 * spread));
}

static struct ask ask_of(const struct stepping *stepping, int64_t output_tokens)
{
    const struct row *row = stepping->job->row;

    return (struct ask){.model = row->model_name,
                        .output_tokens = output_tokens,
                        .image = row->multimodal_img_size != ROW_NO_IMAGE,
                        .ignore_eos = settings_of(stepping)->ignore_eos,
                        .sampling_params = settings_of(stepping)->sampling_params};
}

/* The end of a body that asks for as many tokens as no other. */
static void compose_tail(const struct stepping *stepping, struct composed *composed)
{
    struct ask ask = ask_of(stepping, composed->asked.output_tokens);
    struct body body = {0};

    stepping->job->preparation->target.dialect->write_body(&ask, &body);
    text_add(&composed->tail, body.tail.bytes, body.tail.length);
    body_clear(&body);
}

/* As long as it may have to be: an answer may teach, before it leaves, that the template takes more
 * or less than is known now, and then only `fit` changes it. */
static void compose(void *context, struct composed *composed)
{
    struct stepping *stepping = context;
    const struct row *row = stepping->job->row;
    struct counting counting = current_counting(stepping);
    struct asked *asked = &composed->asked;
    int64_t count;

    asked->input_tokens = draw_tokens(stepping, DRAW_INPUT, composed->index, row->input_tokens,
                                      row->stddev_input_tokens);
    asked->output_tokens = draw_tokens(stepping, DRAW_OUTPUT, composed->index, row->output_tokens,
                                       row->stddev_output_tokens);
    count = words_for(stepping, &counting, asked->input_tokens);
    asked->words = count > asked->input_tokens ? count : asked->input_tokens;
    add_words(stepping, composed->index, asked->words, &composed->prompt);
    if (row->stddev_output_tokens > 0)
        compose_tail(stepping, composed);
}

static void fit(void *context, struct composed *composed)
{
    struct stepping *stepping = context;
    struct asked *asked = &composed->asked;
    struct counting counting = current_counting(stepping);
    int64_t count = words_for(stepping, &counting, asked->input_tokens);

    if (count < asked->words) {
        words_drop(&composed->prompt, asked->words - count);
        asked->words = count;
    }
    asked->estimated_tokens = counting_estimate(&counting, asked->words);
}

/* How far the server's count is from what was asked for; by its text alone, from what it should
 * have been with the template. */
static double prompt_error(const struct stepping *stepping, const struct request *request)
{
    const struct asked *asked = &request->asked;

    return request->usage.input_tokens -
           (double)(settings_of(stepping)->prompt.count == PROMPT_CONTENT ? asked->estimated_tokens
                                                                          : asked->input_tokens);
}

static void note_prompt_error(struct stepping *stepping, const struct request *request)
{
    struct fidelity *fidelity = &stepping->step->fidelity;
    double tolerance = settings_of(stepping)->prompt.tolerance;
    double error = prompt_error(stepping, request);

    if (tolerance == 0)
        tolerance = counting_tolerance(request->asked.input_tokens);
    fidelity->prompts_off += fabs(error) > tolerance;
    if (!(fabs(error) <= fabs(fidelity->prompt_error_tokens_max)))
        fidelity->prompt_error_tokens_max = error;
}

/* What the server counted teaches how long the next prompt has to be. */
static void learn(struct stepping *stepping, const struct request *request)
{
    if (!(request->usage.input_tokens > 0) || request->asked.words == 0)
        return;
    note_prompt_error(stepping, request);
    pthread_mutex_lock(&stepping->lock);
    counting_learn(&stepping->counting, request->asked.words, llround(request->usage.input_tokens));
    stepping->counted = true;
    pthread_mutex_unlock(&stepping->lock);
}

/* The template is the same in all prompts, so a cache may well know that. */
static void note_cached(struct stepping *stepping, const struct request *request)
{
    struct counting counting = current_counting(stepping);

    if (!settings_of(stepping)->prompt.repeat &&
        request->usage.cached_tokens > ceil(counting_overhead(&counting)))
        stepping->step->fidelity.prompts_cached++;
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
    if (request->end == REQUEST_COMPLETED) {
        learn(stepping, request);
        note_cached(stepping, request);
        stepping->output_asked += (double)request->asked.output_tokens;
    }
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

/* The parts of a body that all requests of the row share. */
static bool prepare_body(struct stepping *stepping)
{
    const struct row *row = stepping->job->row;
    struct ask ask = ask_of(stepping, row->output_tokens);
    struct text png = {0};
    struct random random;
    bool done = true;

    stepping->job->preparation->target.dialect->write_body(&ask, &stepping->body);
    if (ask.image) {
        start_draw(stepping, DRAW_IMAGE, 0, &random);
        done = image_make(&random, image_pixels(row->multimodal_img_size), &png, stepping->error);
        text_add_base64(&stepping->image, png.bytes, png.length);
        text_clear(&png);
    }
    return done;
}

static bool send_all(struct stepping *stepping)
{
    const struct preparation *preparation = stepping->job->preparation;
    struct load load = {.target = &preparation->target,
                        .row = stepping->job->row,
                        .seed = (uint64_t)preparation->settings.seed,
                        .step = stepping->job->index,
                        .body = &stepping->body,
                        .image = &stepping->image,
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
static void keep_counting(struct stepping *stepping)
{
    struct error error;

    if (stepping->counted && !learned_keep(stepping->job->preparation->learned, stepping->job->row,
                                           &stepping->counting, &error))
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
    keep_counting(stepping);
    health_judge(step, &stepping->job->preparation->settings.health);
    if (stepping->job->preparation->settings.concurrency_enabled)
        step->switching = (struct switching){.verdict = SWITCHING_PARALLEL, .time_s = NAN};
    return step_files_end(&stepping->files, step, stepping->outcomes,
                          stepping->job->preparation->settings.sampling_params, stepping->error);
}

bool step_run(const struct step_job *job, struct step *step, struct error *error)
{
    struct stepping stepping = {.job = job,
                                .step = step,
                                .error = error,
                                .lock = PTHREAD_MUTEX_INITIALIZER,
                                .counting = learned_counting(job->preparation->learned, job->row)};
    bool done;

    *step = (struct step){.index = job->index,
                          .name = name_of_step(job->row),
                          .row = row_copy(job->row),
                          .follows_cut_short = job->follows_cut_short,
                          .fidelity = {.prompt_error_tokens_max = NAN, .output_share = NAN}};
    progress_row_begins(job->progress, job->row, job->index);
    done = step_files_begin(&stepping.files, job->run, job->recorder, job->index, step->name,
                            job->preparation->settings.save_llm_responses, error) &&
           prepare_body(&stepping) && send_all(&stepping) && finish(&stepping);
    if (done)
        progress_row_ends(job->progress, step);
    step_files_clear(&stepping.files);
    body_clear(&stepping.body);
    text_clear(&stepping.image);
    step_clear(&stepping.so_far);
    free(stepping.outcomes);
    return done;
}
