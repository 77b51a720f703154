#include "cluster/sync.h"

#include "cluster/pack.h"
#include "core/clock.h"

const struct sync_effort sync_effort_usual = {
    .pings = 32, .ping_ns = CLOCK_NS_PER_S / 2, .patience_ns = 600 * CLOCK_NS_PER_S};

/* What ranks tell each other: on CLUSTER_SYNC that rank 0 answers pings and that a rank has done
 * with them, on CLUSTER_START that a rank is ready and when to begin. */
enum word { WORD_PING = 1, WORD_SYNCED, WORD_READY, WORD_START };

/* Beside what a message takes: for the ranks to look. */
static const int64_t lead_ns = CLOCK_NS_PER_S / 200;

static enum cluster_tag tag_of(enum word word)
{
    return word <= WORD_SYNCED ? CLUSTER_SYNC : CLUSTER_START;
}

static bool tell(struct cluster *cluster, size_t to, enum word word, int64_t number,
                 struct error *error)
{
    struct text bytes = {0};
    bool done;

    pack_number(&bytes, word);
    pack_number(&bytes, number);
    done = cluster_send(cluster, to, tag_of(word), &bytes, error);
    text_clear(&bytes);
    return done;
}

static bool tell_all(struct cluster *cluster, enum word word, int64_t number, struct error *error)
{
    bool done = true;

    for (size_t rank = 1; rank < cluster->ranks && done; rank++)
        done = tell(cluster, rank, word, number, error);
    return done;
}

static bool is_word(const struct cluster_message *message, enum word word, int64_t *number)
{
    struct unpacking unpacking = unpack(&message->bytes);
    bool right = unpack_number(&unpacking) == (int64_t)word;

    *number = unpack_number(&unpacking);
    return right && unpack_done(&unpacking);
}

/* Another rank than 0: waits for rank 0's word. */
static bool await_word(struct cluster *cluster, const struct sync_effort *effort, enum word word,
                       int64_t *number, struct error *error)
{
    int64_t until_ns = cluster_now_ns(cluster) + effort->patience_ns;
    struct cluster_message message = {0};
    enum cluster_came came;

    do {
        came = cluster_receive(cluster, tag_of(word), until_ns, &message, error);
    } while (came == CLUSTER_CAME && !is_word(&message, word, number));
    if (came == CLUSTER_NOTHING)
        error_set(error, "rank %zu: rank 0 %s within %lld s", cluster->rank,
                  word == WORD_PING ? "compared no clocks" : "named no start",
                  (long long)(effort->patience_ns / CLOCK_NS_PER_S));
    cluster_message_clear(&message);
    return came == CLUSTER_CAME;
}

/* --- Pings ------------------------------------------------------------------------------------ */

/* Rank 0: the ping's own number and moment go back with the moments at which it came and left. */
bool sync_answer(struct cluster *cluster, const struct cluster_message *ping, struct error *error)
{
    int64_t came_ns = cluster_now_ns(cluster);
    struct text bytes = {0};
    bool done;

    text_add(&bytes, ping->bytes.bytes, ping->bytes.length);
    pack_number(&bytes, came_ns);
    pack_number(&bytes, cluster_now_ns(cluster));
    done = cluster_send(cluster, ping->from, CLUSTER_CLOCK, &bytes, error);
    text_clear(&bytes);
    return done;
}

/* Until every rank has said that it has done. */
static bool answer_all(struct cluster *cluster, const struct sync_effort *effort,
                       struct error *error)
{
    struct cluster_message message = {0};
    int64_t until_ns = cluster_now_ns(cluster) + effort->patience_ns, ignored;
    size_t missing = cluster->ranks - 1;
    bool done = tell_all(cluster, WORD_PING, 0, error);

    while (done && missing > 0) {
        enum cluster_came came =
            cluster_receive(cluster, CLUSTER_CLOCK | CLUSTER_SYNC, until_ns, &message, error);

        if (came == CLUSTER_NOTHING)
            error_set(error, "%zu of %zu ranks did not compare their clocks within %lld s", missing,
                      cluster->ranks, (long long)(effort->patience_ns / CLOCK_NS_PER_S));
        done = came == CLUSTER_CAME;
        if (done && message.tag == CLUSTER_CLOCK)
            done = sync_answer(cluster, &message, error);
        else if (done)
            missing -= is_word(&message, WORD_SYNCED, &ignored);
    }
    cluster_message_clear(&message);
    return done;
}

/* Whether it answers that ping; what comes after the next has left is left aside. */
static bool is_answer(const struct cluster_message *message, int64_t number, int64_t now_ns,
                      struct track_sample *sample)
{
    struct unpacking unpacking = unpack(&message->bytes);
    bool right = unpack_number(&unpacking) == number;
    int64_t t1 = unpack_number(&unpacking), t2 = unpack_number(&unpacking);
    int64_t t3 = unpack_number(&unpacking);

    *sample = track_sample_of(t1, t2, t3, now_ns);
    return unpack_done(&unpacking) && right;
}

/* CLUSTER_NOTHING: it was lost, or is late. */
static enum cluster_came ping(struct cluster *cluster, const struct sync_effort *effort, int number,
                              struct track_sample *sample, struct error *error)
{
    int64_t left_ns = cluster_now_ns(cluster);
    struct cluster_message message = {0};
    enum cluster_came came;
    struct text bytes = {0};

    pack_number(&bytes, number);
    pack_number(&bytes, left_ns);
    came = cluster_send(cluster, 0, CLUSTER_CLOCK, &bytes, error) ? CLUSTER_CAME : CLUSTER_BROKEN;
    while (came == CLUSTER_CAME) {
        came = cluster_receive(cluster, CLUSTER_CLOCK, left_ns + effort->ping_ns, &message, error);
        if (came == CLUSTER_CAME && is_answer(&message, number, cluster_now_ns(cluster), sample))
            break;
    }
    text_clear(&bytes);
    cluster_message_clear(&message);
    return came;
}

static void note_round_trip(struct track *track, int64_t round_trip_ns)
{
    if (round_trip_ns > track->round_trip_most_ns)
        track->round_trip_most_ns = round_trip_ns;
}

static bool measure(struct cluster *cluster, const struct sync_effort *effort, struct track *track,
                    struct error *error)
{
    struct track_sample best = {0}, sample;
    enum cluster_came came = CLUSTER_NOTHING;
    size_t answered = 0;
    int64_t ignored;

    if (!await_word(cluster, effort, WORD_PING, &ignored, error))
        return false;
    for (int i = 0; i < effort->pings && came != CLUSTER_BROKEN; i++) {
        came = ping(cluster, effort, i, &sample, error);
        note_round_trip(track, came == CLUSTER_CAME ? 2 * sample.uncertainty_ns : effort->ping_ns);
        if (came == CLUSTER_CAME &&
            (answered++ == 0 || sample.uncertainty_ns < best.uncertainty_ns))
            best = sample;
    }
    if (came == CLUSTER_BROKEN)
        return false;
    if (answered == 0)
        return error_set(error, "rank %zu: none of %d pings was answered by rank 0", cluster->rank,
                         effort->pings);
    track_add(track, best);
    return tell(cluster, 0, WORD_SYNCED, 0, error);
}

bool sync_ping(struct cluster *cluster, const struct sync_effort *effort,
               struct track_sample *sample, bool *answered, struct error *error)
{
    enum cluster_came came = ping(cluster, effort, -1, sample, error);

    *answered = came == CLUSTER_CAME;
    return came != CLUSTER_BROKEN;
}

bool sync_clocks(struct cluster *cluster, const struct sync_effort *effort, struct track *track,
                 struct error *error)
{
    return cluster->rank == 0 ? answer_all(cluster, effort, error)
                              : measure(cluster, effort, track, error);
}

/* --- The start -------------------------------------------------------------------------------- */

/* Rank 0: waits for all, and learns the longest that a message and its answer took. */
static bool await_ready(struct cluster *cluster, const struct sync_effort *effort,
                        int64_t *round_trip_ns, struct error *error)
{
    int64_t until_ns = cluster_now_ns(cluster) + effort->patience_ns, told_ns;
    struct cluster_message message = {0};
    enum cluster_came came = CLUSTER_CAME;
    size_t missing = cluster->ranks - 1;

    *round_trip_ns = 0;
    while (missing > 0 && came == CLUSTER_CAME) {
        came = cluster_receive(cluster, CLUSTER_START, until_ns, &message, error);
        if (came != CLUSTER_CAME || !is_word(&message, WORD_READY, &told_ns))
            continue;
        missing--;
        if (told_ns > *round_trip_ns)
            *round_trip_ns = told_ns;
    }
    if (came == CLUSTER_NOTHING)
        error_set(error, "%zu of %zu ranks were not ready to begin within %lld s", missing,
                  cluster->ranks, (long long)(effort->patience_ns / CLOCK_NS_PER_S));
    cluster_message_clear(&message);
    return came == CLUSTER_CAME;
}

static bool name_start(struct cluster *cluster, const struct sync_effort *effort,
                       struct sync_start *start, struct error *error)
{
    int64_t round_trip_ns;
    bool done = await_ready(cluster, effort, &round_trip_ns, error);

    start->root_ns = cluster_now_ns(cluster);
    if (cluster->ranks > 1 && done)
        start->root_ns += lead_ns + 2 * round_trip_ns;
    start->own_ns = start->root_ns;
    return done && tell_all(cluster, WORD_START, start->root_ns, error);
}

static bool await_start(struct cluster *cluster, const struct sync_effort *effort,
                        const struct track *track, struct sync_start *start, struct error *error)
{
    int64_t now_ns;

    if (!tell(cluster, 0, WORD_READY, track->round_trip_most_ns, error) ||
        !await_word(cluster, effort, WORD_START, &start->root_ns, error))
        return false;
    start->own_ns = track_own_ns(track, start->root_ns, &start->uncertainty_ns);
    now_ns = cluster_now_ns(cluster);
    start->late_ns = now_ns > start->own_ns ? now_ns - start->own_ns : 0;
    return true;
}

bool sync_agree(struct cluster *cluster, const struct sync_effort *effort,
                const struct track *track, struct sync_start *start, struct error *error)
{
    *start = (struct sync_start){0};
    return cluster->rank == 0 ? name_start(cluster, effort, start, error)
                              : await_start(cluster, effort, track, start, error);
}
