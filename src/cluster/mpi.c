/* The transport by MPI (MPI 3.1, mpi-forum.org): compiled into what `make mpi` builds only, whose
 * cluster_join it is. A process that mpirun has not started is rank 0 of 1. */
#include <limits.h>
#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cluster/cluster.h"
#include "core/clock.h"
#include "core/memory.h"

/* A message on its way: MPI reads its bytes until the request is complete. */
struct outgoing {
    MPI_Request request;
    char *bytes;
    size_t length;
};

/* So many may be on their way; then a sender waits for the receivers. */
enum { OUTGOING_MOST = 64 };

struct mpi_end {
    pthread_mutex_t lock; /* MPI is entered by one thread at a time */
    struct outgoing outgoing[OUTGOING_MOST];
    size_t under_way;
};

/* MPI has nothing to sleep on, so a receiver looks, and rests. Who waits for a clock or a start
 * alone looks without a rest at first, so that a ping's answer is seen as it comes. Who attends
 * beside a load rests longer, since looking costs processor time that the load wants; a ping that
 * it answers then tells the clock less well, by half of that. */
static const int64_t eager_ns = 1000000;
static const long rest_ns = 50000, rest_with_pings_ns = 250000, rest_beside_ns = 1000000;

static bool check(int code, const char *what, struct error *error)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length;

    if (code == MPI_SUCCESS)
        return true;
    MPI_Error_string(code, text, &length);
    return error_set(error, "MPI could not %s: %s", what, text);
}

/* Frees what has been delivered. */
static bool reap(struct mpi_end *end, struct error *error)
{
    for (size_t i = 0; i < end->under_way;) {
        struct outgoing *outgoing = &end->outgoing[i];
        int complete = 0;

        if (!check(MPI_Test(&outgoing->request, &complete, MPI_STATUS_IGNORE), "send", error))
            return false;
        if (!complete) {
            i++;
            continue;
        }
        explicit_bzero(outgoing->bytes, outgoing->length); /* a key may be in it */
        free(outgoing->bytes);
        *outgoing = end->outgoing[--end->under_way];
    }
    return true;
}

/* Starts to send, where there is room; `*sent` tells whether there was. */
static bool try_send(struct mpi_end *end, size_t to, enum cluster_tag tag, const struct text *bytes,
                     bool *sent, struct error *error)
{
    struct outgoing *outgoing;

    if (!reap(end, error))
        return false;
    *sent = end->under_way < OUTGOING_MOST;
    if (!*sent)
        return true;
    outgoing = &end->outgoing[end->under_way++];
    outgoing->bytes = memory_bytes(bytes->length ? bytes->bytes : "", bytes->length);
    outgoing->length = bytes->length;
    return check(MPI_Isend(outgoing->bytes, (int)bytes->length, MPI_BYTE, (int)to, (int)tag,
                           MPI_COMM_WORLD, &outgoing->request),
                 "send", error);
}

static void rest(long ns)
{
    nanosleep(&(struct timespec){0, ns}, NULL);
}

static bool is_beside(unsigned tags)
{
    return tags & (CLUSTER_CONTROL | CLUSTER_RECORDS);
}

/* Who has waited for long waits for no ping. */
static long rest_after(unsigned tags, int64_t waited_ns)
{
    if (waited_ns >= CLOCK_NS_PER_S)
        return 40 * rest_ns;
    return !is_beside(tags) ? rest_ns : tags & CLUSTER_CLOCK ? rest_with_pings_ns : rest_beside_ns;
}

static bool mpi_send(void *context, size_t to, enum cluster_tag tag, const struct text *bytes,
                     struct error *error)
{
    struct mpi_end *end = context;
    bool sent = false, done = true;

    if (bytes->length > INT_MAX)
        return error_set(error, "a message of %zu bytes is too long for MPI", bytes->length);
    while (done && !sent) {
        pthread_mutex_lock(&end->lock);
        done = try_send(end, to, tag, bytes, &sent, error);
        pthread_mutex_unlock(&end->lock);
        if (done && !sent)
            rest(rest_ns);
    }
    return done;
}

static bool take(MPI_Message *found, const MPI_Status *status, struct cluster_message *message,
                 struct error *error)
{
    int length;

    MPI_Get_count(status, MPI_BYTE, &length);
    text_reset(&message->bytes);
    message->bytes.bytes = memory_resize(message->bytes.bytes, (size_t)length + 1, 1);
    message->bytes.room = (size_t)length + 1;
    if (!check(MPI_Mrecv(message->bytes.bytes, length, MPI_BYTE, found, MPI_STATUS_IGNORE),
               "receive", error))
        return false;
    message->bytes.length = (size_t)length;
    message->bytes.bytes[length] = '\0';
    message->from = (size_t)status->MPI_SOURCE;
    message->tag = (enum cluster_tag)status->MPI_TAG;
    return true;
}

/* Looks once, for each tag. */
static enum cluster_came look(struct mpi_end *end, unsigned tags, struct cluster_message *message,
                              struct error *error)
{
    if (!reap(end, error))
        return CLUSTER_BROKEN;
    for (unsigned tag = 1; tag <= CLUSTER_RECORDS; tag <<= 1) {
        MPI_Message found;
        MPI_Status status;
        int is_there = 0;

        if (!(tags & tag))
            continue;
        if (!check(
                MPI_Improbe(MPI_ANY_SOURCE, (int)tag, MPI_COMM_WORLD, &is_there, &found, &status),
                "receive", error))
            return CLUSTER_BROKEN;
        if (is_there)
            return take(&found, &status, message, error) ? CLUSTER_CAME : CLUSTER_BROKEN;
    }
    return CLUSTER_NOTHING;
}

static enum cluster_came mpi_receive(void *context, unsigned tags, int64_t until_ns,
                                     struct cluster_message *message, struct error *error)
{
    struct mpi_end *end = context;
    int64_t begun_ns = clock_monotonic_ns(), now_ns;
    enum cluster_came came;

    do {
        pthread_mutex_lock(&end->lock);
        came = look(end, tags, message, error);
        pthread_mutex_unlock(&end->lock);
        now_ns = clock_monotonic_ns();
        if (came != CLUSTER_NOTHING || now_ns >= until_ns)
            continue;
        if (!is_beside(tags) && now_ns - begun_ns < eager_ns)
            sched_yield();
        else
            rest(rest_after(tags, now_ns - begun_ns));
    } while (came == CLUSTER_NOTHING && now_ns < until_ns);
    return came;
}

static int64_t mpi_now_ns(void *end)
{
    (void)end;
    return clock_monotonic_ns();
}

/* What is still on its way is delivered first. */
static void mpi_close(void *context)
{
    struct mpi_end *end = context;
    struct error error;

    pthread_mutex_lock(&end->lock);
    while (end->under_way > 0 && reap(end, &error))
        rest(rest_ns);
    MPI_Finalize();
    pthread_mutex_unlock(&end->lock);
    pthread_mutex_destroy(&end->lock);
    free(end);
}

static bool join(struct cluster *cluster, struct error *error)
{
    int given, rank, ranks;

    if (!check(MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given), "begin", error))
        return false;
    if (given < MPI_THREAD_SERIALIZED)
        return error_set(error,
                         "this MPI lets one thread call it only; OpenMPI of Debian does not");
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    cluster->rank = (size_t)rank;
    cluster->ranks = (size_t)ranks;
    return true;
}

/* What mpirun and srun tell each process. */
bool cluster_is_many(void)
{
    static const char *const counts[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                         "SLURM_STEP_NUM_TASKS"};
    bool many = false;

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const char *count = getenv(counts[i]);

        many |= count && atoi(count) > 1;
    }
    return many;
}

bool cluster_join(struct cluster *cluster, struct error *error)
{
    static const struct cluster_transport mpi = {
        .name = "mpi",
        .send = mpi_send,
        .receive = mpi_receive,
        .now_ns = mpi_now_ns,
        .close = mpi_close,
    };
    struct mpi_end *end;

    *cluster = (struct cluster){0};
    if (!join(cluster, error))
        return false;
    end = memory_new(1, sizeof *end);
    pthread_mutex_init(&end->lock, NULL);
    cluster->transport = &mpi;
    cluster->end = end;
    return true;
}
