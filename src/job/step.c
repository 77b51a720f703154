#include "job/step.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "job/addressing.h"
#include "job/interrupt.h"
#include "job/prompter.h"
#include "job/stepping.h"
#include "job/strike_shared.h"
#include "job/tokens.h"
#include "plan/loads.h"
#include "plan/probe.h"
#include "stats/ends.h"
#include "stats/goodput.h"
#include "stats/health.h"
#include "stats/summary.h"
#include "stats/switching.h"
#include "stats/waves.h"
#include "store/name.h"

static const struct settings *settings_of(const struct stepping *stepping)
{
    return &stepping->job->preparation->settings;
}

/* What is left of the row's time, which begins with the first thing that is sent. */
static double left_s(const struct stepping *stepping)
{
    double left = settings_of(stepping)->timeout_s -
                  clock_seconds(stepping->started_ns, clock_monotonic_ns());

    return left > 0 ? left : 0;
}

/* What a load taught serves the next of its model, and the next run. */
static void keep_counts(struct stepping *stepping, struct prompter *prompter)
{
    struct error error;

    if (!prompter_keep(prompter, &error))
        progress_say(stepping->job->progress, error.text);
}

/* --- The probe -------------------------------------------------------------------------------- */

static bool send_bursts(struct stepping *stepping, struct sending *sending)
{
    struct load_result result = {.end = STEP_DONE};
    size_t loads = (size_t)probe_bursts(stepping->job->row, settings_of(stepping));
    bool done = true;

    if (sending->row->concurrent_requests == 1)
        loads = 1;
    stepping->started_ns = clock_monotonic_ns();
    for (; sending->bursts < loads && result.end == STEP_DONE && done; sending->bursts++) {
        sending->first = sending->prompter->first = sending->requests;
        sending->before = sending->ended;
        done = sending_run(sending, left_s(stepping), &result);
    }
    stepping->step->end = result.end;
    return done;
}

/* They are in no count of the row's. */
static void tell_failures(const struct stepping *stepping, const struct sending *part,
                          const char *name)
{
    char line[560];

    for (size_t i = 0; i < part->failed.error_kinds; i++) {
        const struct error_count *error = &part->failed.error[i];

        snprintf(line, sizeof line, "    %s: %s × %zu: %s", name, error->code, error->count,
                 error->example);
        progress_say(stepping->job->progress, line);
    }
}

static bool send_probe(struct stepping *stepping)
{
    const struct step_job *job = stepping->job;
    struct sending *sending = &stepping->part[STEP_PROBE];
    struct row row = probe_row(job->row, settings_of(stepping));
    struct prompter prompter = {0};
    struct fidelity fidelity;
    bool done;

    sending->row = &row;
    sending->prompter = &prompter;
    prompter_init(&prompter, job, &row, &fidelity);
    tokens_expect(&prompter, job->progress);
    done = prompter_settle(&prompter, stepping->error) && send_bursts(stepping, sending);
    if (done) {
        keep_counts(stepping, &prompter);
        tell_failures(stepping, sending, "probe");
    }
    stepping->step->probe_started = sending->requests;
    stepping->step->probe_completed = sending->completed;
    stating_ask(stepping->job->stating, stepping->job->row, STATE_AFTER_PROBE,
                &stepping->step->state);
    sending->row = NULL;
    sending->prompter = NULL;
    prompter_clear(&prompter);
    return done;
}

/* --- The row's load --------------------------------------------------------------------------- */

static void note_output_share(struct stepping *stepping)
{
    const struct sending *sending = &stepping->part[STEP_LOAD];

    if (sending->output_asked > 0)
        stepping->step->fidelity.output_share = sending->output_tokens / sending->output_asked;
}

/* Of its warm-up and its cool-down. */
static void note_phases(struct stepping *stepping)
{
    const struct sending *phases = &stepping->part[STEP_PHASES];

    stepping->step->phase_started = phases->requests;
    stepping->step->phase_completed = phases->completed;
    tell_failures(stepping, phases, "warm-up and cool-down");
}

/* Its figures are of the time in which the step sends, its probe among it. */
static void end_watch(struct stepping *stepping)
{
    if (stepping->is_watched)
        watch_end_step(stepping->job->watch, stepping->job->index, &stepping->step->telemetry);
    stepping->is_watched = false;
}

static void begin_watch(struct stepping *stepping)
{
    const struct step_job *job = stepping->job;
    char *name = memory_printf("%s%s", stepping->step->name, watch_file_ending);
    char *path = file_join(job->run->folder, name);

    stepping->is_watched = job->watch != NULL;
    watch_begin_step(job->watch, job->index, path);
    free(path);
    free(name);
}

/* The guide ended the load early, and well. */
static bool is_enough(const struct step_job *job, enum step_end end)
{
    return end == STEP_STOPPED && job->guide && atomic_load(job->enough);
}

static void take_result(struct stepping *stepping, const struct load_result *result)
{
    struct sending *sending = &stepping->part[STEP_LOAD];
    struct step *step = stepping->step;

    step->end = is_enough(stepping->job, result->end) ? STEP_DONE : result->end;
    step->connections_opened_ahead = result->connections_opened_ahead;
    step->health = result->health;
    step->non_streaming = sending->non_streaming;
    step->at_once = sending->at_once;
    note_output_share(stepping);
    note_phases(stepping);
    step->rank = sending->of_rank;
    step->ranks = sending->ranks;
    sending->of_rank = NULL;
}

/* What follows the load's last request is not part of the row's time. */
static void conclude_load(struct stepping *stepping)
{
    prompter_conclude(&stepping->prompter);
    keep_counts(stepping, &stepping->prompter);
    end_watch(stepping);
    stepping->step->timestamp_s = clock_wall_ns() / CLOCK_NS_PER_S;
}

static bool send_load(struct stepping *stepping)
{
    const struct step_job *job = stepping->job;
    struct sending *sending = &stepping->part[STEP_LOAD];
    struct prompter *prompter = &stepping->prompter;
    struct load_result result = {0};
    bool done;

    sending->row = job->row;
    sending->prompter = prompter;
    sending->phases = &stepping->part[STEP_PHASES];
    prompter_init(prompter, job, &stepping->step->row, &stepping->step->fidelity);
    prompter->first = stepping->part[STEP_PROBE].requests;
    tokens_expect(prompter, job->progress);
    done = prompter_settle(prompter, stepping->error);
    if (stepping->started_ns == 0)
        stepping->started_ns = clock_monotonic_ns();
    done = done && sending_run(sending, left_s(stepping), &result);
    if (done) {
        take_result(stepping, &result);
        conclude_load(stepping);
    }
    return done;
}

/* --- The whole -------------------------------------------------------------------------------- */

static void keep_examples(const struct step *from, struct step *to)
{
    for (size_t i = 0; i < to->error_kinds; i++) {
        for (size_t k = 0; k < from->error_kinds; k++) {
            if (strcmp(from->error[k].code, to->error[i].code) == 0)
                memcpy(to->error[i].example, from->error[k].example, sizeof to->error[i].example);
        }
    }
}

/* All that the load sent, warm-up and cool-down among it, in start order; in `joined`, which is for
 * the caller to clear. */
static const struct outcome *join_phases(const struct stepping *stepping, size_t *count,
                                         struct spill *joined)
{
    const struct sending *load = &stepping->part[STEP_LOAD], *phases = &stepping->part[STEP_PHASES];
    struct outcome *all;

    *count = load->ended + phases->ended;
    spill_grow(joined, *count * sizeof *all, stepping->job->run->folder);
    all = joined->bytes;
    waves_merge(phases->outcomes, phases->ended, load->outcomes, load->ended, all);
    return all;
}

/* What the load shows of the switch: its first requests are the warm-up's, where it has one. */
static void estimate_from_load(struct stepping *stepping)
{
    struct step *step = stepping->step;
    struct spill joined = {.fd = -1};
    const struct outcome *all;
    size_t count;

    if (stepping->part[STEP_PHASES].ended == 0)
        return; /* summary_of has made it of the load */
    all = join_phases(stepping, &count, &joined);
    step->switching = switching_estimate(all, count);
    step->switching_time_largest_batch_s = switching_by_largest_batch(all, count);
    spill_clear(&joined);
}

/* Section 9's rule, where it has anything to stand on. */
static struct switching estimate_switching(const struct stepping *stepping)
{
    const struct sending *probe = &stepping->part[STEP_PROBE];

    if (stepping->job->row->mix)
        return (struct switching){.verdict = SWITCHING_MIXED, .time_s = NAN};
    if (settings_of(stepping)->concurrency_enabled)
        return (struct switching){.verdict = SWITCHING_PARALLEL, .time_s = NAN};
    if (stepping->job->row->warmup)
        return (struct switching){.verdict = SWITCHING_WARMUP, .time_s = NAN};
    if (addressing_spreads(stepping->job->preparation))
        return (struct switching){.verdict = SWITCHING_SPREAD, .time_s = NAN};
    if (probe->ended == 0)
        return stepping->step->switching;
    if (probe_burst(stepping->job->row) > 1)
        return (struct switching){.verdict = SWITCHING_BURST, .time_s = NAN};
    return switching_estimate(probe->outcomes, probe->ended);
}

/* How the row's requests ended, and of all of the step, its probe's too, how they opened. */
static void note_ends(struct stepping *stepping)
{
    struct step *step = stepping->step;
    struct sending *load = &stepping->part[STEP_LOAD];

    for (int part = 0; part < STEP_PARTS; part++) {
        step->announced += stepping->part[part].announced;
        step->without_text += stepping->part[part].without_text;
    }
    step->finish = load->finish;
    step->stopped_at_length = load->stopped_at_length;
    load->finish = (struct finish_counts){0};
    ends_sort(&step->finish);
}

/* Whatever its load shows. */
static bool tells_of_no_switch(enum switching_verdict verdict)
{
    return verdict == SWITCHING_PARALLEL || verdict == SWITCHING_WARMUP ||
           verdict == SWITCHING_SPREAD || verdict == SWITCHING_MIXED;
}

/* Of the journal, and of what else than the row's requests failed here. */
static void note_parts(struct stepping *stepping)
{
    struct step *step = stepping->step;

    for (int part = 0; part < STEP_PARTS; part++) {
        const struct recording *recording = &stepping->files.recording[part];
        const struct sending *sending = &stepping->part[part];

        step->journal_wait_s += clock_seconds(0, recording->wait_ns);
        if (recording->fill_most > step->journal_fill_most)
            step->journal_fill_most = recording->fill_most;
        for (size_t i = 0; i < sending->ended && part != STEP_LOAD; i++)
            step->local_failures += request_end_is_local[sending->outcomes[i].end];
    }
}

/* Before the step's files are there: a step that has ended has its conclusion. */
static bool conclude(struct stepping *stepping, struct text *sentence)
{
    const struct step_job *job = stepping->job;
    struct text json = {0};
    struct journal_place place;
    bool done;

    if (!job->guide)
        return true;
    job->guide->conclude(job->guide->context, stepping->step, &json, sentence);
    done = json.length == 0 || journal_add_object(&job->recorder->journal, job->index, "search",
                                                  &json, &place, stepping->error);
    text_clear(&json);
    return done;
}

/* What a response told of the load that it waited for; NAN: none told. */
static double longest_load_s(const struct stepping *stepping)
{
    double longest_s = NAN;

    for (int part = 0; part < STEP_PARTS; part++) {
        const struct sending *sending = &stepping->part[part];

        for (size_t i = 0; i < sending->ended; i++)
            longest_s = fmax(longest_s, sending->outcomes[i].figures.value[METRIC_SERVER_LOAD_S]);
    }
    return longest_s;
}

bool stepping_end(struct stepping *stepping, const struct request_mark *const marks[STEP_PARTS])
{
    struct step *step = stepping->step;
    struct sending *load = &stepping->part[STEP_LOAD];
    const struct outcome *outcomes[STEP_PARTS] = {NULL};
    struct text concluded = {0};
    bool done;

    end_watch(stepping);
    stating_after(stepping->job->stating, stepping->job->row, stepping->started_ns,
                  longest_load_s(stepping), &step->state);
    if (step->timestamp_s == 0)
        step->timestamp_s = clock_wall_ns() / CLOCK_NS_PER_S;
    note_parts(stepping);
    for (int part = 0; part < STEP_PARTS; part++)
        outcomes[part] = stepping->part[part].outcomes;
    summary_of(load->outcomes, load->ended, step);
    step->gap = token_gaps_of_chunks(&load->gaps, &step->gap_bounds);
    step->gap_per_token = token_gaps_summary(&load->gaps, &step->gap_per_token_bounds);
    note_ends(stepping);
    goodput_count(load->outcomes, load->ended, &settings_of(stepping)->objectives, step);
    keep_examples(&load->failed, step);
    health_judge(step, &settings_of(stepping)->health);
    estimate_from_load(stepping);
    step->switching = estimate_switching(stepping);
    if (tells_of_no_switch(step->switching.verdict))
        step->switching_time_largest_batch_s = NAN;
    strike_shared_step(stepping->job, step);
    meters_end_step(stepping->metered, step->switching.time_s);
    stepping->metered = NULL;
    done = conclude(stepping, &concluded) &&
           step_files_end(&stepping->files, step, outcomes, marks,
                          settings_of(stepping)->sampling_params, stepping->error);
    if (done) {
        progress_row_ends(stepping->job->progress, step);
        if (concluded.length > 0)
            progress_say(stepping->job->progress, concluded.bytes);
    }
    text_clear(&concluded);
    return done;
}

static char *configuration_of(const struct bundle *bundle, const struct row *row)
{
    struct text name = {0};
    char *configuration;

    loads_add(&name, bundle, row);
    configuration = name.length > 0 ? memory_text(name.bytes) : NULL;
    text_clear(&name);
    return configuration;
}

static void begin(struct stepping *stepping)
{
    const struct step_job *job = stepping->job;
    const struct bundle *bundle = &job->preparation->bundle;
    double gb_per_s = bundle->node.ddr_to_hbm_gb_per_s;

    *stepping->step = (struct step){
        .index = job->index,
        .attempt = job->attempt,
        .call_share = settings_call_share(settings_of(stepping), job->row->model_name),
        .call_rate = settings_of(stepping)->call_rate > 0 ? settings_of(stepping)->call_rate : NAN,
        .calls_in_a_row = settings_of(stepping)->calls_in_a_row,
        .configuration = configuration_of(bundle, job->row),
        .weight_gb = loads_weight_gb(bundle, job->row),
        .node_gb_per_s = gb_per_s > 0 ? gb_per_s : NAN,
        .name = name_of_step(job->row),
        .row = row_copy(job->row),
        .pass = job->pass,
        .predecessor = job->predecessor,
        .follows_cut_short = job->follows_cut_short,
        .ignore_eos =
            settings_of(stepping)->ignore_eos && job->preparation->target.dialect->asks_ignore_eos,
        .insecure = settings_of(stepping)->connection.insecure,
        .state = server_state_none,
        .fidelity = fidelity_unknown,
        .health = health_unknown};
    stepping->metered = meters_begin_step(job->meters, job->row, job->index);
    for (int part = 0; part < STEP_PARTS; part++)
        stepping->part[part] = (struct sending){.lock = PTHREAD_MUTEX_INITIALIZER,
                                                .job = job,
                                                .files = &stepping->files,
                                                .kept = {.fd = -1},
                                                .metered = stepping->metered,
                                                .part = (enum step_part)part,
                                                .error = stepping->error};
    progress_row_begins(job->progress, job->row, job->index, job->pass);
}

/* What is to be loaded, and is, before anything of the step is sent. */
static void make_state(struct stepping *stepping)
{
    const struct step_job *job = stepping->job;
    const struct stated_step stated = {job->row, job->index, job->member};

    stating_before(job->stating, &stated, &stepping->step->state);
}

/* A step that was stopped during its probe, or whose time is up by then, sends no load. */
static bool send_parts(struct stepping *stepping)
{
    bool probes = probe_requests(stepping->job->row, settings_of(stepping)) > 0;

    if (probes && !send_probe(stepping))
        return false;
    return (probes && stepping->step->end != STEP_DONE) || send_load(stepping);
}

bool stepping_begin(struct stepping *stepping, const struct step_job *job, struct step *step,
                    struct error *error)
{
    *stepping = (struct stepping){.job = job, .step = step, .error = error};
    begin(stepping);
    make_state(stepping);
    begin_watch(stepping);
    return step_files_begin(&stepping->files, job->run, job->recorder, job->index, step->name,
                            settings_of(stepping)->save_llm_responses, error);
}

bool stepping_send(struct stepping *stepping)
{
    return send_parts(stepping);
}

bool stepping_count(struct stepping *stepping)
{
    bool done = !stepping->part[STEP_LOAD].prompter ||
                (tokens_count(&stepping->part[STEP_LOAD], &stepping->prompter, stepping->error) &&
                 tokens_count(&stepping->part[STEP_PHASES], &stepping->prompter, stepping->error));

    for (int part = 0; part < STEP_PARTS && done; part++)
        sending_sort(&stepping->part[part]);
    return done;
}

void stepping_clear(struct stepping *stepping)
{
    step_files_clear(&stepping->files);
    for (int part = 0; part < STEP_PARTS; part++)
        sending_clear(&stepping->part[part]);
    prompter_clear(&stepping->prompter);
    meters_end_step(stepping->metered, NAN);
}

bool step_run(const struct step_job *job, struct step *step, struct error *error)
{
    struct stepping stepping;
    bool done = stepping_begin(&stepping, job, step, error) && stepping_send(&stepping) &&
                stepping_count(&stepping) && stepping_end(&stepping, NULL);

    stepping_clear(&stepping);
    return done;
}
