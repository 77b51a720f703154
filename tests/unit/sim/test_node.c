/* The machine's model, in virtual time, against cases worked by hand (trial.h). */
#include "trial.h"

/* --- Time ------------------------------------------------------------------------------------- */

static void test_a_request_waits_for_load_and_prefill(void **state)
{
    struct trial trial;
    struct node_request *r;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20, switch_overhead_s: 0.5"));
    r = trial_ask(&trial, "a", 200, 3, 7 * s);
    node_advance(trial.node, 7 * s);
    assert_non_null(r->batch);
    assert_false(r->batch->hit);
    expect_number("switch", r->batch->switch_s, 0.5 + 1);
    expect_number("prefill", r->batch->prefill_s, 0.2);
    expect_number("to first token", node_time_to_first_token_s(r->batch), 1.7);
    expect_number("latency", node_total_latency_s(r), 1.7 + 2 * 0.01);
    assert_int_equal(node_token_ns(r, 0), 8700 * ms);
    assert_int_equal(node_token_ns(r, 2), 8720 * ms);
    assert_int_equal(r->batch->over_ns, 8720 * ms);
    assert_int_equal(node_next_ns(trial.node), 8720 * ms);
    trial_finish(&trial);
    r = trial_ask(&trial, "a", 200, 3, 20 * s);
    trial_finish(&trial);
    assert_true(r->batch->hit);
    expect_number("no switch", node_time_to_first_token_s(r->batch), 0.2);
    trial_end(&trial);
}

static void test_the_longest_prompt_and_response_count_for_a_batch(void **state)
{
    struct trial trial;
    struct node_request *shorter, *longer;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    shorter = trial_ask(&trial, "a", 100, 1, 0);
    longer = trial_ask(&trial, "a", 300, 11, 0);
    trial_finish(&trial);
    assert_ptr_equal(shorter->batch, longer->batch);
    assert_int_equal(node_token_ns(shorter, 0), 1300 * ms);
    assert_int_equal(shorter->batch->over_ns, 1400 * ms);
    expect_number("it ends by itself", node_total_latency_s(shorter), 1.3);
    expect_number("the longer", node_total_latency_s(longer), 1.4);
    trial_end(&trial);
}

static void test_loading_is_one_after_another_and_decoding_beside(void **state)
{
    struct trial trial;
    struct node_request *a, *b;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    a = trial_ask(&trial, "a", 500, 1000, 0);
    b = trial_ask(&trial, "b", 500, 10, 1 * ms);
    trial_finish(&trial);
    assert_int_equal(a->batch->first_token_ns, 1500 * ms);
    assert_int_equal(b->batch->started_ns, 1500 * ms); /* the node is free, a still decodes */
    assert_int_equal(b->batch->first_token_ns, 3000 * ms);
    trial_end(&trial);
}

static void test_a_late_look_changes_nothing(void **state)
{
    struct trial trial;
    struct node_request *a, *b;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    a = trial_ask(&trial, "a", 500, 10, 0);
    b = trial_ask(&trial, "b", 500, 10, 1 * ms);
    node_advance(trial.node, 100 * s);
    assert_int_equal(a->batch->started_ns, 0);
    assert_int_equal(b->batch->started_ns, 1500 * ms);
    assert_int_equal(node_next_ns(trial.node), NODE_IDLE);
    trial_end(&trial);
}

/* --- Memory ----------------------------------------------------------------------------------- */

/* Calls in turn, each after the one before is complete; room for two of three experts. */
static void test_eviction(void **state)
{
    static const struct {
        const char *node;
        const char *calls;
        const char *hits;    /* h: resident, -: loaded */
        const char *evicted; /* of each call, . for none */
    } cases[] = {
        {"hbm_gb: 20", "abab", "--hh", "...."},
        {"hbm_gb: 20", "abcab", "-----", "..abc"},
        {"hbm_gb: 20", "abacab", "--h-h-", "...b.c"},                 /* used last: a stays */
        {"hbm_gb: 20, eviction: fifo", "abacab", "--h---", "...abc"}, /* loaded first: a leaves */
        {"hbm_gb: 20, eviction: none", "abcabc", "---hhh", "......"},
        {"hbm_gb: 30", "abcabc", "---hhh", "......"},
        {"hbm_gb: 10", "aabba", "-h-h-", "..a.b"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char yaml[2048], hits[16] = "", evicted[16] = "";
        struct trial trial;

        snprintf(yaml, sizeof yaml, BUNDLE("%s"), cases[i].node);
        trial_begin(&trial, yaml);
        for (size_t k = 0; cases[i].calls[k]; k++) {
            const char name[] = {cases[i].calls[k], '\0'};
            const struct node_batch *batch;
            struct node_request *r = trial_ask(&trial, name, 10, 10, (int64_t)k * 100 * s);

            trial_finish(&trial);
            batch = r->batch;
            hits[k] = batch->hit ? 'h' : '-';
            evicted[k] = batch->evicted_count ? batch->evicted[0].expert->name[0] : '.';
            assert_true(batch->evicted_count <= 1);
        }
        expect_text(cases[i].node, hits, cases[i].hits);
        expect_text(cases[i].node, evicted, cases[i].evicted);
        trial_end(&trial);
    }
}

static void test_as_many_leave_as_must(void **state)
{
    struct trial trial;
    struct node_request *r;

    (void)state;
    trial_begin(&trial, "node: {hbm_gb: 0.6, ddr_to_hbm_gb_per_s: 1}\n"
                        "experts:\n"
                        "  - {name: a, weight_gb: 0.1, " SPEEDS ", tiers: [" TIERS "]}\n"
                        "  - {name: b, weight_gb: 0.2, " SPEEDS ", tiers: [" TIERS "]}\n"
                        "  - {name: c, weight_gb: 0.3, " SPEEDS ", tiers: [" TIERS "]}\n"
                        "  - {name: d, weight_gb: 0.3, " SPEEDS ", tiers: [" TIERS "]}\n");
    trial_ask(&trial, "a", 10, 10, 0);
    trial_ask(&trial, "b", 10, 10, 10 * s);
    r = trial_ask(&trial, "c", 10, 10, 20 * s);
    trial_finish(&trial);
    assert_int_equal(r->batch->evicted_count, 0); /* 0.1 + 0.2 + 0.3 fit exactly */
    r = trial_ask(&trial, "d", 10, 10, 30 * s);
    trial_finish(&trial);
    assert_int_equal(r->batch->evicted_count, 2);
    expect_text("first", r->batch->evicted[0].expert->name, "a");
    expect_text("second", r->batch->evicted[1].expert->name, "b");
    trial_end(&trial);
}

static void test_what_runs_is_not_evicted(void **state)
{
    struct trial trial;
    struct node_request *a, *b, *c;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 10"));
    a = trial_ask(&trial, "a", 500, 101, 0);
    b = trial_ask(&trial, "b", 500, 10, 1 * ms);
    c = trial_ask(&trial, "c", 500, 10, 2 * ms);
    trial_finish(&trial);
    assert_int_equal(a->batch->over_ns, 2500 * ms);
    assert_int_equal(b->batch->started_ns, 2500 * ms);
    assert_int_equal(c->batch->started_ns, b->batch->over_ns);
    trial_end(&trial);
}

static void test_who_is_idle_leaves_before_who_runs(void **state)
{
    struct trial trial;
    struct node_request *c;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    trial_ask(&trial, "a", 10, 1000, 0); /* decodes for 10 s, and was used longest ago */
    trial_ask(&trial, "b", 10, 10, 1 * ms);
    c = trial_ask(&trial, "c", 10, 10, 5 * s);
    trial_finish(&trial);
    assert_int_equal(c->batch->started_ns, 5 * s);
    assert_int_equal(c->batch->evicted_count, 1);
    expect_text("who leaves", c->batch->evicted[0].expert->name, "b");
    trial_end(&trial);
}

/* --- Batches ---------------------------------------------------------------------------------- */

static void test_batch_sizes_for_what_waits(void **state)
{
    static const struct {
        size_t waiting;
        const char *batches; /* size:members of each */
    } cases[] = {
        {1, "1:1 "},    {2, "2:2 "},        {7, "8:7 "},
        {16, "16:16 "}, {17, "16:16 1:1 "}, {50, "16:16 16:16 16:16 2:2 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial trial;
        struct text batches = {0};
        const struct node_batch *last = NULL;

        trial_begin(&trial, BUNDLE("hbm_gb: 30"));
        for (size_t k = 0; k < cases[i].waiting; k++)
            trial_ask(&trial, "a", 10, 10, 0);
        trial_finish(&trial);
        assert_int_equal(trial.started_count, cases[i].waiting);
        for (size_t k = 0; k < trial.count; k++) {
            const struct node_batch *batch = trial.requests[k].batch;

            assert_int_equal(trial.started[k], k); /* first come, first served */
            if (batch != last)
                text_printf(&batches, "%d:%zu ", (int)batch->configuration.batch_size,
                            batch->members);
            last = batch;
        }
        expect_text("batches", batches.bytes, cases[i].batches);
        text_clear(&batches);
        trial_end(&trial);
    }
}

static void test_a_row_that_loads_two_batch_sizes(void **state)
{
    struct trial trial;
    struct node_request *first, *second, *third;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 30"));
    first = trial_ask(&trial, "a", 500, 101, 0); /* alone: batch size 1, until 2.5 s */
    second = trial_ask(&trial, "a", 500, 101, 1 * ms);
    third = trial_ask(&trial, "a", 500, 101, 2 * ms);
    trial_finish(&trial);
    assert_int_equal(first->batch->configuration.batch_size, 1);
    assert_ptr_equal(second->batch, third->batch);
    assert_int_equal(second->batch->configuration.batch_size, 2);
    assert_int_equal(second->batch->started_ns, 2500 * ms);
    assert_false(second->batch->hit);
    expect_number("a second load", second->batch->switch_s, 1);
    trial_end(&trial);
}

static void test_tiers_do_not_mix(void **state)
{
    struct trial trial;
    struct node_request *near, *far, *near_too;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 30"));
    near = trial_ask(&trial, "a", 4000, 96, 0); /* 4096 tokens just fit */
    far = trial_ask(&trial, "a", 4000, 97, 0);
    near_too = trial_ask(&trial, "a", 10, 10, 0);
    trial_finish(&trial);
    assert_int_equal(near->batch->configuration.tier->tokens, 4096);
    assert_int_equal(far->batch->configuration.tier->tokens, 8192);
    assert_ptr_equal(near->batch, near_too->batch); /* it passes `far` in the line */
    assert_int_equal(far->batch->started_ns, near->batch->over_ns);
    assert_int_equal(node_token_ns(far, 1) - node_token_ns(far, 0), 20 * ms);
    trial_end(&trial);
}

/* --- Who gave up ------------------------------------------------------------------------------ */

static void test_who_leaves_the_line_is_not_served(void **state)
{
    struct trial trial;
    struct node_request *gone, *next;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 30"));
    trial_ask(&trial, "a", 500, 101, 0);
    node_advance(trial.node, 0);
    gone = trial_ask(&trial, "a", 500, 101, 1 * ms);
    next = trial_ask(&trial, "a", 500, 101, 2 * ms);
    node_release(trial.node, gone);
    trial_finish(&trial);
    assert_null(gone->batch);
    assert_int_equal(next->batch->members, 1);
    assert_true(next->batch->hit);
    trial_end(&trial);
}

/* Whoever comes next stands behind those who are left. */
static void test_the_line_closes_up_behind_who_leaves_its_end(void **state)
{
    struct trial trial;
    struct node_request *far, *last, *next;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 30"));
    trial_ask(&trial, "a", 500, 101, 0);
    far = trial_ask(&trial, "a", 4000, 97, 0);
    trial_ask(&trial, "a", 500, 101, 0); /* joins the first, past `far` */
    node_advance(trial.node, 0);
    last = trial_ask(&trial, "a", 500, 101, 1 * ms);
    node_release(trial.node, last);
    next = trial_ask(&trial, "a", 500, 101, 2 * ms);
    trial_finish(&trial);
    assert_null(last->batch);
    assert_non_null(far->batch);
    assert_non_null(next->batch);
    assert_int_equal(next->batch->started_ns, far->batch->over_ns);
    trial_end(&trial);
}

static void test_a_slot_that_went_silent_still_holds_its_batch(void **state)
{
    struct trial trial;
    struct node_request *gone, *next;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 30"));
    gone = trial_ask(&trial, "a", 500, 101, 0);
    node_advance(trial.node, 0);
    node_release(trial.node, gone);
    next = trial_ask(&trial, "a", 500, 101, 1 * ms);
    trial_finish(&trial);
    assert_int_equal(next->batch->started_ns, 2500 * ms);
    trial_end(&trial);
}

static void test_refuses_a_bundle_without_speeds(void **state)
{
    static const struct {
        const char *yaml;
        const char *fault;
    } cases[] = {
        {"node: {hbm_gb: 20}\nexperts: [{name: a, weight_gb: 1, " SPEEDS ", tiers: [" TIERS "]}]\n",
         "ddr_to_hbm_gb_per_s"},
        {"node: {hbm_gb: 20, ddr_to_hbm_gb_per_s: 1}\n"
         "experts: [{name: slow, weight_gb: 1, tiers: [" TIERS "]}]\n",
         "expert 'slow' has no speeds"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct node_file file = {0};
        struct faults faults = {0};
        struct error error;

        support_write("bundle.yaml", cases[i].yaml);
        assert_true(node_file_read("bundle.yaml", &file, &faults));
        assert_false(node_accepts(&file, &error));
        expect_part("sentence", error.text, cases[i].fault);
        node_file_clear(&file);
    }
}

/* --- What others ask for ---------------------------------------------------------------------- */

static void test_a_load_without_a_request_occupies_the_node(void **state)
{
    struct trial trial;
    const struct bundle_expert *a;
    struct node_request *r;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    a = bundle_find_expert(&trial.file.bundle, "a");
    assert_int_equal(node_state(trial.node, a, 0), NODE_UNLOADED);
    assert_int_equal(node_loaded_ns(trial.node, 0), NODE_IDLE);
    assert_true(node_load(trial.node, a, 2 * s));
    assert_int_equal(node_state(trial.node, a, 2 * s), NODE_LOADING);
    assert_int_equal(node_loaded_ns(trial.node, 2 * s), 3 * s);
    assert_int_equal(node_state(trial.node, a, 3 * s), NODE_LOADED);
    assert_true(node_uses(trial.node, a, 2500 * ms));
    assert_false(node_uses(trial.node, a, 3 * s));
    r = trial_ask(&trial, "a", 100, 1, 2500 * ms);
    trial_finish(&trial);
    assert_true(r->batch->hit);
    assert_int_equal(r->batch->started_ns, 3 * s);
    trial_end(&trial);
}

static void test_what_is_unloaded_is_loaded_again_and_what_runs_stays(void **state)
{
    struct trial trial;
    const struct bundle_expert *a;
    struct node_request *r;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    a = bundle_find_expert(&trial.file.bundle, "a");
    trial_ask(&trial, "a", 100, 1, 0);
    trial_ask(&trial, "b", 100, 11, 0);
    node_advance(trial.node, 2150 * ms);
    node_unload(trial.node, NULL);
    assert_int_equal(node_state(trial.node, a, 2150 * ms), NODE_UNLOADED);
    assert_int_equal(node_state(trial.node, a + 1, 2150 * ms), NODE_LOADED);
    trial_finish(&trial);
    r = trial_ask(&trial, "a", 100, 1, 10 * s);
    trial_finish(&trial);
    assert_false(r->batch->hit);
    assert_int_equal(r->batch->unloaded.count, 1);
    assert_ptr_equal(r->batch->unloaded.items[0].expert, a);
    r = trial_ask(&trial, "b", 100, 1, 20 * s);
    trial_finish(&trial);
    assert_true(r->batch->hit);
    trial_end(&trial);
}

static void test_without_room_nothing_is_loaded(void **state)
{
    struct trial trial;
    const struct bundle_expert *a;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 10"));
    a = bundle_find_expert(&trial.file.bundle, "a");
    trial_ask(&trial, "b", 100, 100, 0);
    node_advance(trial.node, 1 * s);
    assert_false(node_load(trial.node, a, 1 * s));
    trial_finish(&trial);
    assert_true(node_load(trial.node, a, 10 * s));
    assert_int_equal(node_state(trial.node, a + 1, 10 * s), NODE_UNLOADED);
    trial_end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_request_waits_for_load_and_prefill),
        in_folder(test_the_longest_prompt_and_response_count_for_a_batch),
        in_folder(test_loading_is_one_after_another_and_decoding_beside),
        in_folder(test_a_late_look_changes_nothing),
        in_folder(test_eviction),
        in_folder(test_as_many_leave_as_must),
        in_folder(test_what_runs_is_not_evicted),
        in_folder(test_who_is_idle_leaves_before_who_runs),
        in_folder(test_batch_sizes_for_what_waits),
        in_folder(test_a_row_that_loads_two_batch_sizes),
        in_folder(test_tiers_do_not_mix),
        in_folder(test_who_leaves_the_line_is_not_served),
        in_folder(test_the_line_closes_up_behind_who_leaves_its_end),
        in_folder(test_a_slot_that_went_silent_still_holds_its_batch),
        in_folder(test_a_load_without_a_request_occupies_the_node),
        in_folder(test_what_is_unloaded_is_loaded_again_and_what_runs_stays),
        in_folder(test_without_room_nothing_is_loaded),
        in_folder(test_refuses_a_bundle_without_speeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
