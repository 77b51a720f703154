/* Replicas and who is next, in virtual time, against cases worked by hand (trial.h). */
#include "core/random.h"
#include "trial.h"

#define ONLY(name, gb)                                                                             \
    "  - {name: " name ", weight_gb: " gb ", " SPEEDS                                              \
    ", tiers: [{tokens: 4096, batch_sizes: [1]}]}\n"
#define SIMPLE(node)                                                                               \
    "node: {ddr_to_hbm_gb_per_s: 10, " node "}\n"                                                  \
    "experts:\n" ONLY("a", "10") ONLY("b", "10") ONLY("c", "20")

/* --- Replicas --------------------------------------------------------------------------------- */

/* Calls in turn, each complete before the next. */
static void test_each_replica_has_its_own_memory(void **state)
{
    static const struct {
        const char *node;
        const char *calls;
        const char *replicas;
        const char *hits; /* h: resident, -: loaded */
    } cases[] = {
        {"hbm_gb: 20, replicas: 1", "aaaa", "0000", "-hhh"},
        {"hbm_gb: 20, replicas: 2", "aaaa", "0101", "--hh"},
        {"hbm_gb: 20, replicas: 3", "aaaaaaa", "0120120", "---hhhh"},
        {"hbm_gb: 20, replicas: 2", "abab", "0101", "--hh"},
        {"hbm_gb: 20, replicas: 2", "abbaab", "010101", "----hh"},
        {"hbm_gb: 20, replicas: 2, routing: sticky", "ababba", "010110", "--hhhh"},
        {"hbm_gb: 20, replicas: 2, routing: sticky", "abcab", "01001", "----h"},
        {"hbm_gb: 20, replicas: 3, routing: sticky", "abcab", "01201", "---hh"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char yaml[2048], hits[16] = "", replicas[16] = "";
        struct trial trial;

        snprintf(yaml, sizeof yaml, SIMPLE("%s"), cases[i].node);
        trial_begin(&trial, yaml);
        for (size_t k = 0; cases[i].calls[k]; k++) {
            const char name[] = {cases[i].calls[k], '\0'};
            const struct node_request *r = trial_ask(&trial, name, 10, 10, (int64_t)k * 100 * s);

            trial_finish(&trial);
            hits[k] = r->batch->hit ? 'h' : '-';
            replicas[k] = (char)('0' + r->replica);
            assert_int_equal(r->batch->number, k); /* over all replicas */
        }
        expect_text(cases[i].node, replicas, cases[i].replicas);
        expect_text(cases[i].node, hits, cases[i].hits);
        trial_end(&trial);
    }
}

static void test_replicas_work_beside_each_other(void **state)
{
    struct trial trial;
    const struct node_request *first, *second, *third, *gone;

    (void)state;
    trial_begin(&trial, SIMPLE("hbm_gb: 20, replicas: 2"));
    first = trial_ask(&trial, "a", 500, 1, 0);
    second = trial_ask(&trial, "a", 500, 1, 0);
    third = trial_ask(&trial, "a", 500, 1, 0);
    gone = trial_ask(&trial, "a", 500, 1, 0);
    node_advance(trial.node, 0);
    node_release(trial.node, &trial.requests[3]);
    trial_finish(&trial);
    assert_int_equal(first->batch->started_ns, 0);
    assert_int_equal(second->batch->started_ns, 0);
    assert_int_equal(third->replica, 0);
    assert_int_equal(third->batch->started_ns, 1500 * ms);
    assert_null(gone->batch);
    trial_end(&trial);
}

/* --- Who is next ------------------------------------------------------------------------------ */

/* a runs; then b and a again come, and b's turn is first unless what is loaded goes before. */
static void test_a_group_goes_past_older_requests(void **state)
{
    static const struct {
        const char *node;
        size_t order[4];
        int64_t loads;
    } cases[] = {
        {"hbm_gb: 10", {0, 1, 2, 3}, 4},
        {"hbm_gb: 10, schedule: group", {0, 2, 1, 3}, 2},
        {"hbm_gb: 20", {0, 1, 2, 3}, 2}, /* both are loaded then */
        {"hbm_gb: 20, schedule: group", {0, 2, 1, 3}, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char yaml[2048];
        struct trial trial;
        int64_t loads = 0;

        snprintf(yaml, sizeof yaml,
                 "node: {ddr_to_hbm_gb_per_s: 10, %s}\nexperts:\n" ONLY("a", "10") ONLY("b", "10"),
                 cases[i].node);
        trial_begin(&trial, yaml);
        trial_ask(&trial, "a", 500, 1, 0);
        trial_ask(&trial, "b", 500, 1, 1 * ms);
        trial_ask(&trial, "a", 500, 1, 2 * ms);
        trial_ask(&trial, "b", 500, 1, 4 * ms);
        trial_finish(&trial);
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(trial.started[k], cases[i].order[k]);
            loads += !trial.requests[k].batch->hit;
        }
        assert_int_equal(loads, cases[i].loads);
        trial_end(&trial);
    }
}

/* Of one expert, too: a request for the tier that is loaded goes past one for another. */
static void test_a_group_is_a_configuration(void **state)
{
    struct trial trial;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 10, schedule: group"));
    trial_ask(&trial, "a", 4000, 97, 0);      /* the larger tier */
    trial_ask(&trial, "a", 10, 10, 1 * ms);   /* the smaller */
    trial_ask(&trial, "a", 4000, 98, 2 * ms); /* the larger again */
    trial_finish(&trial);
    assert_int_equal(trial.started[1], 2);
    assert_true(trial.requests[2].batch->hit);
    assert_int_equal(trial.requests[1].batch->started_ns, trial.requests[2].batch->over_ns);
    trial_end(&trial);
}

/* c needs all of the memory while a runs; b is there, rests, and needs none. */
static void test_a_group_does_not_wait_for_memory_it_has(void **state)
{
    static const struct {
        const char *node;
        bool passes;
    } cases[] = {{"hbm_gb: 20", false}, {"hbm_gb: 20, schedule: group", true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char yaml[2048];
        struct trial trial;
        const struct node_request *a, *b, *c;

        snprintf(yaml, sizeof yaml, SIMPLE("%s"), cases[i].node);
        trial_begin(&trial, yaml);
        trial_ask(&trial, "b", 10, 1, 0);
        a = trial_ask(&trial, "a", 10, 1000, 100 * s); /* decodes for 10 s */
        c = trial_ask(&trial, "c", 10, 1, 102 * s);
        b = trial_ask(&trial, "b", 10, 1, 103 * s);
        trial_finish(&trial);
        assert_int_equal(c->batch->started_ns, a->batch->over_ns);
        assert_int_equal(b->batch->started_ns, cases[i].passes ? 103 * s : c->batch->over_ns);
        trial_end(&trial);
    }
}

/* --- All at once ------------------------------------------------------------------------------ */

static void give_up(struct trial *trial, struct node_request *request)
{
    node_release(trial->node, request);
    request->owner = trial;
}

/* A node with anything in it, and 40 requests of anybody at any time, some of which give up. */
static void begin_anything(struct trial *trial, uint64_t seed)
{
    static const char *const routings[] = {"round-robin", "sticky"}, *const pins[] = {"", "a"},
                             *const schedules[] = {"fifo", "group"};
    struct random random;
    char yaml[2048];

    random_init(&random, &seed, 1);
    snprintf(yaml, sizeof yaml,
             "node: {ddr_to_hbm_gb_per_s: 10, hbm_gb: %d, eviction: %s, replicas: %d, routing: %s, "
             "schedule: %s, pinned: [%s], idle_unload_s: %d}\n"
             "noise: {load_spread: %d, drift_per_min: -0.5, second_request: 0.5, "
             "pauses: {every_s: 2, for_s: %g}}\n"
             "experts:\n" ONLY("a", "10") ONLY("b", "10") ONLY("c", "20"),
             30 + 10 * (int)random_below(&random, 2),
             bundle_eviction_names[random_below(&random, 6)], 1 + (int)random_below(&random, 3),
             routings[random_below(&random, 2)], schedules[random_below(&random, 2)],
             pins[random_below(&random, 2)], (int)random_below(&random, 3),
             (int)random_below(&random, 2), 0.1 + 0.8 * (double)random_below(&random, 2));
    trial_begin_seeded(trial, seed, yaml);
    for (int64_t i = 0, now_ns = 0; i < 40; i++) {
        const char name[] = {(char)('a' + random_below(&random, 3)), '\0'};

        now_ns += (int64_t)random_below(&random, 1000) * ms;
        node_advance(trial->node, now_ns);
        trial_ask(trial, name, 1 + (int64_t)random_below(&random, 900),
                  1 + (int64_t)random_below(&random, 300), now_ns);
        if (random_below(&random, 10) == 0)
            give_up(trial, &trial->requests[random_below(&random, trial->count)]);
    }
}

static double occupied_gb(const struct node_batch *batch)
{
    double gb = 0;

    for (size_t i = 0; i < batch->resident.count; i++)
        gb += batch->resident.items[i].expert->weight_gb;
    return gb;
}

/* Each request that stays is served, by a batch that breaks no rule. */
static void test_whatever_the_node_all_are_served(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct trial trial;

        begin_anything(&trial, seed);
        trial_finish(&trial);
        for (size_t i = 0; i < trial.count; i++) {
            const struct node_request *r = &trial.requests[i];

            assert_true(r->batch || r->owner);
            if (r->owner)
                continue;
            assert_true(r->batch->started_ns >= r->arrived_ns);
            assert_int_equal(pauses_end_ns(&r->batch->pauses, r->batch->started_ns),
                             r->batch->started_ns);
            assert_true(node_queue_pause_s(r) >= 0 && r->batch->pause_s >= 0);
            assert_true(r->batch->hit == (r->batch->switch_s == 0));
            assert_true(trial.file.bundle.node.eviction == BUNDLE_EVICTION_NONE ||
                        occupied_gb(r->batch) <= trial.file.bundle.node.hbm_gb);
        }
        trial_end(&trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_each_replica_has_its_own_memory),
        in_folder(test_replicas_work_beside_each_other),
        in_folder(test_a_group_goes_past_older_requests),
        in_folder(test_a_group_is_a_configuration),
        in_folder(test_a_group_does_not_wait_for_memory_it_has),
        in_folder(test_whatever_the_node_all_are_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
