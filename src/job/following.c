#include "job/following.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/given.h"
#include "job/addressing.h"
#include "job/following_parts.h"
#include "job/interrupt.h"

static const int64_t look_ns = CLOCK_NS_PER_S / 50, ping_every_ns = CLOCK_NS_PER_S / 4;
static const int64_t patient_ns = 3600 * CLOCK_NS_PER_S;

/* While a load runs an answer is waited for only so long. */
static const struct sync_effort effort_beside = {
    .pings = 1, .ping_ns = CLOCK_NS_PER_S / 20, .patience_ns = CLOCK_NS_PER_S};

void following_fail(struct following *following, const struct error *error)
{
    pthread_mutex_lock(&following->lock);
    if (!following->failed)
        following->error = *error;
    atomic_store(&following->failed, true);
    pthread_cond_broadcast(&following->changed);
    pthread_mutex_unlock(&following->lock);
}

/* --- Clocks ----------------------------------------------------------------------------------- */

/* Loads under way wait for no ping: the track is locked only to be added to. */
static bool ping(struct following *following, struct error *error)
{
    struct track_sample sample;
    bool answered;

    if (!sync_ping(following->cluster, &effort_beside, &sample, &answered, error))
        return false;
    pthread_mutex_lock(&following->lock);
    if (answered)
        track_improve(&following->track, sample);
    pthread_mutex_unlock(&following->lock);
    return true;
}

static bool compare_clocks(struct following *following, struct error *error)
{
    struct track seen = {0};
    bool done = sync_clocks(following->cluster, &sync_effort_usual, &seen, error);

    pthread_mutex_lock(&following->lock);
    if (done)
        track_add(&following->track, seen.sample[0]);
    if (seen.round_trip_most_ns > following->track.round_trip_most_ns)
        following->track.round_trip_most_ns = seen.round_trip_most_ns;
    pthread_mutex_unlock(&following->lock);
    track_clear(&seen);
    return done;
}

/* A visit begins on all ranks together. */
static bool start_visit(struct following *following, size_t visit, struct error *error)
{
    struct sync_start start;

    if (!compare_clocks(following, error) ||
        !sync_agree(following->cluster, &sync_effort_usual, &following->track, &start, error))
        return false;
    following_start(following, visit, &start);
    return true;
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

static bool obey(struct following *following, const struct cluster_message *message, bool *over,
                 struct error *error)
{
    struct unpacking unpacking = unpack(&message->bytes);
    int64_t word = unpack_number(&unpacking);

    *over = word == RANKS_BYE;
    if (word == RANKS_PLAN) { /* who cannot make it waits for rank 0's goodbye */
        make_plan(following, &unpacking, error);
        explicit_bzero(message->bytes.bytes, message->bytes.length); /* the key is in it */
    } else if (word == RANKS_STEP) {
        return following_begin(following, &unpacking, error);
    } else if (word == RANKS_START) {
        return start_visit(following, (size_t)unpack_number(&unpacking), error);
    } else if (word == RANKS_CLOCKS) {
        return compare_clocks(following, error);
    } else if (word == RANKS_ABANDON) {
        following_abandon(following, (size_t)unpack_number(&unpacking));
    } else if (word == RANKS_ENOUGH) {
        following_enough(following, (size_t)unpack_number(&unpacking));
    } else if (word == RANKS_STOP) {
        atomic_store(&interrupt_asked, (int)unpack_number(&unpacking));
    }
    return true;
}

/* Once at each look. */
static bool report(struct following *following, int64_t *ping_due_ns, struct error *error)
{
    if (!following->visit)
        return true;
    if (!following_send_records(following, error) || !following_tell_progress(following, error) ||
        !following_tell_ends(following, error))
        return false;
    if (cluster_now_ns(following->cluster) < *ping_due_ns)
        return true;
    *ping_due_ns = cluster_now_ns(following->cluster) + ping_every_ns;
    return ping(following, error);
}

static bool follow(struct following *following, struct error *error)
{
    struct cluster_message message = {0};
    int64_t ping_due_ns = 0;
    bool done = true, over = false;

    while (done && !over && !following->failed) {
        int64_t until_ns =
            cluster_now_ns(following->cluster) + (following->visit ? look_ns : patient_ns);
        enum cluster_came came =
            cluster_receive(following->cluster, CLUSTER_CONTROL, until_ns, &message, error);

        done = came != CLUSTER_BROKEN &&
               (came == CLUSTER_NOTHING || obey(following, &message, &over, error)) &&
               (over || report(following, &ping_due_ns, error));
    }
    cluster_message_clear(&message);
    if (done && following->failed)
        *error = following->error;
    if (!done)
        following_fail(following, error);
    return done && !following->failed;
}

bool following_run(struct cluster *cluster, struct error *error)
{
    struct following following = {.cluster = cluster};
    bool done;

    leave_signals_to_rank_0();
    pthread_mutex_init(&following.lock, NULL);
    pthread_cond_init(&following.changed, NULL);
    done = follow(&following, error);
    following_end_all(&following);
    prepare_clear(&following.preparation);
    ranks_given_clear(&following.given);
    given_clear();
    track_clear(&following.track);
    text_clear(&following.waiting);
    pthread_cond_destroy(&following.changed);
    pthread_mutex_destroy(&following.lock);
    return done;
}
