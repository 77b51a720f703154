/* Calls through a node, by hand: batches, loads, what leaves, and who takes a place. */
#include "design/mix_walk.h"

#include <math.h>

#include "core/memory.h"
#include "support.h"

/* Two experts of one tier each with sizes 1 and 2: 10 tokens are read in 1 s, one is written in
 * 0.1 s; a load takes 0.5 + 40 / 40 s. */
static double sizes[] = {1, 2};
static struct bundle_tier tiers[] = {
    {.tokens = 100,
     .batch_sizes = {.items = sizes, .count = 2},
     .prefill_tokens_per_s = 10,
     .decode_tokens_per_s = 10},
    {.tokens = 100,
     .batch_sizes = {.items = sizes, .count = 1},
     .prefill_tokens_per_s = 10,
     .decode_tokens_per_s = 10},
};
static char a[] = "a", b[] = "b";
static struct bundle_expert experts[] = {
    {.name = a, .weight_gb = 40, .tiers = {.items = &tiers[0], .count = 1}},
    {.name = b, .weight_gb = 40, .tiers = {.items = &tiers[1], .count = 1}},
};

static struct bundle make(double hbm_gb)
{
    return (struct bundle){
        .node = {.hbm_gb = hbm_gb, .ddr_to_hbm_gb_per_s = 40, .switch_overhead_s = 0.5},
        .experts = {.items = experts, .count = 2}};
}

static struct walk_call call_of(size_t expert, double at_s)
{
    return (struct walk_call){.at_s = at_s,
                              .member = expert,
                              .expert = &experts[expert],
                              .tier = &tiers[expert],
                              .input_tokens = 10,
                              .output_tokens = 5};
}

static struct walk_call *calls_of(const char *models, const double *at_s, size_t count)
{
    struct walk_call *call = memory_new(count, sizeof *call);

    for (size_t i = 0; i < count; i++)
        call[i] = call_of(models[i] == 'b', at_s[i]);
    return call;
}

static void test_calls_wait_for_loads_and_for_each_other(void **state)
{
    static const struct {
        const char *name, *models;
        double hbm_gb, at_s[4];
        int schedule, eviction;
        double idle_unload_s;
        const char *pays;
        size_t loads;
        double load_s, took_s;
    } cases[] = {
        {"one after another", "aaa", 40, {0, 9, 20}, 0, 0, 0, "100", 1, 1.5, 21.5},
        {"the other each time", "abab", 40, {0, 9, 20, 30}, 0, 0, 0, "1111", 4, 6, 33},
        {"room for both", "abab", 80, {0, 9, 20, 30}, 0, 0, 0, "1100", 2, 3, 31.5},
        {"another size is another load", "aaa", 80, {0, 1, 2}, 0, 0, 0, "111", 2, 3, 6},
        {"in order", "abab", 40, {0, 1, 1.5, 2}, 0, 0, 0, "1111", 4, 6, 12},
        {"what is loaded first",
         "abba",
         40,
         {0, 1, 1.5, 2},
         BUNDLE_SCHEDULE_GROUP,
         0,
         0,
         "1100",
         2,
         3,
         9},
        {"everything stays",
         "abab",
         40,
         {0, 9, 20, 30},
         0,
         BUNDLE_EVICTION_NONE,
         0,
         "1100",
         2,
         3,
         31.5},
        {"until it was idle", "aaa", 40, {0, 9, 12}, 0, 0, 5, "110", 2, 3, 13.5},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = strlen(cases[i].models);
        struct bundle bundle = make(cases[i].hbm_gb);
        struct mix_walk walk;

        bundle.node.schedule = cases[i].schedule;
        bundle.node.eviction = cases[i].eviction;
        bundle.node.idle_unload_s = cases[i].idle_unload_s;
        mix_walk(&bundle, calls_of(cases[i].models, cases[i].at_s, count), count, NULL, &walk);
        for (size_t k = 0; k < count; k++)
            expect_true(cases[i].name, walk.call[k].pays == (cases[i].pays[k] == '1'));
        expect_true(cases[i].name, walk.loads == cases[i].loads);
        expect_number(cases[i].name, walk.load_s, cases[i].load_s);
        expect_number(cases[i].name, walk.took_s, cases[i].took_s);
        expect_true(cases[i].name, !walk.guessed);
        mix_walk_clear(&walk);
    }
}

/* Two calls behind each that ends, in all. */
static bool next(void *context, size_t member, double at_s, struct walk_call *call)
{
    size_t *left = context;

    *call = call_of(1 - member, at_s);
    return *left > 0 && (*left)--;
}

static void test_a_place_is_taken_when_a_call_ends(void **state)
{
    const double at_s[] = {0};
    const struct bundle bundle = make(40);
    size_t left = 2;
    const struct mix_walk_next then = {next, &left};
    struct mix_walk walk;

    (void)state;
    mix_walk(&bundle, calls_of("a", at_s, 1), 1, &then, &walk);
    assert_int_equal(walk.calls, 3);
    assert_int_equal(walk.loads, 3);
    expect_number("one after another", walk.took_s, 9);
    expect_number("as one ends", walk.call[2].at_s, 6);
    mix_walk_clear(&walk);
}

static void test_what_the_file_does_not_tell_is_guessed(void **state)
{
    const double at_s[] = {0};
    struct bundle bundle = make(40);
    struct bundle_tier tier = tiers[1];
    struct walk_call *call = calls_of("b", at_s, 1);
    struct mix_walk walk;

    (void)state;
    bundle.node.ddr_to_hbm_gb_per_s = 0;
    tiers[1].prefill_tokens_per_s = tiers[1].decode_tokens_per_s = 0;
    mix_walk(&bundle, call, 1, NULL, &walk);
    tiers[1] = tier;
    assert_true(walk.guessed);
    assert_true(isnan(walk.load_s));
    expect_number("0.5 s and 5 tokens at 100/s", walk.took_s, 0.55);
    mix_walk_clear(&walk);
}

static void test_nodes_that_are_not_followed(void **state)
{
    struct bundle_node node = {.hbm_gb = 1};

    (void)state;
    assert_null(mix_walk_unknown(&node));
    node.replicas = 2;
    assert_non_null(mix_walk_unknown(&node));
    node.replicas = 1;
    node.eviction = BUNDLE_EVICTION_LFU;
    assert_non_null(mix_walk_unknown(&node));
    node.eviction = BUNDLE_EVICTION_FIFO;
    node.pinned.count = 1;
    assert_non_null(mix_walk_unknown(&node));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_wait_for_loads_and_for_each_other),
        cmocka_unit_test(test_a_place_is_taken_when_a_call_ends),
        cmocka_unit_test(test_what_the_file_does_not_tell_is_guessed),
        cmocka_unit_test(test_nodes_that_are_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
