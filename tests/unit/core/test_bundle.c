/* The bundle file: what is read, what is refused and where, and what is found in it. */
#include "core/bundle.h"

#include "support.h"

#define NODE    "node: {hbm_gb: 100}\n"
#define EXPERTS NODE "experts:\n"
#define A       "  - name: a\n    weight_gb: 1\n" TIERS
#define TIERS   "    tiers: [{tokens: 4096, batch_sizes: [1, 2, 4]}]\n"

static bool read_text(const char *yaml, struct bundle *bundle, struct faults *faults)
{
    support_write("bundle.yaml", yaml);
    return bundle_read("bundle.yaml", bundle, faults);
}

static void test_reads_all_keys(void **state)
{
    struct bundle bundle = {0};
    struct faults faults = {0};
    const struct bundle_expert *expert;

    (void)state;
    assert_true(read_text("node:\n"
                          "  hbm_gb: 64\n"
                          "  ddr_to_hbm_gb_per_s: 200\n"
                          "  switch_overhead_s: 0.01\n"
                          "  eviction: fifo\n"
                          "  reports_batch_size: yes\n"
                          "experts:\n"
                          "  - name: one\n"
                          "    weight_gb: 16.5\n"
                          "    template_tokens: 36\n"
                          "    prefill_tokens_per_s: 1000\n"
                          "    decode_tokens_per_s: 100\n"
                          "    prefill_overhead_s: 0.02\n"
                          "    acceptance_rate: 2.5\n"
                          "    tiers:\n"
                          "      - {tokens: 4096, batch_sizes: [1, 2]}\n"
                          "      - {tokens: 8192, batch_sizes: [1], decode_tokens_per_s: 50}\n",
                          &bundle, &faults));
    expert = bundle_expert(&bundle, 0);
    expect_number("hbm_gb", bundle.node.hbm_gb, 64);
    expect_number("ddr_to_hbm_gb_per_s", bundle.node.ddr_to_hbm_gb_per_s, 200);
    expect_number("switch_overhead_s", bundle.node.switch_overhead_s, 0.01);
    expect_true("eviction", bundle.node.eviction == BUNDLE_EVICTION_FIFO);
    expect_true("reports_batch_size", bundle.node.reports_batch_size);
    expect_text("name", expert->name, "one");
    expect_number("weight_gb", expert->weight_gb, 16.5);
    expect_true("template_tokens", expert->template_tokens == 36);
    expect_number("prefill_overhead_s", expert->prefill_overhead_s, 0.02);
    expect_number("acceptance_rate", expert->acceptance_rate, 2.5);
    expect_number("the expert's speed", bundle_tier(expert, 0)->decode_tokens_per_s, 100);
    expect_number("the tier's own speed", bundle_tier(expert, 1)->decode_tokens_per_s, 50);
    expect_number("the other is the expert's", bundle_tier(expert, 1)->prefill_tokens_per_s, 1000);
    bundle_clear(&bundle);
}

/* What is given nearest to the batch size counts: its own, its tier's, its expert's. */
static void test_speeds_differ_by_batch_size(void **state)
{
    static const struct {
        size_t tier;
        int64_t batch_size;
        double prefill_tokens_per_s, decode_tokens_per_s;
    } cases[] = {
        {0, 1, 1000, 100}, {0, 2, 1000, 90}, {0, 4, 4000, 100}, {1, 1, 500, 100}, {1, 2, 500, 80}};
    struct bundle bundle = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(EXPERTS "  - name: a\n    weight_gb: 1\n"
                                  "    prefill_tokens_per_s: 1000\n"
                                  "    decode_tokens_per_s: 100\n"
                                  "    tiers:\n"
                                  "      - tokens: 4096\n"
                                  "        batch_sizes: [1, 2, 4]\n"
                                  "        speeds:\n"
                                  "          - {batch_size: 2, decode_tokens_per_s: 90}\n"
                                  "          - {batch_size: 4, prefill_tokens_per_s: 4000}\n"
                                  "      - tokens: 8192\n"
                                  "        batch_sizes: [1, 2]\n"
                                  "        prefill_tokens_per_s: 500\n"
                                  "        speeds: [{batch_size: 2, decode_tokens_per_s: 80}]\n",
                          &bundle, &faults));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bundle_speed speed = bundle_speed(
            bundle_tier(bundle_expert(&bundle, 0), cases[i].tier), cases[i].batch_size);

        assert_int_equal(speed.batch_size, cases[i].batch_size);
        expect_number("prefill", speed.prefill_tokens_per_s, cases[i].prefill_tokens_per_s);
        expect_number("decode", speed.decode_tokens_per_s, cases[i].decode_tokens_per_s);
    }
    bundle_clear(&bundle);
}

static void test_reads_each_eviction(void **state)
{
    static const struct {
        const char *word;
        enum bundle_eviction eviction;
    } cases[] = {
        {"lru", BUNDLE_EVICTION_LRU},       {"fifo", BUNDLE_EVICTION_FIFO},
        {"none", BUNDLE_EVICTION_NONE},     {"lfu", BUNDLE_EVICTION_LFU},
        {"random", BUNDLE_EVICTION_RANDOM}, {"clock", BUNDLE_EVICTION_CLOCK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bundle bundle = {0};
        struct faults faults = {0};
        char yaml[256];

        snprintf(
            yaml, sizeof yaml,
            "node: {hbm_gb: 100, eviction: %s}\nexperts:\n  - name: a\n    weight_gb: 1\n" TIERS,
            cases[i].word);
        assert_true(read_text(yaml, &bundle, &faults));
        expect_true(cases[i].word, bundle.node.eviction == (int)cases[i].eviction);
        bundle_clear(&bundle);
    }
}

static void test_speeds_may_be_left_out(void **state)
{
    struct bundle bundle = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(EXPERTS "  - name: a\n    weight_gb: 1\n" TIERS, &bundle, &faults));
    expect_true("lru is the default", bundle.node.eviction == BUNDLE_EVICTION_LRU);
    expect_number("no load speed", bundle.node.ddr_to_hbm_gb_per_s, 0);
    expect_number("no prefill speed",
                  bundle_tier(bundle_expert(&bundle, 0), 0)->prefill_tokens_per_s, 0);
    bundle_clear(&bundle);
}

static void test_refuses_what_cannot_be(void **state)
{
    static const struct {
        const char *yaml;
        const char *fault; /* NULL: none */
    } cases[] = {
        {EXPERTS "  - name: a\n    weight_gb: 1\n" TIERS, NULL},
        {EXPERTS "  - name: a\n    weight_gb: 1\n" TIERS "  - name: a\n    weight_gb: 2\n" TIERS,
         "bundle.yaml:6: an expert 'a' is already listed above"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n", "bundle.yaml:3: 'tiers' is missing"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers: []\n", "bundle.yaml:5: a has no tiers"},
        {EXPERTS "  - name: ''\n    weight_gb: 1\n" TIERS, "bundle.yaml:3: 'name' is missing"},
        {EXPERTS "  - name: a\n    weight_gb: 101\n" TIERS,
         "bundle.yaml:4: a: weight_gb 101 never fits into hbm_gb 100"},
        {"node: {hbm_gb: 100, eviction: none}\nexperts:\n  - name: a\n    weight_gb: 101\n" TIERS,
         NULL},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers:\n"
                 "      - {tokens: 8192, batch_sizes: [1]}\n"
                 "      - {tokens: 4096, batch_sizes: [1]}\n",
         "bundle.yaml:7: a: tier 4096 after 8192"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers: [{tokens: 9, batch_sizes: []}]\n",
         "bundle.yaml:5: batch_sizes: is empty"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers: [{tokens: 9, batch_sizes: [2, 2]}]\n",
         "bundle.yaml:5: batch_sizes: 2 after 2; write them ascending"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers: [{tokens: 9, batch_sizes: [1.5]}]\n",
         "bundle.yaml:5: batch_sizes: 1.5 is not a whole number"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers: [{tokens: 9, batch_sizes: [0]}]\n",
         "bundle.yaml:5: batch_sizes: '0' is not a number from 1"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers:\n"
                 "      - {tokens: 9, batch_sizes: [1, 2],\n"
                 "         speeds: [{batch_size: 3, decode_tokens_per_s: 1}]}\n",
         "bundle.yaml:7: speeds: 3 is not among the tier's batch_sizes"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tiers:\n"
                 "      - {tokens: 9, batch_sizes: [1], speeds: [{batch_size: 1}, "
                 "{batch_size: 1}]}\n",
         "bundle.yaml:6: speeds: batch size 1 appears here again"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n    tokenizer: bytes\n" TIERS,
         "tokenizer: 'bytes' is not one of words, subwords"},
        {"node: {hbm_gb: 100, eviction: mru}\nexperts:\n" A,
         "bundle.yaml:1: eviction: 'mru' is not one of lru, fifo, none, lfu, random, clock"},
        {"node: {hbm_gb: 100, replicas: 0}\nexperts:\n" A,
         "replicas: '0' is not a whole number from 1 to 64"},
        {"node: {hbm_gb: 100, routing: hash}\nexperts:\n" A,
         "routing: 'hash' is not one of round-robin, sticky"},
        {"node: {hbm_gb: 100, schedule: lifo}\nexperts:\n" A,
         "schedule: 'lifo' is not one of fifo, group"},
        {"node: {hbm_gb: 100, idle_unload_s: -1}\nexperts:\n" A,
         "idle_unload_s: '-1' is not a number from 0"},
        {"node:\n  hbm_gb: 100\n  pinned: [a, b]\nexperts:\n" A,
         "bundle.yaml:3: pinned: there is no expert 'b' in this file"},
        {"node: {hbm_gb: 50, pinned: [a]}\nexperts:\n" A "  - name: b\n    weight_gb: 47\n" TIERS,
         NULL},
        {"node: {hbm_gb: 50, pinned: [a]}\nexperts:\n" A "  - name: b\n    weight_gb: 48\n" TIERS,
         "bundle.yaml:1: pinned: all configurations of these experts take 3 GB, the largest other "
         "one 48 GB; both do not fit into hbm_gb 50"},
        {"node: {hbm_gb: 2, pinned: [a]}\nexperts:\n"
         "  - {name: a, weight_gb: 1, tiers: [{tokens: 9, batch_sizes: [1, 2]}, "
         "{tokens: 99, batch_sizes: [1]}]}\n",
         "take 3 GB"},
        {"node: {hbm_gb: 2, eviction: none, pinned: [a]}\nexperts:\n"
         "  - {name: a, weight_gb: 1, tiers: [{tokens: 9, batch_sizes: [1, 2, 4]}]}\n",
         NULL},
        {NODE "experts: []\n", "bundle.yaml:2: experts: is empty"},
        {NODE, "'experts' is missing"},
        {NODE "expertz: []\nexperts:\n  - name: a\n    weight_gb: 1\n" TIERS,
         "did you mean 'experts'"},
        {NODE "experts: [\n", "is not YAML"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bundle bundle = {0};
        struct faults faults = {0};

        expect_true(cases[i].yaml,
                    read_text(cases[i].yaml, &bundle, &faults) == (cases[i].fault == NULL));
        expect_faults(cases[i].yaml, &faults, cases[i].fault);
        faults_clear(&faults);
        bundle_clear(&bundle);
    }
}

/* A config's bundle is the simulator's file, of whose own groups the client knows the names alone.
 */
static void test_leaves_to_the_simulator_what_is_its_own(void **state)
{
    static const char *const cases[] = {
        "noise: {jitter: much}\n",    "noise: [1]\n",
        "behaviour: {usage: some}\n", "behaviour: talks\n",
        "faults: {kind: reset}\n",    "faults:\n  - {request: 1}\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bundle bundle = {0};
        struct faults faults = {0};
        struct text yaml = {0};

        text_add_string(&yaml, EXPERTS A);
        text_add_string(&yaml, cases[i]);
        expect_true(cases[i], read_text(yaml.bytes, &bundle, &faults));
        expect_faults(cases[i], &faults, NULL);
        expect_true(cases[i], bundle.experts.count == 1);
        bundle_clear(&bundle);
        text_clear(&yaml);
    }
}

static void test_finds_tiers_and_batch_sizes(void **state)
{
    static const struct {
        int64_t tokens, tier; /* tier 0: none */
    } tiers[] = {{1, 4096}, {4096, 4096}, {4097, 6000}, {6000, 6000}, {6001, 0}};
    static const struct {
        int64_t requests, batch_size;
    } sizes[] = {{1, 1}, {2, 2}, {3, 8}, {7, 8}, {8, 8}, {50, 8}};
    struct bundle bundle = {0};
    struct faults faults = {0};
    const struct bundle_expert *expert;

    (void)state;
    assert_true(read_text(EXPERTS "  - name: a\n    weight_gb: 1\n    tiers:\n"
                                  "      - {tokens: 4096, batch_sizes: [1, 2, 8]}\n"
                                  "      - {tokens: 6000, batch_sizes: [1]}\n",
                          &bundle, &faults));
    expert = bundle_find_expert(&bundle, "a");
    assert_ptr_equal(expert, bundle_expert(&bundle, 0));
    assert_null(bundle_find_expert(&bundle, "A"));
    for (size_t i = 0; i < COUNT_OF(tiers); i++) {
        const struct bundle_tier *tier = bundle_find_tier(expert, tiers[i].tokens);

        assert_int_equal(tier ? tier->tokens : 0, tiers[i].tier);
    }
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        assert_int_equal(bundle_find_batch_size(bundle_tier(expert, 0), sizes[i].requests),
                         sizes[i].batch_size);
    bundle_clear(&bundle);
}

static void test_names_configurations(void **state)
{
    const struct bundle_expert expert = {.name = (char[]){"gpt"}};
    static const struct {
        int64_t tokens, batch_size;
        const char *name;
    } cases[] = {{4096, 2, "gpt-4k-BS2"}, {131072, 1, "gpt-128k-BS1"}, {5000, 16, "gpt-5000-BS16"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bundle_tier tier = {.tokens = cases[i].tokens};
        struct bundle_configuration configuration = {&expert, &tier, cases[i].batch_size};
        struct text name = {0};

        bundle_add_name(&name, &configuration);
        expect_text("name", name.bytes, cases[i].name);
        text_clear(&name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_reads_all_keys),
        in_folder(test_speeds_differ_by_batch_size),
        in_folder(test_reads_each_eviction),
        in_folder(test_speeds_may_be_left_out),
        in_folder(test_refuses_what_cannot_be),
        in_folder(test_leaves_to_the_simulator_what_is_its_own),
        in_folder(test_finds_tiers_and_batch_sizes),
        cmocka_unit_test(test_names_configurations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
