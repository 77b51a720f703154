#include "job/leading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cluster/sync.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/given.h"
#include "core/memory.h"
#include "core/thread.h"
#include "job/leading_parts.h"
#include "job/ranks_plan.h"

/* How often a display is shown what the others still send. */
static const int64_t show_every_ns = CLOCK_NS_PER_S / 10;

struct leading *leading_new(struct cluster *cluster)
{
    struct leading *leading = memory_new(1, sizeof *leading);

    leading->cluster = cluster;
    leading->rank = memory_new(cluster->ranks, sizeof *leading->rank);
    pthread_mutex_init(&leading->syncing, NULL);
    pthread_mutex_init(&leading->lock, NULL);
    pthread_cond_init(&leading->changed, NULL);
    given_note();
    return leading;
}

static void end_attending(struct leading *leading)
{
    pthread_mutex_lock(&leading->lock);
    leading->closing = true;
    pthread_cond_broadcast(&leading->changed);
    pthread_mutex_unlock(&leading->lock);
    if (leading->attends)
        pthread_join(leading->thread, NULL);
}

void leading_free(struct leading *leading)
{
    struct text bytes = {0};
    struct error error;

    if (!leading)
        return;
    end_attending(leading);
    pack_number(&bytes, RANKS_BYE);
    ranks_tell_all(leading->cluster, &bytes, &error);
    text_clear(&bytes);
    given_clear();
    pthread_cond_destroy(&leading->changed);
    pthread_mutex_destroy(&leading->lock);
    pthread_mutex_destroy(&leading->syncing);
    text_clear(&leading->hosts);
    free(leading->ready);
    free(leading->rank);
    free(leading);
}

/* --- The plan --------------------------------------------------------------------------------- */

/* What a rank says of the plan. */
static bool hear_plan(struct leading *leading, const struct cluster_message *message,
                      const char *digest, struct error *error)
{
    struct unpacking unpacking = unpack(&message->bytes);
    struct led *rank = &leading->rank[message->from];
    bool right = unpack_number(&unpacking) == RANKS_PLANNED;
    char *their_digest = ranks_unpack_text(&unpacking), *host = ranks_unpack_text(&unpacking);
    char *why;

    rank->pid = (long)unpack_number(&unpacking);
    why = ranks_unpack_text(&unpacking);
    snprintf(rank->host, sizeof rank->host, "%s", host);
    right = right && unpack_done(&unpacking);
    if (!right)
        error_set(error, "rank %zu does not speak as this version does; start one version on all",
                  message->from);
    else if (*why)
        right = error_set(error, "rank %zu (%s): %.900s", message->from, host, why);
    else if (strcmp(their_digest, digest) != 0)
        right = error_set(error,
                          "rank %zu (%s) makes another plan of the same files: its digest is "
                          "%.12s, and that of rank 0 %.12s; start one version on all",
                          message->from, host, their_digest, digest);
    free(their_digest);
    free(host);
    free(why);
    return right;
}

static bool hear_all_plans(struct leading *leading, const char *digest, struct error *error)
{
    int64_t until_ns = cluster_now_ns(leading->cluster) + sync_effort_usual.patience_ns;
    struct cluster_message message = {0};
    bool done = true;

    for (size_t missing = leading->cluster->ranks - 1; missing > 0 && done; missing--) {
        enum cluster_came came =
            cluster_receive(leading->cluster, CLUSTER_CONTROL, until_ns, &message, error);

        if (came == CLUSTER_NOTHING)
            error_set(error, "%zu ranks did not make the plan in time", missing);
        done = came == CLUSTER_CAME && hear_plan(leading, &message, digest, error);
    }
    cluster_message_clear(&message);
    return done;
}

bool leading_share_plan(struct leading *leading, const struct preparation *preparation,
                        struct error *error)
{
    struct text bytes = {0};
    char digest[65];
    bool done;

    ranks_plan_digest(preparation, digest);
    pack_number(&bytes, RANKS_PLAN);
    done = ranks_plan_pack(preparation, &bytes, error) &&
           ranks_tell_all(leading->cluster, &bytes, error) &&
           hear_all_plans(leading, digest, error);
    explicit_bzero(bytes.bytes, bytes.length);
    text_clear(&bytes);
    given_clear();
    gethostname(leading->rank[0].host, sizeof leading->rank[0].host - 1);
    leading->rank[0].pid = getpid();
    leading->steps = preparation->order.count;
    leading->ready = memory_new(leading->steps, sizeof *leading->ready);
    for (size_t i = 0; i < leading->cluster->ranks && done; i++)
        text_printf(&leading->hosts, "%s%s", i > 0 ? ", " : "", leading->rank[i].host);
    return done;
}

void leading_tell(const struct leading *leading, size_t *ranks, const char **hosts)
{
    *ranks = leading->cluster->ranks;
    *hosts = leading->hosts.bytes;
}

/* --- What the others are told ----------------------------------------------------------------- */

size_t leading_visit_of(const struct step_job *job)
{
    return job->index - job->preparation->order.visit[job->index].member;
}

/* Under the lock: all loads are to end early. */
static void end_all(struct leading *leading)
{
    for (struct led_step *step = leading->step; step; step = step->next)
        atomic_store(&step->enough, true);
}

void leading_fail(struct leading *leading, const struct error *error)
{
    pthread_mutex_lock(&leading->lock);
    if (!leading->failed)
        leading->error = *error;
    atomic_store(&leading->failed, true);
    end_all(leading);
    pthread_cond_broadcast(&leading->changed);
    pthread_mutex_unlock(&leading->lock);
}

void leading_tell_all(struct leading *leading, enum ranks_word word, int64_t number)
{
    struct text bytes = {0};
    struct error error;

    pack_number(&bytes, word);
    pack_number(&bytes, number);
    if (!ranks_tell_all(leading->cluster, &bytes, &error))
        leading_fail(leading, &error);
    text_clear(&bytes);
}

/* The others read what models count from a file that this rank keeps. */
static void pack_learned(const struct learned *learned, struct text *bytes)
{
    struct text content = {0};
    struct error error;
    bool is = learned && file_exists(learned->path) &&
              file_read(learned->path, (size_t)1 << 28, &content, &error);

    pack_bytes(bytes, is ? learned->path : "", is ? strlen(learned->path) : 0);
    pack_bytes(bytes, content.bytes, is ? content.length : 0);
    text_clear(&content);
}

/* What a tokenizer of this rank told of them. */
static void pack_expected(const struct prompter *prompter, struct text *bytes)
{
    for (size_t i = 0; i < prompter->texts; i++) {
        pack_number(bytes, prompter->text[i].expected);
        if (prompter->text[i].expected)
            ranks_pack_counting(&prompter->text[i].counting, bytes);
    }
}

static bool tell_step(struct leading *leading, const struct sending *sending,
                      const struct load *load, struct error *error)
{
    const struct step_job *job = sending->job;
    struct text bytes = {0};
    bool done;

    pack_number(&bytes, RANKS_STEP);
    pack_number(&bytes, (int64_t)job->index);
    pack_number(&bytes, (int64_t)job->attempt);
    pack_number(&bytes, (int64_t)sending->prompter->first);
    pack_number(&bytes, load->preconnect);
    pack_real(&bytes, load->timeout_s);
    pack_learned(job->preparation->learned, &bytes);
    pack_expected(sending->prompter, &bytes);
    done = ranks_tell_all(leading->cluster, &bytes, error);
    text_clear(&bytes);
    return done;
}

/* --- A step ----------------------------------------------------------------------------------- */

/* Until every other rank is ready to begin the visit; false: one of them will not be. */
static bool await_ready(struct leading *leading, size_t visit)
{
    bool ready;

    pthread_mutex_lock(&leading->lock);
    while (leading->ready[visit] + 1 < leading->cluster->ranks && !leading->failed)
        pthread_cond_wait(&leading->changed, &leading->lock);
    ready = !leading->failed;
    pthread_mutex_unlock(&leading->lock);
    return ready;
}

/* All ranks do it together. */
static bool compare_clocks(struct leading *leading, enum ranks_word word, size_t visit,
                           struct error *error)
{
    leading_tell_all(leading, word, (int64_t)visit);
    return sync_clocks(leading->cluster, &sync_effort_usual, &leading->track, error);
}

bool leading_agree(void *context, int64_t *start_ns)
{
    const struct step_job *job = context;
    struct leading *leading = job->leading;
    size_t visit = leading_visit_of(job);
    struct sync_start start = {0};
    struct error error;
    bool done;

    if (!await_ready(leading, visit))
        return false;
    pthread_mutex_lock(&leading->syncing);
    done = compare_clocks(leading, RANKS_START, visit, &error) &&
           sync_agree(leading->cluster, &sync_effort_usual, &leading->track, &start, &error);
    pthread_mutex_unlock(&leading->syncing);
    if (!done)
        leading_fail(leading, &error);
    *start_ns = start.own_ns;
    return done;
}

struct portion leading_portion(const struct leading *leading, const struct row *row)
{
    return leading ? portion_of_row(row, 0, leading->cluster->ranks) : (struct portion){0};
}

static bool attend(struct leading *leading, struct error *error)
{
    pthread_mutex_lock(&leading->lock);
    if (!leading->attends)
        leading->attends = thread_start(&leading->thread, "ranks", leading_attend, leading);
    pthread_mutex_unlock(&leading->lock);
    return leading->attends || error_set(error, "this machine starts no thread that attends to the "
                                                "other ranks");
}

static void begin(struct led_step *step, struct leading *leading, struct sending *sending)
{
    const struct step_job *job = sending->job;

    *step = (struct led_step){.leading = leading, .sending = sending};
    step->end = memory_new(leading->cluster->ranks, sizeof *step->end);
    step->so_far.of = memory_new(leading->cluster->ranks, sizeof *step->so_far.of);
    step->so_far.own_ns = clock_monotonic_ns();
    pthread_mutex_init(&step->taking, NULL);
    load_start_init(&step->own, 1);
    step->own.agree = leading_agree;
    step->own.context = (void *)job;
    pthread_mutex_lock(&leading->lock);
    step->next = leading->step;
    leading->step = step;
    atomic_store(&step->enough, leading->failed);
    pthread_cond_broadcast(&leading->changed);
    pthread_mutex_unlock(&leading->lock);
    sending->led = step;
}

/* Under the lock. */
static bool has_ended(const struct led_step *step)
{
    const struct leading *leading = step->leading;

    for (size_t i = 1; i < leading->cluster->ranks; i++) {
        if (!step->end[i].ended || leading->rank[i].batches < step->end[i].sent)
            return false;
    }
    return true;
}

void leading_add_others(struct led_step *step, struct load_progress *now)
{
    struct leading *leading = step->leading;
    struct led_progress *so_far = &step->so_far;

    pthread_mutex_lock(&leading->lock);
    so_far->of[0] = *now;
    so_far->own_ns = clock_monotonic_ns();
    for (size_t i = 1; i < leading->cluster->ranks; i++)
        ranks_add_progress(&so_far->of[i], now);
    pthread_mutex_unlock(&leading->lock);
}

/* The own load has ended: its loops show nothing any more. */
static void show_others(struct led_step *step, const struct load *load)
{
    struct load_progress now;
    double since_s;

    pthread_mutex_lock(&step->leading->lock);
    now = step->so_far.of[0];
    since_s = clock_seconds(step->so_far.own_ns, clock_monotonic_ns());
    pthread_mutex_unlock(&step->leading->lock);
    now.in_flight = 0;
    now.elapsed_s += since_s;
    now.counted_s += since_s;
    load->on_progress(load->context, &now);
}

/* Under the lock: until something changes, or a while is over. */
static void await_change(struct leading *leading)
{
    int64_t until_ns = clock_wall_ns() + show_every_ns;
    struct timespec until = {until_ns / CLOCK_NS_PER_S, until_ns % CLOCK_NS_PER_S};

    pthread_cond_timedwait(&leading->changed, &leading->lock, &until);
}

static void await_end(struct led_step *step, const struct load *load)
{
    struct leading *leading = step->leading;
    int64_t due_ns = clock_monotonic_ns() + show_every_ns;

    pthread_mutex_lock(&leading->lock);
    while (!leading->broken && !has_ended(step)) {
        await_change(leading);
        if (clock_monotonic_ns() < due_ns)
            continue;
        pthread_mutex_unlock(&leading->lock);
        show_others(step, load);
        due_ns = clock_monotonic_ns() + show_every_ns;
        pthread_mutex_lock(&leading->lock);
    }
    pthread_mutex_unlock(&leading->lock);
}

/* Whether none of its visit is under way any more. */
static bool take_away(struct led_step *step)
{
    struct leading *leading = step->leading;
    struct led_step **at = &leading->step;
    size_t visit = leading_visit_of(step->sending->job);
    bool last = true;

    pthread_mutex_lock(&leading->lock);
    while (*at != step)
        at = &(*at)->next;
    *at = step->next;
    for (const struct led_step *other = leading->step; other; other = other->next)
        last = last && leading_visit_of(other->sending->job) != visit;
    pthread_mutex_unlock(&leading->lock);
    step->sending->led = NULL;
    return last;
}

/* The own portion, and what the others have sent of theirs. */
static bool send_together(struct led_step *step, struct load *load, struct load_result *result,
                          struct error *error)
{
    struct leading *leading = step->leading;
    const struct step_job *job = step->sending->job;
    bool done;

    load->portion = leading_portion(leading, load->row);
    load->start = job->start ? job->start : &step->own;
    load->enough = &step->enough;
    done = load_run(load, result, error);
    if (!done) {
        load_start_abandon(load->start);
        leading_tell_all(leading, RANKS_ABANDON, (int64_t)leading_visit_of(job));
    }
    if (!done || result->end == STEP_STOPPED)
        atomic_store(&step->enough, true);
    await_end(step, load);
    if (leading->failed)
        *error = leading->error;
    return done && !leading->failed;
}

static void merge(const struct led_step *step, struct load_result *result)
{
    struct recording *recording = &step->sending->files->recording[step->sending->part];

    size_t ranks = step->leading->cluster->ranks;

    sending_note_rank(step->sending, ranks, 0, &result->health, recording->wait_ns);
    for (size_t i = 1; i < ranks; i++) {
        const struct led_end *end = &step->end[i];

        sending_note_rank(step->sending, ranks, i, &end->result.health, end->wait_ns);
        ranks_merge_result(&end->result, result);
        if (end->wait_ns > recording->wait_ns)
            recording->wait_ns = end->wait_ns;
    }
    result->health.clock_uncertainty_s =
        fmax(result->health.clock_uncertainty_s, step->uncertainty_s);
}

static bool compare_after(struct leading *leading, size_t visit, struct error *error)
{
    bool done;

    pthread_mutex_lock(&leading->syncing);
    done = compare_clocks(leading, RANKS_CLOCKS, visit, error);
    pthread_mutex_unlock(&leading->syncing);
    return done;
}

bool leading_send(struct leading *leading, struct sending *sending, struct load *load,
                  struct load_result *result, struct error *error)
{
    size_t visit = leading_visit_of(sending->job);
    struct led_step step;
    bool done, last;

    begin(&step, leading, sending);
    done = attend(leading, error) && tell_step(leading, sending, load, error) &&
           send_together(&step, load, result, error);
    last = take_away(&step);
    if (done && last)
        done = compare_after(leading, visit, error);
    if (done)
        merge(&step, result);
    load_start_clear(&step.own);
    pthread_mutex_destroy(&step.taking);
    free(step.so_far.of);
    free(step.end);
    return done;
}
