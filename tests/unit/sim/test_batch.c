/* When tokens come out of a batch, with and without what makes a node less exact, against cases
 * worked by hand (trial.h). */
#include "sim/noise.h"
#include "trial.h"

#define NOISY(noise) "noise: {" noise "}\n" BUNDLE("hbm_gb: 20")

/* --- Speeds ----------------------------------------------------------------------------------- */

static void test_batch_sizes_have_speeds_of_their_own(void **state)
{
    struct trial trial;
    struct node_request *alone, *pair;

    (void)state;
    trial_begin(&trial, "node: {hbm_gb: 20, ddr_to_hbm_gb_per_s: 10}\n"
                        "experts:\n"
                        "  - {name: a, weight_gb: 10, " SPEEDS ", tiers: [{tokens: 4096, "
                        "batch_sizes: [1, 2],\n"
                        "     speeds: [{batch_size: 2, prefill_tokens_per_s: 4000, "
                        "decode_tokens_per_s: 50}]}]}\n");
    alone = trial_ask(&trial, "a", 400, 6, 0);
    trial_finish(&trial);
    pair = trial_ask(&trial, "a", 400, 6, 10 * s);
    trial_ask(&trial, "a", 400, 6, 10 * s);
    trial_finish(&trial);
    expect_number("prefill at 1", alone->batch->prefill_s, 0.4);
    expect_number("prefill at 2", pair->batch->prefill_s, 0.1);
    assert_int_equal(alone->batch->over_ns - alone->batch->first_token_ns, 50 * ms);
    assert_int_equal(pair->batch->over_ns - pair->batch->first_token_ns, 100 * ms);
    expect_number("latency at 1", node_total_latency_s(alone), 1 + 0.4 + 0.05);
    expect_number("latency at 2", node_total_latency_s(pair), 1 + 0.1 + 0.1);
    expect_number("decode at 1", node_decode_tokens_per_s(alone, 5), 100);
    expect_number("decode at 2", node_decode_tokens_per_s(pair, 5), 50);
    trial_end(&trial);
}

static void test_each_batch_size_needs_speeds(void **state)
{
    struct node_file file = {0};
    struct faults faults = {0};
    struct error error;

    (void)state;
    support_write("bundle.yaml", "node: {hbm_gb: 20, ddr_to_hbm_gb_per_s: 10}\n"
                                 "experts:\n"
                                 "  - {name: a, weight_gb: 10, tiers: [{tokens: 4096, "
                                 "batch_sizes: [1, 2],\n"
                                 "     speeds: [{batch_size: 2, prefill_tokens_per_s: 4000, "
                                 "decode_tokens_per_s: 50}]}]}\n");
    assert_true(node_file_read("bundle.yaml", &file, &faults));
    assert_false(node_accepts(&file, &error));
    expect_part("sentence", error.text, "expert 'a' has no speeds");
    node_file_clear(&file);
}

/* --- Noise ------------------------------------------------------------------------------------ */

/* The moments of two batches, of 1 and of 2 requests. */
enum { TOKENS = 20, MOMENTS = 3 * TOKENS };

static void note_moments(uint64_t seed, const char *yaml, int64_t moments[MOMENTS])
{
    struct trial trial;

    trial_begin_seeded(&trial, seed, yaml);
    trial_ask(&trial, "a", 100, TOKENS, 0);
    trial_ask(&trial, "b", 100, TOKENS, 1);
    trial_ask(&trial, "b", 50, TOKENS, 1);
    trial_finish(&trial);
    for (size_t i = 0; i < MOMENTS; i++)
        moments[i] = node_token_ns(&trial.requests[i / TOKENS], i % TOKENS);
    trial_end(&trial);
}

static void test_the_same_seed_gives_the_same_schedule(void **state)
{
    static const char yaml[] = NOISY("jitter: 0.3, stall_probability: 0.2, stall_s: 0.05");
    int64_t once[MOMENTS], again[MOMENTS], other[MOMENTS];

    (void)state;
    note_moments(1, yaml, once);
    note_moments(1, yaml, again);
    note_moments(2, yaml, other);
    assert_memory_equal(once, again, sizeof once);
    for (size_t i = 0; i < MOMENTS; i++)
        assert_true(once[i] != other[i]);
    note_moments(1, NOISY("jitter: 0"), once);
    note_moments(2, NOISY("jitter: 0"), other);
    assert_memory_equal(once, other, sizeof once);
}

/* The members of a batch get their tokens together; so do those that share a line of time. */
static void test_members_share_their_batchs_noise(void **state)
{
    struct trial trial;
    struct node_request *a, *b;

    (void)state;
    trial_begin(&trial, NOISY("jitter: 0.3"));
    a = trial_ask(&trial, "a", 100, 20, 0);
    b = trial_ask(&trial, "a", 100, 30, 0);
    trial_finish(&trial);
    for (int64_t k = 0; k < 20; k++)
        assert_int_equal(node_token_ns(a, k), node_token_ns(b, k));
    for (int64_t k = 1; k < 30; k++)
        assert_true(node_token_ns(b, k) > node_token_ns(b, k - 1));
    assert_int_equal(a->batch->over_ns, node_token_ns(b, 29));
    trial_end(&trial);
}

/* What the server reports is what its tokens did. */
static void test_figures_follow_from_the_noisy_moments(void **state)
{
    struct trial trial;
    struct node_request *r;
    double first_s, ten_s, all_s;

    (void)state;
    trial_begin(&trial, NOISY("jitter: 0.3, stall_probability: 0.1, stall_s: 0.2, warmup_s: 3"));
    r = trial_ask(&trial, "a", 100, 101, 5 * s);
    trial_finish(&trial);
    first_s = (double)(node_token_ns(r, 0) - 5 * s) / 1e9;
    ten_s = (double)(node_token_ns(r, 10) - node_token_ns(r, 0)) / 1e9;
    all_s = (double)(node_token_ns(r, 100) - node_token_ns(r, 0)) / 1e9;
    assert_true(all_s > 1.5); /* 100 gaps of 10 ms and about 10 stalls of 200 ms */
    assert_true(fabs(node_time_to_first_token_s(r->batch) - first_s) < 1e-9);
    assert_true(fabs(node_total_latency_s(r) - first_s - all_s) < 2e-9);
    expect_number("all", node_decode_tokens_per_s(r, 1000), 100 / all_s);
    expect_number("the first ten", node_decode_tokens_per_s(r, 10), 10 / ten_s);
    trial_end(&trial);
}

static void test_a_stall_holds_up_its_token_and_those_behind(void **state)
{
    struct trial trial;
    struct node_request *r;

    (void)state;
    trial_begin(&trial, NOISY("stall_probability: 1, stall_s: 0.1"));
    r = trial_ask(&trial, "a", 200, 3, 0);
    trial_finish(&trial);
    expect_number("of the first token", r->batch->stall_s, 0.1);
    expect_number("to first token", node_time_to_first_token_s(r->batch), 1 + 0.2 + 0.1);
    assert_int_equal(node_token_ns(r, 0), 1300 * ms);
    assert_int_equal(node_token_ns(r, 1), 1410 * ms);
    assert_int_equal(node_token_ns(r, 2), 1520 * ms);
    trial_end(&trial);
}

static void test_each_configuration_warms_up_once(void **state)
{
    static const struct {
        const char *expert;
        size_t requests;
        bool hit;
        double warmup_s;
    } calls[] = {
        {"a", 1, false, 0.5}, {"a", 1, true, 0},  {"a", 2, false, 0.5}, {"b", 1, false, 0.5},
        {"c", 1, false, 0.5}, {"a", 1, false, 0}, /* evicted, loaded again, but warm */
        {"a", 2, false, 0},
    };
    struct trial trial;

    (void)state;
    trial_begin(&trial, NOISY("warmup_s: 0.5"));
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        const struct node_batch *batch = NULL;
        double ttft_s = (calls[i].hit ? 0 : 1) + calls[i].warmup_s + 0.01;

        for (size_t k = 0; k < calls[i].requests; k++)
            trial_ask(&trial, calls[i].expert, 10, 10, (int64_t)i * 100 * s);
        trial_finish(&trial);
        batch = trial.requests[trial.count - 1].batch;
        assert_true(batch->hit == calls[i].hit);
        expect_number("warm-up", batch->warmup_s, calls[i].warmup_s);
        expect_number("to first token", node_time_to_first_token_s(batch), ttft_s);
        assert_int_equal(batch->first_token_ns - batch->started_ns, llround(ttft_s * 1e9));
    }
    trial_end(&trial);
}

/* --- What time and loads do to it ------------------------------------------------------------- */

static void test_a_load_takes_what_was_drawn_for_it(void **state)
{
    struct trial trial;

    (void)state;
    trial_begin_seeded(&trial, 5, NOISY("load_spread: 0.5"));
    for (int k = 0; k < 6; k++) {
        const struct noise noise = {&trial.file.noise, 5, k};
        const char name[] = {"abcaab"[k], '\0'}; /* the fifth call is a hit */
        const struct node_request *r = trial_ask(&trial, name, 200, 10, k * 100 * s);

        trial_finish(&trial);
        assert_true(r->batch->hit == (k == 4));
        expect_number("its own load", r->batch->switch_s, k == 4 ? 0 : noise_load_factor(&noise));
        expect_number("to first token", node_time_to_first_token_s(r->batch),
                      r->batch->switch_s + 0.2);
        expect_number("prefill is exact", r->batch->prefill_s, 0.2);
    }
    assert_true(trial.requests[0].batch->switch_s != trial.requests[3].batch->switch_s);
    trial_end(&trial);
}

/* The node of a trial, had it started then. */
static void start_at(struct trial *trial, int64_t begun_ns)
{
    node_free(trial->node);
    trial->node = node_new(&trial->file, 0, begun_ns, trial_on_start, trial);
}

static void test_prefill_drifts_from_the_nodes_start(void **state)
{
    static const double prefill_s[] = {0.2, 0.2 * 1.5, 0.2 * 2.25};
    struct trial trial;

    (void)state;
    trial_begin(&trial, NOISY("drift_per_min: 0.5"));
    start_at(&trial, 1000 * s);
    for (int k = 0; k < 3; k++) {
        const struct node_request *r =
            trial_ask(&trial, "a", 200, 11, 1000 * s + (int64_t)k * 60 * s);

        trial_finish(&trial);
        expect_number("since the start", r->batch->since_start_s, 60.0 * k);
        expect_number("prefill", r->batch->prefill_s, prefill_s[k]);
        expect_number("to first token", node_time_to_first_token_s(r->batch),
                      prefill_s[k] + (k == 0 ? 1 : 0));
        assert_int_equal(r->batch->over_ns - r->batch->first_token_ns, 100 * ms); /* decoding */
    }
    trial_end(&trial);
}

static void test_the_second_batch_after_a_load_is_slow_too(void **state)
{
    static const struct {
        const char *expert;
        size_t requests;
        double switch_s, second_s;
    } calls[] = {
        {"a", 1, 1, 0},   {"a", 1, 0, 0.3}, {"a", 1, 0, 0},   {"a", 2, 1, 0}, /* at batch size 2 */
        {"a", 2, 0, 0.3}, {"b", 1, 1, 0},   {"c", 1, 1, 0},   {"b", 1, 0, 0.3},
        {"a", 1, 1, 0},   {"b", 1, 0, 0},   {"a", 1, 0, 0.3},
    };
    struct trial trial;

    (void)state;
    trial_begin(&trial, NOISY("second_request: 0.3"));
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        const struct node_batch *batch;

        for (size_t k = 0; k < calls[i].requests; k++)
            trial_ask(&trial, calls[i].expert, 10, 10, (int64_t)i * 100 * s);
        trial_finish(&trial);
        batch = trial.requests[trial.count - 1].batch;
        expect_number("switch", batch->switch_s, calls[i].switch_s);
        expect_number("second", batch->second_s, calls[i].second_s);
        expect_number("to first token", node_time_to_first_token_s(batch),
                      calls[i].switch_s + calls[i].second_s + 0.01);
    }
    trial_end(&trial);
}

/* --- Pauses: from 2 s to 2.5 s, from 4 s to 4.5 s, … ------------------------------------------ */

#define PAUSING NOISY("pauses: {every_s: 2, for_s: 0.5}")

static void test_a_first_token_due_in_a_pause_comes_at_its_end(void **state)
{
    struct trial trial;
    const struct node_request *r;

    (void)state;
    trial_begin(&trial, PAUSING);
    r = trial_ask(&trial, "a", 200, 3, 900 * ms); /* 1 s to load, 0.2 s of prefill */
    trial_finish(&trial);
    assert_int_equal(r->batch->started_ns, 900 * ms);
    assert_int_equal(node_token_ns(r, 0), 2500 * ms);
    assert_int_equal(node_token_ns(r, 2), 2520 * ms);
    expect_number("pause", r->batch->pause_s, 0.4);
    expect_number("none before", node_queue_pause_s(r), 0);
    expect_number("to first token", node_time_to_first_token_s(r->batch), 1.6);
    expect_number("latency", node_total_latency_s(r), 1.62);
    trial_end(&trial);
}

static void test_a_batch_due_in_a_pause_starts_at_its_end(void **state)
{
    struct trial trial;
    const struct node_request *first, *second, *busy, *behind;

    (void)state;
    trial_begin(&trial, PAUSING);
    first = trial_ask(&trial, "a", 100, 3, 4100 * ms);
    second = trial_ask(&trial, "a", 100, 3, 4300 * ms);
    assert_int_equal(node_next_ns(trial.node), 4500 * ms);
    trial_finish(&trial);
    assert_ptr_equal(first->batch, second->batch); /* both wait for the end */
    assert_int_equal(first->batch->started_ns, 4500 * ms);
    expect_number("first", node_queue_pause_s(first), 0.4);
    expect_number("second", node_queue_pause_s(second), 0.2);
    expect_number("not after its start", first->batch->pause_s, 0);
    expect_number("to first token", node_time_to_first_token_s(first->batch), 1.1);
    busy = trial_ask(&trial, "b", 200, 3, 7000 * ms); /* its first token is due at 8.2 s */
    behind = trial_ask(&trial, "c", 200, 3, 7100 * ms);
    trial_finish(&trial);
    expect_number("held up by itself", busy->batch->pause_s, 0.3);
    assert_int_equal(behind->batch->started_ns, 8500 * ms);
    expect_number("held up by another", node_queue_pause_s(behind), 0);
    trial_end(&trial);
}

static void test_tokens_due_in_a_pause_come_at_its_end_together(void **state)
{
    struct trial trial;
    const struct node_request *r;

    (void)state;
    trial_begin(&trial, PAUSING);
    r = trial_ask(&trial, "a", 200, 101, 2650 * ms); /* first token at 3.85 s, then each 10 ms */
    trial_finish(&trial);
    assert_int_equal(node_token_ns(r, 0), 3850 * ms);
    assert_int_equal(node_token_ns(r, 14), 3990 * ms);
    assert_int_equal(node_token_ns(r, 15), 4500 * ms);
    assert_int_equal(node_token_ns(r, 64), 4500 * ms);
    assert_int_equal(node_token_ns(r, 65), 4500 * ms);
    assert_int_equal(node_token_ns(r, 66), 4510 * ms);
    assert_int_equal(r->batch->over_ns, 4850 * ms);
    expect_number("latency", node_total_latency_s(r), 2.2);
    expect_number("all", node_decode_tokens_per_s(r, 1000), 100);
    expect_number("the first 20", node_decode_tokens_per_s(r, 20), 20 / 0.65);
    trial_end(&trial);
}

static void test_pauses_count_from_the_nodes_start(void **state)
{
    struct trial trial;
    const struct node_request *r;

    (void)state;
    trial_begin(&trial, PAUSING);
    start_at(&trial, 700 * ms);
    r = trial_ask(&trial, "a", 100, 3, 2700 * ms);
    trial_finish(&trial);
    assert_int_equal(r->batch->started_ns, 3200 * ms);
    trial_end(&trial);
}

/* --- Prefixes --------------------------------------------------------------------------------- */

/* A prompt of 100 tokens of which the first `common` are everyone's. */
static struct prefix prompt_of(int common, int which)
{
    struct prefix prefix = {0};

    prefix_begin(&prefix, 0);
    for (int i = 0; i < 100; i++) {
        int token[] = {i, i < common ? 0 : which};

        prefix_add(&prefix, token, sizeof token);
    }
    return prefix;
}

static struct node_request *ask_with(struct trial *trial, const struct prefix *prefix,
                                     int64_t now_ns)
{
    trial->requests[trial->count].prefix = prefix;
    return trial_ask(trial, "a", 100, 10, now_ns);
}

static void test_a_cached_prefix_costs_no_prefill(void **state)
{
    struct prefix one = prompt_of(50, 1), same = prompt_of(50, 1), alike = prompt_of(50, 2);
    struct node_request *first, *second, *third, *unknown;
    struct trial trial;

    (void)state;
    trial_begin(&trial, NOISY("prefix_cache: true"));
    first = ask_with(&trial, &one, 0);
    trial_finish(&trial);
    second = ask_with(&trial, &same, 100 * s);
    trial_finish(&trial);
    third = ask_with(&trial, &alike, 200 * s);
    trial_finish(&trial);
    unknown = ask_with(&trial, NULL, 300 * s);
    trial_finish(&trial);
    assert_int_equal(first->cached_tokens, 0);
    assert_int_equal(second->cached_tokens, 96); /* six blocks of 16 */
    assert_int_equal(third->cached_tokens, 48);  /* three */
    assert_int_equal(unknown->cached_tokens, 0);
    expect_number("all of it", first->batch->prefill_s, 0.1);
    expect_number("four tokens", second->batch->prefill_s, 0.004);
    expect_number("52 tokens", third->batch->prefill_s, 0.052);
    expect_number("nothing is known of it", unknown->batch->prefill_s, 0.1);
    trial_end(&trial);
    prefix_clear(&one);
    prefix_clear(&same);
    prefix_clear(&alike);
}

/* Two of a kind in one batch are computed beside each other; what counts is the longest rest. */
static void test_a_batch_finds_what_batches_before_it_computed(void **state)
{
    struct prefix one = prompt_of(50, 1), other = prompt_of(50, 2);
    struct node_request *a, *b;
    struct trial trial;

    (void)state;
    trial_begin(&trial, NOISY("prefix_cache: true"));
    a = ask_with(&trial, &one, 0);
    b = ask_with(&trial, &one, 0);
    trial_finish(&trial);
    assert_ptr_equal(a->batch, b->batch);
    assert_int_equal(a->cached_tokens + b->cached_tokens, 0);
    expect_number("both", a->batch->prefill_s, 0.1);
    a = ask_with(&trial, &other, 100 * s);
    b = ask_with(&trial, &one, 100 * s);
    trial_finish(&trial);
    assert_ptr_equal(a->batch, b->batch);
    assert_int_equal(a->cached_tokens, 48);
    assert_int_equal(b->cached_tokens, 96);
    expect_number("the longer rest", a->batch->prefill_s, 0.052);
    trial_end(&trial);
    prefix_clear(&one);
    prefix_clear(&other);
}

static void test_without_a_cache_prefixes_change_nothing(void **state)
{
    struct prefix prompt = prompt_of(100, 0);
    struct node_request *second;
    struct trial trial;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    ask_with(&trial, &prompt, 0);
    second = ask_with(&trial, &prompt, 100 * s);
    trial_finish(&trial);
    assert_int_equal(second->cached_tokens, 0);
    expect_number("prefill", second->batch->prefill_s, 0.1);
    trial_end(&trial);
    prefix_clear(&prompt);
}

/* --- On the way ------------------------------------------------------------------------------- */

/* As behind a network's delay: both are known at once, and are yet to come one after the other. */
static void test_a_request_that_is_yet_to_come_is_not_served_before(void **state)
{
    struct trial trial;
    struct node_request *first, *second;

    (void)state;
    trial_begin(&trial, BUNDLE("hbm_gb: 20"));
    first = trial_ask(&trial, "a", 100, 10, 2 * s);
    second = trial_ask(&trial, "a", 100, 10, 2 * s + 1);
    assert_int_equal(node_next_ns(trial.node), 2 * s);
    node_advance(trial.node, 2 * s - 1);
    assert_null(first->batch);
    trial_finish(&trial);
    assert_int_equal(first->batch->started_ns, 2 * s);
    assert_int_equal(first->batch->members, 1);
    assert_int_equal(second->batch->started_ns, first->batch->over_ns);
    trial_end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_batch_sizes_have_speeds_of_their_own),
        in_folder(test_each_batch_size_needs_speeds),
        in_folder(test_the_same_seed_gives_the_same_schedule),
        in_folder(test_members_share_their_batchs_noise),
        in_folder(test_figures_follow_from_the_noisy_moments),
        in_folder(test_a_stall_holds_up_its_token_and_those_behind),
        in_folder(test_each_configuration_warms_up_once),
        in_folder(test_a_load_takes_what_was_drawn_for_it),
        in_folder(test_prefill_drifts_from_the_nodes_start),
        in_folder(test_the_second_batch_after_a_load_is_slow_too),
        in_folder(test_a_first_token_due_in_a_pause_comes_at_its_end),
        in_folder(test_a_batch_due_in_a_pause_starts_at_its_end),
        in_folder(test_tokens_due_in_a_pause_come_at_its_end_together),
        in_folder(test_pauses_count_from_the_nodes_start),
        in_folder(test_a_cached_prefix_costs_no_prefill),
        in_folder(test_a_batch_finds_what_batches_before_it_computed),
        in_folder(test_without_a_cache_prefixes_change_nothing),
        in_folder(test_a_request_that_is_yet_to_come_is_not_served_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
