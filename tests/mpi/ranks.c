/* What ranks that mpirun has started know of each other's clocks, and whether what they send
 * arrives. Each compares its clock with rank 0's, agrees on a start, waits, and compares again;
 * then all send rank 0 messages of many sizes. Prints a line of JSON for each rank; rank 0 prints
 * all.
 *
 * Usage: ranks WAIT_S MESSAGES */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/pack.h"
#include "cluster/sync.h"
#include "cluster/track.h"
#include "core/clock.h"

enum { SIZES = 5 };

static const size_t sizes[SIZES] = {0, 1, 100, 5000, 300000};

static const struct sync_effort effort = {
    .pings = 64, .ping_ns = CLOCK_NS_PER_S, .patience_ns = 60 * CLOCK_NS_PER_S};

struct seen {
    struct track track;
    struct sync_start start;
    int64_t middle_ns, uncertain_ns; /* what is to be added to the own clock between both samples */
};

static bool compare(struct cluster *cluster, double wait_s, struct seen *seen, struct error *error)
{
    struct cluster_message none = {0};
    int64_t middle_ns;
    bool done = sync_clocks(cluster, &effort, &seen->track, error) &&
                sync_agree(cluster, &effort, &seen->track, &seen->start, error) &&
                cluster_receive(cluster, 0, seen->start.own_ns + clock_from_seconds(wait_s), &none,
                                error) == CLUSTER_NOTHING &&
                sync_clocks(cluster, &effort, &seen->track, error);

    middle_ns = seen->start.own_ns + clock_from_seconds(wait_s / 2);
    seen->middle_ns = track_root_ns(&seen->track, middle_ns, &seen->uncertain_ns) - middle_ns;
    return done;
}

/* Message k of a rank: its number, and bytes that follow from both. */
static void compose(size_t rank, size_t k, struct text *bytes)
{
    text_reset(bytes);
    pack_number(bytes, (int64_t)k);
    for (size_t i = 0; i < sizes[k % SIZES]; i++)
        text_add_char(bytes, (char)(rank * 31 + k * 7 + i));
}

static bool send_all(struct cluster *cluster, size_t messages, struct error *error)
{
    struct text bytes = {0};
    bool done = true;

    for (size_t k = 0; k < messages && done; k++) {
        compose(cluster->rank, k, &bytes);
        done = cluster_send(cluster, 0, CLUSTER_RECORDS, &bytes, error);
    }
    text_clear(&bytes);
    return done;
}

/* Counts those that came in their order and as they were sent. */
static bool receive_all(struct cluster *cluster, size_t messages, size_t *right,
                        struct error *error)
{
    size_t *next = calloc(cluster->ranks, sizeof *next), left = messages * (cluster->ranks - 1);
    int64_t until_ns = cluster_now_ns(cluster) + effort.patience_ns;
    struct cluster_message message = {0};
    struct text bytes = {0};
    enum cluster_came came = CLUSTER_CAME;

    for (; left > 0 && came == CLUSTER_CAME; left--) {
        came = cluster_receive(cluster, CLUSTER_RECORDS, until_ns, &message, error);
        if (came != CLUSTER_CAME)
            break;
        compose(message.from, next[message.from]++, &bytes);
        *right += bytes.length == message.bytes.length &&
                  memcmp(bytes.bytes, message.bytes.bytes, bytes.length) == 0;
    }
    if (came == CLUSTER_NOTHING)
        error_set(error, "%zu messages are missing", left);
    text_clear(&bytes);
    cluster_message_clear(&message);
    free(next);
    return came == CLUSTER_CAME;
}

int main(int count, char **arguments)
{
    double wait_s = count > 1 ? atof(arguments[1]) : 0;
    size_t messages = count > 2 ? (size_t)atoi(arguments[2]) : 0, right = 0;
    struct cluster cluster;
    struct seen seen = {0};
    struct error error = {""};
    bool done = cluster_join(&cluster, &error) && compare(&cluster, wait_s, &seen, &error) &&
                (cluster.rank == 0 ? receive_all(&cluster, messages, &right, &error)
                                   : send_all(&cluster, messages, &error));

    printf("{\"rank\": %zu, \"ranks\": %zu, \"done\": %s, \"error\": \"%s\", \"right\": %zu, "
           "\"root_ns\": %lld, \"own_ns\": %lld, \"start_uncertain_ns\": %lld, \"late_ns\": %lld, "
           "\"offset_ns\": %lld, \"uncertain_ns\": %lld}\n",
           cluster.rank, cluster.ranks, done ? "true" : "false", error.text, right,
           (long long)seen.start.root_ns, (long long)seen.start.own_ns,
           (long long)seen.start.uncertainty_ns, (long long)seen.start.late_ns,
           (long long)seen.middle_ns, (long long)seen.uncertain_ns);
    fflush(stdout);
    track_clear(&seen.track);
    cluster_close(&cluster);
    return done ? 0 : 1;
}
