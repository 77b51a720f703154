/* One clock and one start for ranks whose clocks began elsewhere and run apart, over messages that
 * take their time or get lost. The world knows what each clock shows at each moment. */
#include "cluster/sync.h"

#include "cluster/track.h"
#include "world.h"

enum { STEPS = 3, LOOKS = 200, REQUESTS = 50 };

static const double step_s = 120, schedule_s = 0.3e-3;

struct weather {
    const char *name;
    double least_s, most_s, skew_s; /* of a message's way; skew_s: more to rank 0 */
    double loss;
    double uncertain_s; /* what the clock may be uncertain by at most, between two samples */
};

static const struct weather weathers[] = {
    {"one switch", 20e-6, 60e-6, 0, 0, 0.2e-3},
    {"a rack", 20e-6, 0.3e-3, 0, 0, 0.3e-3},
    {"one way longer than the other", 20e-6, 0.2e-3, 4e-3, 0, 2.4e-3},
    {"far away", 0, 50e-3, 0, 0, 15e-3},
    {"far away, and one in five is lost", 0, 50e-3, 0, 0.2, 30e-3},
    {"near, and one in three is lost", 20e-6, 0.3e-3, 0, 0.33, 0.6e-3},
};

struct seen {
    struct track track;
    struct sync_start start[STEPS];
    int64_t from_ns, to_ns;           /* of the own clock: the first start and the last moment */
    int64_t sent_ns[STEPS][REQUESTS]; /* the world's time at which a schedule let it leave */
    bool done;
    struct error error;
};

static struct world *make(const struct weather *weather, size_t ranks, uint64_t seed)
{
    struct world *world = world_new(ranks, 100e-6, seed);

    world->delay_least_ns = clock_from_seconds(weather->least_s);
    world->delay_most_ns = clock_from_seconds(weather->most_s);
    world->skew_ns = clock_from_seconds(weather->skew_s);
    world->loss = weather->loss;
    world->again_ns = CLOCK_NS_PER_S / 5;
    world->wakes_late_ns = 50000;
    return world;
}

/* A request each 10 ms from the start on, then a long wait; before and after it clocks are
 * compared.
 */
static void run_steps(struct cluster *cluster, void *context)
{
    struct seen *seen = context;
    struct world_rank *rank = cluster->end;

    seen->done = sync_clocks(cluster, &sync_effort_usual, &seen->track, &seen->error);
    for (int step = 0; step < STEPS && seen->done; step++) {
        struct sync_start *start = &seen->start[step];

        seen->done = sync_agree(cluster, &sync_effort_usual, &seen->track, start, &seen->error);
        for (int k = 0; k < REQUESTS; k++) {
            world_sleep(cluster, start->own_ns + k * 10 * 1000000LL);
            seen->sent_ns[step][k] = world_time(rank, cluster_now_ns(cluster));
        }
        world_sleep(cluster, start->own_ns + clock_from_seconds(step_s));
        seen->done =
            seen->done && sync_clocks(cluster, &sync_effort_usual, &seen->track, &seen->error);
    }
    seen->from_ns = seen->start[0].own_ns;
    seen->to_ns = cluster_now_ns(cluster);
}

/* At moments all over the run: rank 0's clock as the rank knows it, and as it was. */
static void check_clock(const struct weather *weather, struct world *world, struct seen *seen,
                        size_t rank)
{
    int64_t most_ns = clock_from_seconds(weather->uncertain_s);

    for (int i = 0; i < LOOKS; i++) {
        int64_t own_ns = seen->from_ns + (seen->to_ns - seen->from_ns) / LOOKS * i, uncertain_ns;
        int64_t known_ns = track_root_ns(&seen->track, own_ns, &uncertain_ns);
        int64_t true_ns = world_clock(&world->rank[0], world_time(&world->rank[rank], own_ns));

        if (llabs(known_ns - true_ns) > uncertain_ns + 2)
            fail_msg("%s: rank %zu is %lld ns off, and says no more than %lld", weather->name, rank,
                     (long long)(known_ns - true_ns), (long long)uncertain_ns);
        if (rank > 0 && (uncertain_ns == 0 || uncertain_ns > most_ns))
            fail_msg("%s: rank %zu is uncertain by %lld ns", weather->name, rank,
                     (long long)uncertain_ns);
    }
}

/* By the world's time, against the moments of rank 0's clock that the schedule asks for. */
static void check_schedule(const struct weather *weather, struct world *world, struct seen *seen,
                           const struct sync_start *root, size_t rank)
{
    for (int step = 0; step < STEPS; step++) {
        int64_t most_ns = clock_from_seconds(schedule_s) + seen->start[step].uncertainty_ns;

        assert_int_equal(seen->start[step].root_ns, root[step].root_ns);
        expect_true(weather->name, seen->start[step].late_ns == 0);
        for (int k = 0; k < REQUESTS; k++) {
            int64_t due_ns = world_time(&world->rank[0], root[step].root_ns + k * 10 * 1000000LL);
            int64_t off_ns = llabs(seen->sent_ns[step][k] - due_ns);

            if (off_ns > most_ns)
                fail_msg("%s: request %d of rank %zu left %lld ns off its moment, of %lld",
                         weather->name, k, rank, (long long)off_ns, (long long)most_ns);
        }
    }
}

static void test_every_clock_is_known_within_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(weathers); i++) {
        for (size_t ranks = 1; ranks <= 5; ranks += 2) {
            struct world *world = make(&weathers[i], ranks, i * 100 + ranks);
            struct seen seen[WORLD_RANKS] = {0};

            world_run(world, run_steps, seen, sizeof *seen);
            for (size_t rank = 0; rank < ranks; rank++) {
                if (!seen[rank].done)
                    fail_msg("%s: %s", weathers[i].name, seen[rank].error.text);
                assert_int_equal(seen[rank].track.count, rank > 0 ? STEPS + 1 : 0);
                check_clock(&weathers[i], world, &seen[rank], rank);
                check_schedule(&weathers[i], world, &seen[rank], seen[0].start, rank);
                track_clear(&seen[rank].track);
            }
            world_free(world);
        }
    }
}

/* --- Who does not come ------------------------------------------------------------------------ */

static const struct sync_effort short_effort = {
    .pings = 4, .ping_ns = CLOCK_NS_PER_S / 10, .patience_ns = 3 * CLOCK_NS_PER_S};

struct absent {
    size_t who;
    bool done;
    struct error error;
};

static void compare_without_one(struct cluster *cluster, void *context)
{
    struct absent *absent = context;
    struct track track = {0};

    if (cluster->rank != absent->who)
        absent->done = sync_clocks(cluster, &short_effort, &track, &absent->error);
    track_clear(&track);
}

static void begin_without_one(struct cluster *cluster, void *context)
{
    struct absent *absent = context;
    struct track track = {0};
    struct sync_start start;

    if (cluster->rank != absent->who)
        absent->done = sync_agree(cluster, &short_effort, &track, &start, &absent->error);
}

static void test_who_does_not_come_is_told_of(void **state)
{
    static const struct {
        void (*work)(struct cluster *cluster, void *context);
        size_t absent; /* 3: nobody is */
        double loss;
        const char *of_root, *of_other; /* NULL: it does not notice */
    } cases[] = {
        {compare_without_one, 2, 0, "1 of 3 ranks did not compare their clocks within 3 s", NULL},
        {compare_without_one, 0, 0, NULL, "rank 1: rank 0 compared no clocks within 3 s"},
        {compare_without_one, 3, 1, "2 of 3 ranks did not compare their clocks within 3 s",
         "rank 1: none of 4 pings was answered by rank 0"},
        {begin_without_one, 1, 0, "1 of 3 ranks were not ready to begin within 3 s", NULL},
        {begin_without_one, 0, 0, NULL, "rank 1: rank 0 named no start within 3 s"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world *world = make(&weathers[0], 3, i);
        struct absent absent[3] = {
            {.who = cases[i].absent}, {.who = cases[i].absent}, {.who = cases[i].absent}};

        world->loss = cases[i].loss;
        world_run(world, cases[i].work, absent, sizeof *absent);
        if (cases[i].of_root) {
            assert_false(absent[0].done);
            expect_text("rank 0", absent[0].error.text, cases[i].of_root);
        }
        if (cases[i].of_other) {
            assert_false(absent[1].done);
            expect_text("rank 1", absent[1].error.text, cases[i].of_other);
        }
        world_free(world);
    }
}

/* --- Alone ------------------------------------------------------------------------------------ */

static void test_alone_nobody_is_waited_for(void **state)
{
    struct cluster cluster;
    struct cluster_message message = {0};
    struct track track = {0};
    struct sync_start start;
    struct error error;
    struct text bytes = {0};
    int64_t until_ns;

    (void)state;
    cluster_alone(&cluster);
    assert_true(sync_clocks(&cluster, &sync_effort_usual, &track, &error));
    assert_true(sync_agree(&cluster, &sync_effort_usual, &track, &start, &error));
    assert_int_equal(start.own_ns, start.root_ns);
    assert_int_equal(start.uncertainty_ns, 0);
    assert_true(start.own_ns <= clock_monotonic_ns());
    until_ns = cluster_now_ns(&cluster) + 2000000;
    assert_int_equal(cluster_receive(&cluster, CLUSTER_CLOCK, until_ns, &message, &error),
                     CLUSTER_NOTHING);
    assert_true(clock_monotonic_ns() >= until_ns);
    assert_false(cluster_send(&cluster, 1, CLUSTER_CONTROL, &bytes, &error));
    expect_text("nobody", error.text, "there is no rank 1: this process is alone");
    cluster_close(&cluster);
    cluster_close(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_clock_is_known_within_what_it_says),
        cmocka_unit_test(test_who_does_not_come_is_told_of),
        cmocka_unit_test(test_alone_nobody_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
