#include "job/following.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/records.h"
#include "cluster/sync.h"
#include "core/clock.h"
#include "core/given.h"
#include "core/memory.h"
#include "core/thread.h"
#include "job/addressing.h"
#include "job/interrupt.h"
#include "job/load_of.h"
#include "job/ranks_plan.h"
#include "job/ranks_words.h"

/* Records that wait for rank 0: a batch leaves at each look; past so many bytes the load waits. */
enum { WAITING_MOST = 64 << 20 };

static const int64_t look_ns = CLOCK_NS_PER_S / 50, ping_every_ns = CLOCK_NS_PER_S / 4;
static const int64_t patient_ns = 3600 * CLOCK_NS_PER_S;

/* While a load runs an answer is waited for only so long. */
static const struct sync_effort effort_beside = {
    .pings = 1, .ping_ns = CLOCK_NS_PER_S / 20, .patience_ns = CLOCK_NS_PER_S};

struct following {
    struct cluster *cluster;
    struct track track;
    struct ranks_given given;
    struct preparation preparation;
    /* The step under way: */
    struct prompter prompter;
    struct step_job job;
    pthread_t thread;
    bool attends;         /* the thread runs */
    pthread_mutex_t lock; /* of the track and of what follows */
    pthread_cond_t left;  /* records have left */
    struct text waiting;  /* records, packed */
    int64_t batches;      /* of them that were sent */
    int64_t wait_ns;      /* how long the load waited for those to leave */
    int64_t off_ns;       /* how far off the common start it may have begun */
    atomic_bool enough, over, failed;
    bool agreed;
    struct error error;
};

static void fail(struct following *following, const struct error *error)
{
    if (!atomic_exchange(&following->failed, true))
        following->error = *error;
    atomic_store(&following->enough, true);
}

/* --- Records ---------------------------------------------------------------------------------- */

/* Under the lock: rank 0 is behind. */
static void wait_for_room(struct following *following)
{
    int64_t begun_ns = clock_monotonic_ns();

    while (following->waiting.length > WAITING_MOST && !following->failed)
        pthread_cond_wait(&following->left, &following->lock);
    following->wait_ns += clock_monotonic_ns() - begun_ns;
}

static enum load_decision on_request_done(void *context, const struct request *request,
                                          const struct request_texts *texts)
{
    struct following *following = context;

    pthread_mutex_lock(&following->lock);
    if (following->waiting.length > WAITING_MOST)
        wait_for_room(following);
    records_pack(request, texts, &following->track, &following->waiting);
    pthread_mutex_unlock(&following->lock);
    return following->failed ? LOAD_GIVE_UP : LOAD_CONTINUE;
}

static void send_records(struct following *following)
{
    struct text batch;
    struct error error;

    pthread_mutex_lock(&following->lock);
    batch = following->waiting;
    following->waiting = (struct text){0};
    pthread_cond_broadcast(&following->left);
    pthread_mutex_unlock(&following->lock);
    if (batch.length > 0) {
        following->batches++;
        if (!cluster_send(following->cluster, 0, CLUSTER_RECORDS, &batch, &error))
            fail(following, &error);
    }
    text_clear(&batch);
}

/* --- Beside the load -------------------------------------------------------------------------- */

static void obey(struct following *following, const struct cluster_message *message)
{
    struct unpacking unpacking = unpack(&message->bytes);
    int64_t word = unpack_number(&unpacking), number = unpack_number(&unpacking);

    if (word == RANKS_STOP)
        atomic_store(&interrupt_asked, (int)number);
    else if (word == RANKS_ENOUGH)
        atomic_store(&following->enough, true);
}

/* The load waits for no ping: the track is locked only to be added to. */
static void ping(struct following *following)
{
    struct track_sample sample;
    struct error error;
    bool answered;

    if (!sync_ping(following->cluster, &effort_beside, &sample, &answered, &error)) {
        fail(following, &error);
        return;
    }
    pthread_mutex_lock(&following->lock);
    if (answered)
        track_improve(&following->track, sample);
    pthread_mutex_unlock(&following->lock);
}

/* A thread, from the start of the load on. */
static void *attend(void *context)
{
    struct following *following = context;
    struct cluster_message message = {0};
    int64_t ping_due_ns = cluster_now_ns(following->cluster) + ping_every_ns;
    struct error error;

    while (!atomic_load(&following->over)) {
        int64_t until_ns = cluster_now_ns(following->cluster) + look_ns;
        enum cluster_came came =
            cluster_receive(following->cluster, CLUSTER_CONTROL, until_ns, &message, &error);

        if (came == CLUSTER_CAME)
            obey(following, &message);
        if (came == CLUSTER_BROKEN) {
            fail(following, &error);
            break;
        }
        send_records(following);
        if (cluster_now_ns(following->cluster) >= ping_due_ns) {
            ping(following);
            ping_due_ns = cluster_now_ns(following->cluster) + ping_every_ns;
        }
    }
    cluster_message_clear(&message);
    return NULL;
}

/* --- The load --------------------------------------------------------------------------------- */

static void compose(void *context, struct composed *composed)
{
    prompter_compose(&((struct following *)context)->prompter, composed);
}

static void compose_turn(void *context, struct composed *composed, const char *response)
{
    prompter_compose_turn(&((struct following *)context)->prompter, composed, response);
}

static void fit(void *context, struct composed *composed)
{
    prompter_fit(&((struct following *)context)->prompter, composed);
}

static void learn(void *context, const struct request *request)
{
    if (request->end == REQUEST_COMPLETED)
        prompter_learn(&((struct following *)context)->prompter, request);
}

static void on_progress(void *context, const struct load_progress *now)
{
    (void)context;
    (void)now;
}

/* All of it waits for the start; what is beside the load begins with it. */
static bool agree(void *context, int64_t *start_ns)
{
    struct following *following = context;
    struct sync_start start;
    struct error error;

    following->agreed = true;
    if (!sync_agree(following->cluster, &sync_effort_usual, &following->track, &start, &error)) {
        fail(following, &error);
        return false;
    }
    *start_ns = start.own_ns;
    following->off_ns = start.uncertainty_ns;
    following->attends = thread_start(&following->thread, "ranks", attend, following);
    if (!following->attends) {
        error_set(&error, "this machine starts no thread that attends to rank 0");
        fail(following, &error);
    }
    return following->attends;
}

static bool run_load(struct following *following, const struct row *row, double timeout_s,
                     bool preconnect, struct load_result *result, struct error *error)
{
    struct cluster *cluster = following->cluster;
    struct load load = load_of(&following->preparation, row, &following->prompter,
                               following->job.index, timeout_s);
    bool done;

    load.portion = portion_of_row(row, cluster->rank, cluster->ranks);
    load.preconnect = preconnect && portion_next(&load.portion, 0) != SIZE_MAX;
    load.agree = agree;
    load.agree_context = following;
    load.enough = &following->enough;
    load.context = following;
    load.compose = compose;
    load.compose_turn = row_has_sessions(row) ? compose_turn : NULL;
    load.fit = fit;
    load.learn = learn;
    load.on_request_done = on_request_done;
    load.on_progress = on_progress;
    done = load_run(&load, result, error);
    result->health.clock_uncertainty_s = (double)following->off_ns / CLOCK_NS_PER_S;
    return done;
}

static void end_attending(struct following *following)
{
    int64_t ignored;

    if (!following->agreed) /* the others wait for it */
        agree(following, &ignored);
    atomic_store(&following->over, true);
    if (following->attends)
        pthread_join(following->thread, NULL);
    send_records(following);
}

static bool tell_end(struct following *following, const struct load_result *result, bool done,
                     const struct error *why, struct error *error)
{
    struct text bytes = {0};
    bool told;

    pack_number(&bytes, RANKS_ENDED);
    pack_number(&bytes, following->batches);
    pack_bytes(&bytes, why->text, done ? 0 : strlen(why->text));
    ranks_pack_result(result, following->wait_ns, &bytes);
    told = ranks_tell(following->cluster, 0, &bytes, error);
    text_clear(&bytes);
    return told;
}

/* --- A step ----------------------------------------------------------------------------------- */

/* What rank 0 knows of how models count by now. */
static bool take_learned(struct following *following, struct unpacking *unpacking,
                         struct error *error)
{
    char *path = ranks_unpack_text(unpacking);
    size_t length;
    const char *content = unpack_bytes(unpacking, &length);
    const struct text bytes = {.bytes = (char *)content, .length = length};
    bool done = true;

    if (*path && following->preparation.learned)
        done =
            given_add(path, &bytes, error) && learned_take(following->preparation.learned, error);
    free(path);
    return done;
}

static void begin(struct following *following, struct unpacking *unpacking)
{
    following->job = (struct step_job){.preparation = &following->preparation,
                                       .predecessor = -1,
                                       .index = (size_t)unpack_number(unpacking)};
    following->job.attempt = (size_t)unpack_number(unpacking);
    following->agreed = following->attends = false;
    following->wait_ns = following->batches = following->off_ns = 0;
    atomic_store(&following->enough, false);
    atomic_store(&following->over, false);
    atomic_store(&interrupt_asked, 0);
}

static bool prepare_step(struct following *following, const struct row *row, size_t first,
                         struct fidelity *fidelity, struct error *error)
{
    following->job.row = row;
    prompter_init(&following->prompter, &following->job, row, fidelity);
    following->prompter.first = first;
    return prompter_settle(&following->prompter, error);
}

static bool run_step(struct following *following, struct unpacking *unpacking, struct error *error)
{
    const struct preparation *preparation = &following->preparation;
    struct cluster *cluster = following->cluster;
    struct load_result result = {0};
    struct fidelity fidelity;
    struct error why = {""};
    const struct row *row;
    double timeout_s;
    bool preconnect, done;
    size_t first;

    begin(following, unpacking);
    first = (size_t)unpack_number(unpacking);
    preconnect = unpack_number(unpacking);
    timeout_s = unpack_real(unpacking);
    if (following->job.index >= preparation->order.count)
        return error_set(error, "rank 0 begins step %zu, which the plan does not have",
                         following->job.index);
    row = &preparation->rows.row[preparation->order.visit[following->job.index].row];
    done = take_learned(following, unpacking, &why) &&
           prepare_step(following, row, first, &fidelity, &why);
    if (!sync_clocks(cluster, &sync_effort_usual, &following->track, error))
        return false;
    done = done && run_load(following, row, timeout_s, preconnect, &result, &why);
    end_attending(following);
    if (done && following->failed)
        why = following->error;
    done = done && !following->failed;
    prompter_clear(&following->prompter);
    return tell_end(following, &result, done, &why, error) &&
           sync_clocks(cluster, &sync_effort_usual, &following->track, error);
}

/* --- The run ---------------------------------------------------------------------------------- */

static bool make_plan(struct following *following, struct unpacking *unpacking, struct error *error)
{
    char digest[65] = "", host[256] = "";
    struct error why = {""}, unsent;
    struct text bytes = {0};
    bool done = ranks_plan_make(unpacking, &following->given, &following->preparation, &why);

    if (done) {
        ranks_plan_digest(&following->preparation, digest);
        addressing_choose(&following->preparation);
    }
    gethostname(host, sizeof host - 1);
    pack_number(&bytes, RANKS_PLANNED);
    pack_bytes(&bytes, digest, strlen(digest));
    pack_bytes(&bytes, host, strlen(host));
    pack_number(&bytes, getpid());
    pack_bytes(&bytes, why.text, strlen(why.text));
    if (!ranks_tell(following->cluster, 0, &bytes, &unsent))
        why = unsent;
    text_clear(&bytes);
    *error = why;
    return done;
}

/* Rank 0 alone is asked to stop, and tells the others; a terminal asks all of them. */
static void leave_signals_to_rank_0(void)
{
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

/* What comes behind a step that has ended, such as a word to stop, is about that step. */
static bool follow(struct following *following, struct error *error)
{
    struct cluster_message message = {0};
    bool done = true, over = false;

    while (done && !over) {
        int64_t until_ns = cluster_now_ns(following->cluster) + patient_ns;
        enum cluster_came came =
            cluster_receive(following->cluster, CLUSTER_CONTROL, until_ns, &message, error);
        struct unpacking unpacking = unpack(&message.bytes);
        int64_t word = came == CLUSTER_CAME ? unpack_number(&unpacking) : RANKS_STOP;

        done = came != CLUSTER_BROKEN;
        over = word == RANKS_BYE;
        if (done && word == RANKS_PLAN) { /* who cannot make it waits for rank 0's goodbye */
            make_plan(following, &unpacking, error);
            explicit_bzero(message.bytes.bytes, message.bytes.length); /* the key is in it */
        }
        if (done && word == RANKS_STEP)
            done = run_step(following, &unpacking, error);
    }
    cluster_message_clear(&message);
    return done;
}

bool following_run(struct cluster *cluster, struct error *error)
{
    struct following following = {.cluster = cluster};
    bool done;

    leave_signals_to_rank_0();
    pthread_mutex_init(&following.lock, NULL);
    pthread_cond_init(&following.left, NULL);
    done = follow(&following, error);
    prepare_clear(&following.preparation);
    ranks_given_clear(&following.given);
    given_clear();
    track_clear(&following.track);
    text_clear(&following.waiting);
    pthread_cond_destroy(&following.left);
    pthread_mutex_destroy(&following.lock);
    return done;
}
