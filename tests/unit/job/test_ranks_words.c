/* What ranks tell each other of a load, and what all of them come to together. */
#include "job/ranks_words.h"

#include "support.h"

static struct load_result result_of(double late_s, double stamped, enum step_end end)
{
    return (struct load_result){.end = end,
                                .connections_opened_ahead = 3,
                                .health = {.read_lateness_p50_s = late_s,
                                           .read_lateness_p99_s = 2 * late_s,
                                           .read_lateness_max_s = 3 * late_s,
                                           .kernel_stamped_share = stamped,
                                           .coalesced_share = late_s,
                                           .loop_stall_max_s = late_s,
                                           .loop_cpu_share_max = late_s,
                                           .connections_opened = 5,
                                           .connections_reopened = 1,
                                           .open_files_limit = 1000,
                                           .local_ports = 28000,
                                           .resident_mb = 12,
                                           .clock_uncertainty_s = late_s}};
}

static void test_a_result_comes_as_it_was_told(void **state)
{
    struct load_result sent = result_of(0.25, NAN, STEP_TIMED_OUT), got = {0}, merged = {0};
    struct text bytes = {0};
    struct unpacking unpacking;
    int64_t wait_ns;

    (void)state;
    sent.idle_silent = true;
    ranks_pack_result(&sent, 77, &bytes);
    unpacking = unpack(&bytes);
    ranks_unpack_result(&unpacking, &got, &wait_ns);
    assert_true(unpack_done(&unpacking));
    assert_int_equal(wait_ns, 77);
    assert_int_equal(got.end, STEP_TIMED_OUT);
    assert_true(got.idle_silent);
    assert_int_equal(got.connections_opened_ahead, 3);
    expect_number("p50", got.health.read_lateness_p50_s, 0.25);
    expect_number("p99", got.health.read_lateness_p99_s, 0.5);
    expect_number("most", got.health.read_lateness_max_s, 0.75);
    expect_number("not known", got.health.kernel_stamped_share, NAN);
    expect_number("clock", got.health.clock_uncertainty_s, 0.25);
    assert_int_equal(got.health.connections_opened, 5);
    assert_int_equal(got.health.open_files_limit, 1000);
    assert_int_equal(got.health.local_ports, 28000);
    merged = result_of(0.1, 0.5, STEP_DONE);
    ranks_merge_result(&got, &merged);
    expect_number("what is not known hides nothing", merged.health.kernel_stamped_share, 0.5);
    text_clear(&bytes);
}

static void test_the_worst_rank_decides(void **state)
{
    struct load_result all = result_of(0.1, 1, STEP_DONE),
                       worse = result_of(0.4, 0.7, STEP_STOPPED),
                       better = result_of(0.2, 0.9, STEP_INTERRUPTED);

    (void)state;
    worse.health.open_files_limit = 500;
    ranks_merge_result(&worse, &all);
    ranks_merge_result(&better, &all);
    assert_int_equal(all.end, STEP_STOPPED);
    expect_number("late", all.health.read_lateness_p99_s, 0.8);
    expect_number("stamped", all.health.kernel_stamped_share, 0.7);
    expect_number("read together", all.health.coalesced_share, 0.4);
    expect_number("busy", all.health.loop_cpu_share_max, 0.4);
    expect_number("clock", all.health.clock_uncertainty_s, 0.4);
    assert_int_equal(all.health.open_files_limit, 500);
    assert_int_equal(all.connections_opened_ahead, 9);
    assert_int_equal(all.health.connections_opened, 15);
    assert_int_equal(all.health.connections_reopened, 3);
}

static void test_a_counting_comes_as_it_was_told(void **state)
{
    const struct counting sent = {3, 120.5, 130.25, 7, 9, true};
    struct text bytes = {0};
    struct unpacking unpacking;
    struct counting got;

    (void)state;
    ranks_pack_counting(&sent, &bytes);
    unpacking = unpack(&bytes);
    ranks_unpack_counting(&unpacking, &got);
    assert_true(unpack_done(&unpacking));
    expect_number("samples", got.samples, 3);
    expect_number("words", got.words, 120.5);
    expect_number("tokens", got.tokens, 130.25);
    expect_number("spread", got.spread, 7);
    expect_number("together", got.together, 9);
    assert_true(got.remembered);
    text_clear(&bytes);
}

static void test_progress_is_counted_over_ranks(void **state)
{
    const struct load_progress others = {.started = 9, .in_flight = 4, .chunks = 1ULL << 40};
    struct load_progress all = {1, 1, 10, 2.5, 1.5}, got = {0};
    struct text bytes = {0};
    struct unpacking unpacking;

    (void)state;
    ranks_pack_progress(&others, &bytes);
    unpacking = unpack(&bytes);
    ranks_unpack_progress(&unpacking, &got);
    assert_true(unpack_done(&unpacking));
    ranks_add_progress(&got, &all);
    assert_int_equal(all.started, 10);
    assert_int_equal(all.in_flight, 5);
    assert_int_equal(all.chunks, (1ULL << 40) + 10);
    expect_number("the own clock's", all.elapsed_s, 2.5);
    expect_number("since the first that counts", all.counted_s, 1.5);
    text_clear(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_result_comes_as_it_was_told),
        cmocka_unit_test(test_the_worst_rank_decides),
        cmocka_unit_test(test_a_counting_comes_as_it_was_told),
        cmocka_unit_test(test_progress_is_counted_over_ranks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
