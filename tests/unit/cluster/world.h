/* A transport for tests: ranks are threads of one process, and a message takes as long as chance
 * says, gets lost, or comes late as one that had to be sent again does. Each rank has a clock of
 * its own, which began elsewhere and runs at its own rate.
 *
 * Time is not the machine's. It stands still while any rank computes; once all wait, it goes to the
 * earliest moment that one waits for. So a test of hours takes a moment, and shows the same beside
 * busy loops. A rank wakes a little late, as processes do. */
#ifndef CLUSTER_WORLD_H
#define CLUSTER_WORLD_H

#include <pthread.h>

#include "cluster/cluster.h"
#include "core/clock.h"
#include "core/random.h"
#include "support.h"

enum { WORLD_RANKS = 8, WORLD_MESSAGES = 65536 };

struct world;

struct world_rank {
    struct world *world;
    size_t rank;
    int64_t begins_ns; /* what its clock shows when the world begins */
    double drift;      /* how much faster than the world's it runs: 100e-6 */
    struct random chance;
    bool waits, over;
    int64_t wake_ns; /* the world's time at which it is to go on */
    unsigned tags;   /* what it waits for */
    pthread_cond_t woken;
    pthread_t thread;
    struct cluster cluster;
    void (*work)(struct cluster *cluster, void *context);
    void *context;
};

struct world_message {
    size_t from, to;
    enum cluster_tag tag;
    int64_t there_ns; /* the world's time at which it arrives */
    struct text bytes;
    bool taken;
};

struct world {
    pthread_mutex_t lock;
    size_t ranks;
    int64_t now_ns;
    int64_t delay_least_ns, delay_most_ns; /* each way, each message */
    int64_t skew_ns;                       /* how much longer the way to rank 0 is */
    double loss;                           /* share of messages */
    int64_t again_ns;                      /* what is not lost for good comes so much later */
    int64_t wakes_late_ns;                 /* at most */
    struct world_rank rank[WORLD_RANKS];
    struct world_message message[WORLD_MESSAGES];
    size_t messages;
};

static inline int64_t world_clock(const struct world_rank *rank, int64_t world_ns)
{
    return rank->begins_ns + world_ns + (int64_t)((double)world_ns * rank->drift);
}

/* The world's time at which the rank's clock shows that, or a nanosecond or two later. */
static inline int64_t world_time(const struct world_rank *rank, int64_t own_ns)
{
    return (int64_t)((double)(own_ns - rank->begins_ns) / (1 + rank->drift)) + 1;
}

static inline int64_t world_draw(struct world_rank *rank, int64_t least, int64_t most)
{
    return least + (int64_t)(random_unit(&rank->chance) * (double)(most - least));
}

/* Under the lock: once all wait, the one whose moment comes first goes on. */
static inline void world_go_on(struct world *world)
{
    struct world_rank *first = NULL;

    for (size_t i = 0; i < world->ranks; i++) {
        struct world_rank *rank = &world->rank[i];

        if (!rank->waits && !rank->over)
            return;
        if (!rank->over && (!first || rank->wake_ns < first->wake_ns))
            first = rank;
    }
    if (!first)
        return;
    if (first->wake_ns > world->now_ns)
        world->now_ns = first->wake_ns;
    world->now_ns += world_draw(first, 0, world->wakes_late_ns);
    first->waits = false;
    pthread_cond_signal(&first->woken);
}

static inline struct world_message *world_next(struct world_rank *rank, unsigned tags)
{
    struct world *world = rank->world;
    struct world_message *next = NULL;

    for (size_t i = 0; i < world->messages; i++) {
        struct world_message *message = &world->message[i];

        if (!message->taken && message->to == rank->rank && (message->tag & tags) &&
            (!next || message->there_ns < next->there_ns))
            next = message;
    }
    return next;
}

static inline void world_wait(struct world_rank *rank, int64_t until_ns, unsigned tags)
{
    struct world *world = rank->world;
    struct world_message *next = world_next(rank, tags);

    rank->wake_ns = next && next->there_ns < until_ns ? next->there_ns : until_ns;
    rank->tags = tags;
    rank->waits = true;
    world_go_on(world);
    while (rank->waits)
        pthread_cond_wait(&rank->woken, &world->lock);
}

static inline int64_t world_now(void *end)
{
    struct world_rank *rank = end;
    int64_t now_ns;

    pthread_mutex_lock(&rank->world->lock);
    now_ns = world_clock(rank, rank->world->now_ns);
    pthread_mutex_unlock(&rank->world->lock);
    return now_ns;
}

/* What comes behind one that was sent again waits for it, as in a stream. */
static inline int64_t world_arrival(struct world_rank *rank, size_t to, enum cluster_tag tag)
{
    struct world *world = rank->world;
    int64_t there_ns = world->now_ns +
                       world_draw(rank, world->delay_least_ns, world->delay_most_ns) +
                       (to == 0 ? world->skew_ns : 0) +
                       (random_unit(&rank->chance) < world->loss ? world->again_ns : 0);

    for (size_t i = 0; i < world->messages && tag != CLUSTER_CLOCK; i++) {
        const struct world_message *before = &world->message[i];

        if (before->from == rank->rank && before->to == to && before->tag == tag &&
            before->there_ns >= there_ns)
            there_ns = before->there_ns + 1;
    }
    return there_ns;
}

static inline bool world_send(void *end, size_t to, enum cluster_tag tag, const struct text *bytes,
                              struct error *error)
{
    struct world_rank *rank = end;
    struct world *world = rank->world;
    struct world_message *message;

    (void)error;
    pthread_mutex_lock(&world->lock);
    if (tag != CLUSTER_CLOCK || random_unit(&rank->chance) >= world->loss) {
        int64_t there_ns = world_arrival(rank, to, tag);

        if (world->messages == WORLD_MESSAGES)
            abort();
        message = &world->message[world->messages++];
        *message =
            (struct world_message){.from = rank->rank, .to = to, .tag = tag, .there_ns = there_ns};
        text_add(&message->bytes, bytes->bytes, bytes->length);
        if (world->rank[to].waits && (world->rank[to].tags & tag) &&
            there_ns < world->rank[to].wake_ns)
            world->rank[to].wake_ns = there_ns;
    }
    pthread_mutex_unlock(&world->lock);
    return true;
}

static inline enum cluster_came world_receive(void *end, unsigned tags, int64_t until_ns,
                                              struct cluster_message *message, struct error *error)
{
    struct world_rank *rank = end;
    struct world *world = rank->world;
    struct world_message *next;
    int64_t until_world_ns = world_time(rank, until_ns);

    (void)error;
    pthread_mutex_lock(&world->lock);
    while ((!(next = world_next(rank, tags)) || next->there_ns > world->now_ns) &&
           world->now_ns < until_world_ns)
        world_wait(rank, until_world_ns, tags);
    if (next && next->there_ns <= world->now_ns) {
        next->taken = true;
        text_reset(&message->bytes);
        text_add(&message->bytes, next->bytes.bytes, next->bytes.length);
        message->from = next->from;
        message->tag = next->tag;
    } else {
        next = NULL;
    }
    pthread_mutex_unlock(&world->lock);
    return next ? CLUSTER_CAME : CLUSTER_NOTHING;
}

/* Waits as a process does that sleeps until a moment of its clock. */
static inline void world_sleep(struct cluster *cluster, int64_t until_ns)
{
    struct world_rank *rank = cluster->end;
    struct cluster_message none = {0};
    struct error error;

    world_receive(rank, 0, until_ns, &none, &error);
}

static inline void world_close(void *end)
{
    (void)end;
}

static inline void *world_thread(void *context)
{
    struct world_rank *rank = context;

    rank->work(&rank->cluster, rank->context);
    pthread_mutex_lock(&rank->world->lock);
    rank->over = true;
    world_go_on(rank->world);
    pthread_mutex_unlock(&rank->world->lock);
    return NULL;
}

/* A world whose clocks began anywhere within a million seconds and drift by up to `drift` either
 * way, from a seed; the caller sets how messages fare, and frees it by world_free. */
static inline struct world *world_new(size_t ranks, double drift, uint64_t seed)
{
    static const struct cluster_transport transport = {.name = "test",
                                                       .send = world_send,
                                                       .receive = world_receive,
                                                       .now_ns = world_now,
                                                       .close = world_close};
    struct world *world = memory_new(1, sizeof *world);

    pthread_mutex_init(&world->lock, NULL);
    world->ranks = ranks;
    for (size_t i = 0; i < ranks; i++) {
        struct world_rank *rank = &world->rank[i];

        *rank = (struct world_rank){.world = world, .rank = i};
        random_init(&rank->chance, (uint64_t[]){seed, i}, 2);
        pthread_cond_init(&rank->woken, NULL);
        rank->begins_ns = world_draw(rank, 0, 1000000 * CLOCK_NS_PER_S);
        rank->drift = drift * (2 * random_unit(&rank->chance) - 1);
        rank->cluster = (struct cluster){&transport, rank, i, ranks};
    }
    return world;
}

/* Runs `work` in every rank, until all are done. `context` is one each, `size` apart. */
static inline void world_run(struct world *world, void (*work)(struct cluster *, void *),
                             void *context, size_t size)
{
    for (size_t i = 0; i < world->ranks; i++) {
        world->rank[i].work = work;
        world->rank[i].context = (char *)context + i * size;
        world->rank[i].over = false;
    }
    for (size_t i = 0; i < world->ranks; i++)
        assert_int_equal(
            pthread_create(&world->rank[i].thread, NULL, world_thread, &world->rank[i]), 0);
    for (size_t i = 0; i < world->ranks; i++)
        pthread_join(world->rank[i].thread, NULL);
}

static inline void world_free(struct world *world)
{
    for (size_t i = 0; i < world->messages; i++)
        text_clear(&world->message[i].bytes);
    for (size_t i = 0; i < world->ranks; i++)
        pthread_cond_destroy(&world->rank[i].woken);
    pthread_mutex_destroy(&world->lock);
    free(world);
}

#endif
