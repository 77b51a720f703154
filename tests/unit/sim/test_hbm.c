/* Who leaves the memory, by each rule, against cases worked by hand. Every expert has one
 * configuration of 10 GB. */
#include "sim/hbm.h"

#include "trial.h"

#define ONLY(name)                                                                                 \
    "  - {name: " name ", weight_gb: 10, " SPEEDS ", tiers: [{tokens: 4096, batch_sizes: [1]}]}\n"
#define FIVE(node)                                                                                 \
    "node: {ddr_to_hbm_gb_per_s: 10, " node "}\n"                                                  \
    "experts:\n" ONLY("a") ONLY("b") ONLY("c") ONLY("d") ONLY("e")

/* Calls in turn, 100 s apart, each complete before the next. */
static void test_rules(void **state)
{
    static const struct {
        const char *node;
        const char *calls;
        const char *hits;     /* h: resident, -: loaded */
        const char *evicted;  /* of each call, . for none */
        const char *unloaded; /* the same; how many; "" stands for none at all */
    } cases[] = {
        /* Who was used once leaves, though another was used longer ago. */
        {"hbm_gb: 20, eviction: lfu", "aabcb", "-h---", "...bc", ""},
        /* Of two that were used as often, who was used longest ago. */
        {"hbm_gb: 20, eviction: lfu", "abcab", "-----", "..abc", ""},
        /* A load begins the count anew. */
        {"hbm_gb: 20, eviction: lfu", "aaabbbbcac", "-hh-hhh---", ".......aca", ""},
        /* d: the hand passes all three and takes a. b is used. a: passes b, takes c, which lru
         * takes too but not fifo. e: passes d, takes b, where lru takes d. d is used. c: passes a,
         * d and e, takes a. */
        {"hbm_gb: 30, eviction: clock", "abcdbaedc", "----h--h-", "...a.cb.a", ""},
        {"hbm_gb: 30, eviction: fifo", "abcdbaedc", "----h--h-", "...a.bc.d", ""},
        {"hbm_gb: 30, eviction: lru", "abcdbaedc", "----h----", "...a.cdba", ""},
        /* Whoever would be next stays where it is pinned. */
        {"hbm_gb: 20, pinned: [a]", "abcab", "---h-", "..b.c", ""},
        {"hbm_gb: 20, eviction: fifo, pinned: [a]", "abcab", "---h-", "..b.c", ""},
        {"hbm_gb: 20, eviction: lfu, pinned: [a]", "abbcab", "--h-h-", "...b.c", ""},
        {"hbm_gb: 20, eviction: clock, pinned: [a]", "abcab", "---h-", "..b.c", ""},
        {"hbm_gb: 20, eviction: random, pinned: [a]", "abcab", "---h-", "..b.c", ""},
        /* A call that loads is over after 1.1 s, 98.9 s before the next. */
        {"hbm_gb: 50, idle_unload_s: 98.9", "aab", "---", "...", ".11"},
        {"hbm_gb: 50, idle_unload_s: 98.95", "aab", "-h-", "...", "..1"},
        {"hbm_gb: 50, idle_unload_s: 150", "aabcb", "-h---", ".....", "...11"},
        {"hbm_gb: 50, idle_unload_s: 250", "abcab", "-----", ".....", "...11"},
        {"hbm_gb: 50, idle_unload_s: 250, eviction: none", "abcab", "-----", ".....", "...11"},
        {"hbm_gb: 50, idle_unload_s: 1, pinned: [a]", "abaa", "--hh", "....", "..1."},
        {"hbm_gb: 30, idle_unload_s: 250, eviction: clock", "abcab", "-----", ".....", "...11"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char yaml[2048], hits[16] = "", evicted[16] = "", unloaded[16] = "";
        struct trial trial;

        snprintf(yaml, sizeof yaml, FIVE("%s"), cases[i].node);
        trial_begin(&trial, yaml);
        for (size_t k = 0; cases[i].calls[k]; k++) {
            const char name[] = {cases[i].calls[k], '\0'};
            const struct node_batch *batch;
            struct node_request *r = trial_ask(&trial, name, 10, 10, (int64_t)k * 100 * s);

            trial_finish(&trial);
            batch = r->batch;
            hits[k] = batch->hit ? 'h' : '-';
            evicted[k] = batch->evicted_count ? batch->evicted[0].expert->name[0] : '.';
            unloaded[k] = batch->unloaded.count ? (char)('0' + batch->unloaded.count) : '.';
            assert_true(batch->evicted_count <= 1);
        }
        expect_text(cases[i].node, hits, cases[i].hits);
        expect_text(cases[i].node, evicted, cases[i].evicted);
        expect_text(cases[i].node, cases[i].unloaded[0] ? unloaded : "", cases[i].unloaded);
        trial_end(&trial);
    }
}

static void test_a_batch_tells_what_was_unloaded_and_what_is_there(void **state)
{
    struct trial trial;
    const struct node_batch *batch;

    (void)state;
    trial_begin(&trial, FIVE("hbm_gb: 50, idle_unload_s: 150"));
    trial_ask(&trial, "a", 10, 10, 0);
    trial_finish(&trial);
    trial_ask(&trial, "b", 10, 10, 100 * s);
    trial_finish(&trial);
    trial_ask(&trial, "c", 10, 10, 200 * s);
    trial_finish(&trial);
    batch = trial.requests[2].batch;
    assert_int_equal(batch->unloaded.count, 1);
    expect_text("unloaded", batch->unloaded.items[0].expert->name, "a");
    assert_int_equal(batch->resident.count, 2);
    expect_text("there", batch->resident.items[0].expert->name, "b");
    expect_text("there", batch->resident.items[1].expert->name, "c");
    trial_end(&trial);
}

/* --- Chance ----------------------------------------------------------------------------------- */

/* Memory with a, b and c, of which `running` runs (NULL: none), and who leaves it for d. */
static char leaves(const struct bundle *bundle, const char *running, const struct noise *noise)
{
    struct hbm *hbm = hbm_new(&bundle->node);
    struct bundle_configuration *evicted;
    size_t count;
    char name;

    for (size_t i = 0; i < 4; i++) {
        const struct bundle_expert *expert = bundle_expert(bundle, i);
        const struct bundle_configuration configuration = {expert, bundle_tier(expert, 0), 1};

        assert_true(hbm_use(hbm, &configuration, noise, &evicted, &count));
        if (!running || strcmp(expert->name, running) != 0)
            hbm_rest(hbm, &configuration, 0);
    }
    assert_int_equal(count, 1);
    name = evicted[0].expert->name[0];
    free(evicted);
    hbm_free(hbm);
    return name;
}

/* The seed is fixed: five standard errors hold always or never. */
static void test_random_eviction_is_even_over_who_may_leave(void **state)
{
    static const struct {
        const char *running;
        double shares[3];
    } cases[] = {{NULL, {1.0 / 3, 1.0 / 3, 1.0 / 3}}, {"a", {0, 0.5, 0.5}}, {"b", {0.5, 0, 0.5}}};
    enum { DRAWS = 3000 };
    struct trial trial;

    (void)state;
    trial_begin(&trial, FIVE("hbm_gb: 30, eviction: random"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t left[3] = {0};

        for (int64_t k = 0; k < DRAWS; k++) {
            const struct noise noise = {&trial.file.noise, 7, k};

            left[leaves(&trial.file.bundle, cases[i].running, &noise) - 'a']++;
        }
        for (size_t k = 0; k < 3; k++) {
            double share = cases[i].shares[k];

            assert_true(fabs((double)left[k] / DRAWS - share) <=
                        5 * sqrt(share * (1 - share) / DRAWS));
        }
    }
    trial_end(&trial);
}

static void test_random_eviction_follows_from_seed_and_request(void **state)
{
    int differ = 0;
    struct trial trial;

    (void)state;
    trial_begin(&trial, FIVE("hbm_gb: 30, eviction: random"));
    for (int64_t k = 0; k < 50; k++) {
        const struct noise noise = {&trial.file.noise, 7, k}, seed = {&trial.file.noise, 8, k};
        char name = leaves(&trial.file.bundle, NULL, &noise);

        assert_true(leaves(&trial.file.bundle, NULL, &noise) == name);
        differ += leaves(&trial.file.bundle, NULL, &seed) != name;
    }
    assert_true(differ > 10);
    trial_end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_rules),
        in_folder(test_a_batch_tells_what_was_unloaded_and_what_is_there),
        in_folder(test_random_eviction_is_even_over_who_may_leave),
        in_folder(test_random_eviction_follows_from_seed_and_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
