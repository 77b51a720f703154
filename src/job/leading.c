#include "job/leading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/records.h"
#include "cluster/sync.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/given.h"
#include "core/memory.h"
#include "core/thread.h"
#include "job/interrupt.h"
#include "job/ranks_plan.h"
#include "job/ranks_words.h"

enum { HOST = 256 };

/* How long a message is waited for, before it is looked at what else is to be done. */
static const int64_t look_ns = CLOCK_NS_PER_S / 50;

/* What is known of another rank. */
struct led {
    char host[HOST];
    long pid;
    bool ended;                /* the step's load */
    int64_t batches, sent;     /* of records that have come, and that it sent in all */
    struct load_result result; /* of it */
    int64_t wait_ns;           /* how long its records waited */
    double uncertainty_s;      /* of its records' clocks, at most */
};

struct leading {
    struct cluster *cluster;
    struct track track; /* rank 0's clock is its own: there are no samples */
    struct text hosts;
    struct led *rank; /* one each; the first is this */
    /* The step under way: */
    struct sending *sending;
    pthread_t thread;
    pthread_mutex_t taking; /* records are taken in one at a time */
    atomic_bool enough;     /* the own load is to end early */
    atomic_bool unkept;     /* a record could not be kept */
    bool agreed;
    int told_stop; /* as often as the others know of */
    bool told_enough;
    struct record record;
    struct error error;
    atomic_bool failed;
};

struct leading *leading_new(struct cluster *cluster)
{
    struct leading *leading = memory_new(1, sizeof *leading);

    leading->cluster = cluster;
    leading->rank = memory_new(cluster->ranks, sizeof *leading->rank);
    pthread_mutex_init(&leading->taking, NULL);
    given_note();
    return leading;
}

void leading_free(struct leading *leading)
{
    struct text bytes = {0};
    struct error error;

    if (!leading)
        return;
    pack_number(&bytes, RANKS_BYE);
    ranks_tell_all(leading->cluster, &bytes, &error);
    text_clear(&bytes);
    given_clear();
    record_clear(&leading->record);
    pthread_mutex_destroy(&leading->taking);
    text_clear(&leading->hosts);
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

    if (!ranks_plan_check(preparation, error))
        return false;
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

static void fail(struct leading *leading, const struct error *error)
{
    if (!atomic_exchange(&leading->failed, true))
        leading->error = *error;
    atomic_store(&leading->enough, true);
}

static void tell(struct leading *leading, enum ranks_word word, int64_t number)
{
    struct text bytes = {0};
    struct error error;

    pack_number(&bytes, word);
    pack_number(&bytes, number);
    if (!ranks_tell_all(leading->cluster, &bytes, &error))
        fail(leading, &error);
    text_clear(&bytes);
}

/* What the user asked for, and whether enough was sent. */
static void tell_end(struct leading *leading)
{
    bool gives_up = atomic_load(&leading->unkept) || atomic_load(&leading->failed);
    int stop = gives_up ? 2 : atomic_load(&interrupt_asked);

    if (stop > leading->told_stop) {
        leading->told_stop = stop;
        tell(leading, RANKS_STOP, stop);
    }
    if (!leading->told_enough && atomic_load(&leading->enough)) {
        leading->told_enough = true;
        tell(leading, RANKS_ENOUGH, 0);
    }
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

static bool tell_step(struct leading *leading, const struct load *load, struct error *error)
{
    const struct step_job *job = leading->sending->job;
    struct text bytes = {0};
    bool done;

    pack_number(&bytes, RANKS_STEP);
    pack_number(&bytes, (int64_t)job->index);
    pack_number(&bytes, (int64_t)job->attempt);
    pack_number(&bytes, (int64_t)leading->sending->prompter->first);
    pack_number(&bytes, load->preconnect);
    pack_real(&bytes, load->timeout_s);
    pack_learned(job->preparation->learned, &bytes);
    done = ranks_tell_all(leading->cluster, &bytes, error);
    text_clear(&bytes);
    return done;
}

/* --- What comes of it ------------------------------------------------------------------------- */

/* Under the lock. */
static enum load_decision take(struct leading *leading, const struct request *request,
                               const struct request_texts *texts)
{
    enum load_decision decision = sending_take(leading->sending, request, texts);

    if (decision == LOAD_GIVE_UP)
        atomic_store(&leading->unkept, true);
    if (decision != LOAD_CONTINUE)
        atomic_store(&leading->enough, true);
    if (request->clock_uncertainty_s > leading->rank[request->rank].uncertainty_s)
        leading->rank[request->rank].uncertainty_s = request->clock_uncertainty_s;
    return decision;
}

enum load_decision leading_take_own(struct leading *leading, const struct request *request,
                                    const struct request_texts *texts)
{
    struct request of_rank = *request;
    enum load_decision decision;

    of_rank.ranks = leading->cluster->ranks;
    pthread_mutex_lock(&leading->taking);
    decision = take(leading, &of_rank, texts);
    pthread_mutex_unlock(&leading->taking);
    return decision;
}

/* What is only a name here stands as long as the run. */
static void name_again(struct leading *leading, struct request *request)
{
    const struct prompter *prompter = leading->sending->prompter;
    static const char *const versions[] = {"1.0", "1.1", "2", NULL};
    const char *version = request->http_version;

    if (request->asked.name)
        request->asked.name =
            request->asked.text < prompter->texts ? prompter->text[request->asked.text].name : NULL;
    request->http_version = NULL;
    for (size_t i = 0; version && versions[i]; i++) {
        if (strcmp(versions[i], version) == 0)
            request->http_version = versions[i];
    }
}

static void take_records(struct leading *leading, const struct cluster_message *message)
{
    struct unpacking unpacking = unpack(&message->bytes);
    struct record *record = &leading->record;
    int64_t wall_at_ns = clock_wall_ns() - clock_monotonic_ns();
    struct error error;

    leading->rank[message->from].batches++;
    while (unpacking.left > 0 && !atomic_load(&leading->unkept)) {
        if (!records_unpack(&unpacking, record)) {
            error_set(&error, "records of rank %zu did not come whole", message->from);
            fail(leading, &error);
            return;
        }
        name_again(leading, &record->request);
        record->request.wall_at_ns = wall_at_ns;
        record->request.rank = message->from;
        record->request.ranks = leading->cluster->ranks;
        if (record->request.end == REQUEST_COMPLETED)
            prompter_learn(leading->sending->prompter, &record->request);
        pthread_mutex_lock(&leading->taking);
        take(leading, &record->request, record->has_texts ? &record->texts : NULL);
        pthread_mutex_unlock(&leading->taking);
    }
}

static void take_end(struct leading *leading, const struct cluster_message *message)
{
    struct unpacking unpacking = unpack(&message->bytes);
    struct led *rank = &leading->rank[message->from];
    bool right = unpack_number(&unpacking) == RANKS_ENDED;
    char *why;
    struct error error;

    rank->sent = unpack_number(&unpacking);
    why = ranks_unpack_text(&unpacking);
    ranks_unpack_result(&unpacking, &rank->result, &rank->wait_ns);
    rank->ended = true;
    if (!right || !unpack_done(&unpacking))
        error_set(&error, "what rank %zu tells of its load did not come whole", message->from);
    else if (*why)
        error_set(&error, "rank %zu (%s): %.900s", message->from, rank->host, why);
    if (!right || !unpack_done(&unpacking) || *why)
        fail(leading, &error);
    free(why);
}

static void take_message(struct leading *leading, const struct cluster_message *message)
{
    struct error error;

    if (message->tag == CLUSTER_RECORDS)
        take_records(leading, message);
    else if (message->tag == CLUSTER_CONTROL)
        take_end(leading, message);
    else if (!sync_answer(leading->cluster, message, &error))
        fail(leading, &error);
}

static bool all_ended(const struct leading *leading)
{
    for (size_t i = 1; i < leading->cluster->ranks; i++) {
        if (!leading->rank[i].ended || leading->rank[i].batches < leading->rank[i].sent)
            return false;
    }
    return true;
}

/* A thread: until each rank has told its end, and all its records have come, which its word may
 * pass by. */
static void *attend(void *context)
{
    struct leading *leading = context;
    struct cluster_message message = {0};
    enum cluster_came came = CLUSTER_CAME;
    struct error error;

    while (came != CLUSTER_BROKEN && !all_ended(leading)) {
        int64_t until_ns = cluster_now_ns(leading->cluster) + look_ns;

        came = cluster_receive(leading->cluster, CLUSTER_CLOCK | CLUSTER_CONTROL | CLUSTER_RECORDS,
                               until_ns, &message, &error);
        if (came == CLUSTER_CAME)
            take_message(leading, &message);
        tell_end(leading);
    }
    if (came == CLUSTER_BROKEN)
        fail(leading, &error);
    cluster_message_clear(&message);
    return NULL;
}

/* --- A step ----------------------------------------------------------------------------------- */

static bool agree(void *context, int64_t *start_ns)
{
    struct leading *leading = context;
    struct sync_start start;
    struct error error;

    leading->agreed = true;
    if (!sync_agree(leading->cluster, &sync_effort_usual, &leading->track, &start, &error)) {
        fail(leading, &error);
        return false;
    }
    *start_ns = start.own_ns;
    return true;
}

static struct led led_anew(const struct led *before)
{
    struct led led = {.pid = before->pid};

    memcpy(led.host, before->host, sizeof led.host);
    return led;
}

static void begin(struct leading *leading, struct sending *sending, struct load *load)
{
    leading->sending = sending;
    leading->agreed = leading->told_enough = false;
    leading->told_stop = 0;
    atomic_store(&leading->enough, false);
    for (size_t i = 0; i < leading->cluster->ranks; i++)
        leading->rank[i] = led_anew(&leading->rank[i]);
    load->portion = portion_of_row(load->row, 0, leading->cluster->ranks);
    load->agree = agree;
    load->agree_context = leading;
    load->enough = &leading->enough;
}

static void merge(struct leading *leading, struct load_result *result)
{
    struct recording *recording = &leading->sending->files->recording[leading->sending->part];

    leading->rank[0].result = *result;
    leading->rank[0].wait_ns = recording->wait_ns;
    for (size_t i = 0; i < leading->cluster->ranks; i++) {
        struct led *rank = &leading->rank[i];
        double *uncertain_s = &rank->result.health.clock_uncertainty_s;

        *uncertain_s = fmax(*uncertain_s, rank->uncertainty_s);
        if (i > 0)
            ranks_merge_result(&rank->result, result);
        if (rank->wait_ns > recording->wait_ns)
            recording->wait_ns = rank->wait_ns;
    }
}

void leading_note_ranks(const struct leading *leading, const struct sending *sending,
                        struct step *step)
{
    step->ranks = leading->cluster->ranks;
    step->rank = memory_new(step->ranks, sizeof *step->rank);
    for (size_t i = 0; i < step->ranks; i++) {
        const struct led *led = &leading->rank[i];

        step->rank[i] = (struct step_rank){.requests = i < sending->ranks ? sending->of_rank[i] : 0,
                                           .journal_wait_s = clock_seconds(0, led->wait_ns),
                                           .health = led->result.health};
    }
}

/* The own portion, while a thread attends to the others'. */
static bool send_together(struct leading *leading, struct load *load, struct load_result *result,
                          struct error *error)
{
    bool attends = thread_start(&leading->thread, "ranks", attend, leading);
    bool done = attends ? load_run(load, result, error)
                        : error_set(error, "this machine starts no thread that attends to the "
                                           "other ranks");
    int64_t ignored;

    if (!leading->agreed) /* the others wait for it */
        agree(leading, &ignored);
    if (!done || result->end == STEP_STOPPED)
        atomic_store(&leading->enough, true);
    if (attends)
        pthread_join(leading->thread, NULL);
    else
        attend(leading);
    if (leading->failed)
        *error = leading->error;
    return done && !leading->failed;
}

bool leading_send(struct leading *leading, struct sending *sending, struct load *load,
                  struct load_result *result, struct error *error)
{
    struct error ignored;
    bool done;

    begin(leading, sending, load);
    if (!tell_step(leading, load, error) ||
        !sync_clocks(leading->cluster, &sync_effort_usual, &leading->track, error))
        return false;
    done = send_together(leading, load, result, error);
    done = sync_clocks(leading->cluster, &sync_effort_usual, &leading->track,
                       done ? error : &ignored) &&
           done;
    if (done)
        merge(leading, result);
    return done;
}
