/* What the simulator alone reads of a bundle file: what is there without a word, what is read, and
 * what is refused and where. */
#include "sim/node_file.h"

#include "support.h"

#define EXPERTS "node: {hbm_gb: 100}\nexperts:\n"
#define A       "  - name: a\n    weight_gb: 1\n" TIERS
#define TIERS   "    tiers: [{tokens: 4096, batch_sizes: [1, 2, 4]}]\n"

static bool read_text(const char *yaml, struct node_file *file, struct faults *faults)
{
    support_write("bundle.yaml", yaml);
    return node_file_read("bundle.yaml", file, faults);
}

static void test_noise_is_off_unless_given(void **state)
{
    struct node_file file = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(EXPERTS "  - name: a\n    weight_gb: 1\n" TIERS, &file, &faults));
    expect_number("jitter", file.noise.jitter, 0);
    expect_number("stall_probability", file.noise.stall_probability, 0);
    expect_number("network_delay_s", file.noise.network_delay_s, 0);
    expect_number("warmup_s", file.noise.warmup_s, 0);
    expect_true("no prefix cache", !file.noise.prefix_cache);
    expect_true("words", bundle_expert(&file.bundle, 0)->tokenizer == BUNDLE_TOKENIZER_WORDS);
    node_file_clear(&file);
    assert_true(read_text("noise: {jitter: 0.1, stall_probability: 0.01, stall_s: 0.2, "
                          "network_delay_s: 0.03, warmup_s: 0.4, prefix_cache: true}\n" EXPERTS
                          "  - name: a\n    weight_gb: 1\n    tokenizer: subwords\n" TIERS,
                          &file, &faults));
    expect_number("jitter", file.noise.jitter, 0.1);
    expect_number("stall_probability", file.noise.stall_probability, 0.01);
    expect_number("stall_s", file.noise.stall_s, 0.2);
    expect_number("network_delay_s", file.noise.network_delay_s, 0.03);
    expect_number("warmup_s", file.noise.warmup_s, 0.4);
    expect_true("a prefix cache", file.noise.prefix_cache);
    expect_true("subwords", bundle_expert(&file.bundle, 0)->tokenizer == BUNDLE_TOKENIZER_SUBWORDS);
    node_file_clear(&file);
}

/* Zero must mean the same as nothing written: tests of the simulator use zeroed bundles. */
static void test_a_node_is_well_behaved_unless_told(void **state)
{
    struct node_file file = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(EXPERTS "  - name: a\n    weight_gb: 1\n" TIERS, &file, &faults));
    expect_true("one replica", file.bundle.node.replicas == 1);
    expect_true("round robin", file.bundle.node.routing == BUNDLE_ROUTING_ROUND_ROBIN);
    expect_true("fifo", file.bundle.node.schedule == BUNDLE_SCHEDULE_FIFO);
    expect_number("idle_unload_s", file.bundle.node.idle_unload_s, 0);
    expect_true("none pinned", file.bundle.node.pinned.count == 0);
    expect_number("load_spread", file.noise.load_spread, 0);
    expect_number("drift_per_min", file.noise.drift_per_min, 0);
    expect_number("second_request", file.noise.second_request, 0);
    expect_number("every_s", file.noise.pauses.every_s, 0);
    expect_number("for_s", file.noise.pauses.for_s, 0);
    node_file_clear(&file);
}

static void test_reads_how_a_node_misbehaves(void **state)
{
    struct node_file file = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(
        "node: {hbm_gb: 100, replicas: 3, routing: sticky, schedule: group, idle_unload_s: 5,\n"
        "       pinned: [b]}\n"
        "noise: {load_spread: 0.3, drift_per_min: -0.2, second_request: 0.1,\n"
        "        pauses: {every_s: 2, for_s: 0.4}}\n"
        "experts:\n"
        "  - name: a\n    weight_gb: 50\n" TIERS "  - name: b\n    weight_gb: 10\n" TIERS,
        &file, &faults));
    expect_true("replicas", file.bundle.node.replicas == 3);
    expect_true("routing", file.bundle.node.routing == BUNDLE_ROUTING_STICKY);
    expect_true("schedule", file.bundle.node.schedule == BUNDLE_SCHEDULE_GROUP);
    expect_number("idle_unload_s", file.bundle.node.idle_unload_s, 5);
    expect_true("a", !bundle_is_pinned(&file.bundle.node, bundle_expert(&file.bundle, 0)));
    expect_true("b", bundle_is_pinned(&file.bundle.node, bundle_expert(&file.bundle, 1)));
    expect_number("load_spread", file.noise.load_spread, 0.3);
    expect_number("drift_per_min", file.noise.drift_per_min, -0.2);
    expect_number("second_request", file.noise.second_request, 0.1);
    expect_number("every_s", file.noise.pauses.every_s, 2);
    expect_number("for_s", file.noise.pauses.for_s, 0.4);
    node_file_clear(&file);
}

static void test_refuses_what_cannot_be(void **state)
{
    static const struct {
        const char *yaml;
        const char *fault;
    } cases[] = {
        {EXPERTS "  - name: a\n    weight_gb: 1\n" TIERS "noise: {stall_s: 1}\n",
         "bundle.yaml:6: noise: stall_probability and stall_s belong together"},
        {EXPERTS "  - name: a\n    weight_gb: 1\n" TIERS
                 "noise: {stall_probability: 2, stall_s: 1}\n",
         "stall_probability: '2' is not a number from 0 to 1"},
        {EXPERTS A "noise: {pauses: {every_s: 2}}\n",
         "bundle.yaml:6: pauses: every_s and for_s belong together"},
        {EXPERTS A "noise: {pauses: {for_s: 2}}\n", "pauses: every_s and for_s belong together"},
        {EXPERTS A "noise:\n  pauses: {every_s: 2, for_s: 2}\n",
         "bundle.yaml:7: pauses: for_s 2 must be shorter than every_s 2, or nothing ever runs"},
        {EXPERTS A "noise: {drift_per_min: -1}\n",
         "drift_per_min: '-1' is not a number from -0.99 to 10"},
        {EXPERTS A "noise: {load_spread: -0.1}\n",
         "load_spread: '-0.1' is not a number from 0 to 10"},
        {EXPERTS A "noise: {second_request: -1}\n", "second_request: '-1' is not a number from 0"},
        {EXPERTS "  - name: a\n    weight_gb: 101\n" TIERS,
         "bundle.yaml:4: a: weight_gb 101 never fits into hbm_gb 100"},
        {EXPERTS A "noize: {jitter: 1}\n", "unknown key 'noize'; did you mean 'noise'?"},
        {"llm_api: sncloud\n", "is a config, which names rows and an endpoint"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct node_file file = {0};
        struct faults faults = {0};

        expect_true(cases[i].yaml, !read_text(cases[i].yaml, &file, &faults));
        expect_faults(cases[i].yaml, &faults, cases[i].fault);
        faults_clear(&faults);
        node_file_clear(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_noise_is_off_unless_given),
        in_folder(test_a_node_is_well_behaved_unless_told),
        in_folder(test_reads_how_a_node_misbehaves),
        in_folder(test_refuses_what_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
