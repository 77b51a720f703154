/* The calls of a mix as one sequence: in which order they were sent and served, and what follows.
 */
#include "stats/calls.h"

#include "records.h"
#include "support.h"

enum { NONE = -1 };

static void expect_near(const char *name, double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-9 * fmax(1, fabs(wanted))))
        fail_msg("%s: %.17g, not %.17g", name, value, wanted);
}

/* A call that was sent at `sent_ms`, whose first token came `ttft_ms` later, and whose server says
 * that it took `server_ms` to it (NONE: it does not say) and `took_ms` in all. */
struct told {
    size_t member, configuration;
    double sent_ms, ttft_ms, server_ms, took_ms;
    double size; /* of its batch; NONE: not told */
};

static struct outcome outcome_told(const struct told *told)
{
    struct outcome outcome =
        outcome_of(told->ttft_ms / 1e3, told->server_ms == NONE ? NAN : told->server_ms / 1e3,
                   (int64_t)told->sent_ms, (int64_t)(told->sent_ms + told->ttft_ms));

    outcome.attempt = 1;
    outcome.figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = told->ttft_ms / 1e3;
    outcome.figures.value[METRIC_CLIENT_SCHEDULE_DELAY_S] = 0;
    if (told->server_ms != NONE)
        outcome.figures.value[METRIC_SERVER_END_TO_END_LATENCY_S] = told->took_ms / 1e3;
    if (told->size != NONE)
        outcome.figures.value[METRIC_BATCH_SIZE_USED] = told->size;
    return outcome;
}

struct calls {
    struct outcome outcome[16];
    struct call call[16];
    size_t count;
};

static void make(const struct told *told, size_t count, bool open, struct calls *calls)
{
    calls->count = count;
    for (size_t i = 0; i < count; i++) {
        calls->outcome[i] = outcome_told(&told[i]);
        calls->call[i] = (struct call){.outcome = &calls->outcome[i],
                                       .member = told[i].member,
                                       .configuration = told[i].configuration,
                                       .loads = told[i].configuration,
                                       .open = open};
    }
    calls_order(calls->call, count);
}

static struct mix concluded(const struct calls *calls, struct mix_member *member, size_t members)
{
    static const struct mix_visited visited[2];
    struct mix mix = {.member = member, .members = members};

    calls_conclude(calls->call, calls->count, visited, &mix);
    mix_switching_clear(&mix.switching);
    return mix;
}

/* Member 0 sends at 0, 30 and 60 ms, member 1 at 10 and 40; the node takes what waits in another
 * order than it came. */
static const struct told grouped[] = {
    {0, 7, 0, 20, 20, 20, 1},  {0, 7, 30, 30, 10, 20, 1}, {0, 7, 60, 60, 20, 20, 1},
    {1, 8, 10, 60, 20, 20, 1}, {1, 8, 40, 60, 10, 30, 1},
};

static void test_a_call_follows_what_was_sent_and_what_was_served_before_it(void **state)
{
    /* Service begins at 0, 50 and 100 ms, of the other member at 50 and 90: the tie goes by
     * sending. */
    static const size_t arrival[] = {0, 2, 4, 1, 3};
    static const size_t sent[] = {CALL_NONE, 8, 8, 7, 7};
    static const size_t served[] = {CALL_NONE, 8, 8, 7, 7};
    struct calls calls;

    (void)state;
    make(grouped, COUNT_OF(grouped), true, &calls);
    for (size_t i = 0; i < calls.count; i++) {
        assert_int_equal(calls.call[i].arrival_index, arrival[i]);
        assert_int_equal(calls.call[i].previous_sent, sent[i]);
        assert_int_equal(calls.call[i].previous, served[i]);
    }
}

static void test_the_order_of_service_may_be_another(void **state)
{
    /* Sent a b a; served a a b. The last tells no TTFT: sending stands for its service. */
    static const struct told told[] = {
        {0, 1, 0, 10, 10, 15, NONE},
        {0, 1, 20, 10, 10, 15, NONE},
        {0, 1, 90, 10, NONE, 0, NONE},
        {1, 2, 10, 80, 10, 15, NONE},
    };
    struct calls calls;

    (void)state;
    make(told, COUNT_OF(told), true, &calls);
    assert_int_equal(calls.call[1].previous_sent, 2);
    assert_int_equal(calls.call[1].previous, 1);
    assert_int_equal(calls.call[3].previous_sent, 1);
    assert_int_equal(calls.call[3].previous, 1);
    assert_int_equal(calls.call[2].previous, 1);
    assert_int_equal(calls.call[2].previous_sent, 1);
    assert_true(calls.call[2].service_ns == CLOCK_NEVER);
}

static void test_figures_are_of_the_time_in_which_every_member_sends(void **state)
{
    /* Member 0 sends 0 … 100 ms, member 1 20 … 60: the window is 20 … 60, behind 20. */
    static const struct told told[] = {
        {0, 1, 0, 5, 5, 10, 1},   {0, 1, 30, 5, 5, 10, 1}, {0, 1, 50, 5, 5, 10, 2},
        {0, 1, 100, 5, 5, 10, 1}, {1, 2, 20, 8, 8, 8, 1},  {1, 2, 60, 8, 8, 8, 1},
    };
    struct mix_member member[2] = {{0}};
    struct calls calls;
    struct mix mix;

    (void)state;
    make(told, COUNT_OF(told), true, &calls);
    mix = concluded(&calls, member, 2);
    expect_near("window", mix.window_s, 0.04);
    expect_near("calls", mix.calls, 3);
    expect_near("offered", mix.offered_per_s, 75);
    expect_near("achieved", mix.achieved_per_s, 75); /* done at 28, 35 and 55 */
    /* 20 … 28, 30 … 40 and 50 … 60 of 40 ms: half of a batch of two is busy as the whole is */
    expect_near("utilisation", mix.utilisation, (8 + 10 + 10) / 40.0);
    expect_near("share", member[0].share, 2 / 3.0);
    expect_near("of the other", member[1].share, 1 / 3.0);
    expect_near("offered, member", member[0].offered_per_s, 50);
    expect_near("utilisation, member", member[1].utilisation, 8 / 40.0);
    expect_near("served", mix.served_share, 1);
    expect_near("after another", member[0].ttft[SWITCH_SERVER][MIX_AFTER_OTHER].count, 1);
    expect_near("after the same", member[0].ttft[SWITCH_CLIENT][MIX_AFTER_SAME].count, 1);
    expect_near("its p50", member[0].ttft[SWITCH_CLIENT][MIX_AFTER_SAME].p50_s, 0.005);
    assert_true(isnan(member[1].ttft[SWITCH_SERVER][MIX_AFTER_SAME].mean_s));
}

/* b a a b b: the two of a that ran together follow b, and the two of b follow a. */
static void test_what_ran_together_follows_what_came_before_all_of_it(void **state)
{
    static const struct told told[] = {
        {0, 1, 10, 40, 30, 40, 2}, {0, 1, 15, 35, 30, 40, 2}, {1, 2, 0, 20, 20, 30, 1},
        {1, 2, 20, 70, 25, 40, 2}, {1, 2, 30, 61, 25, 40, 2},
    };
    struct calls calls;

    (void)state;
    make(told, COUNT_OF(told), true, &calls);
    assert_int_equal(calls.call[2].previous, CALL_NONE);
    assert_int_equal(calls.call[0].previous, 2);
    assert_int_equal(calls.call[1].previous, 2);
    assert_int_equal(calls.call[3].previous, 1);
    assert_int_equal(calls.call[4].previous, 1);
    assert_int_equal(calls.call[0].batch, calls.call[1].batch);
    assert_true(calls.call[2].batch != calls.call[3].batch);
}

/* Batches one after another, of which the client reads a response 4 ms late, are busy as long as
 * they took. */
static void test_what_is_read_late_is_busy_as_long_as_it_took(void **state)
{
    static const struct told told[] = {
        {0, 1, 0, 5, 5, 20, NONE},  {0, 1, 20, 29, 7, 20, NONE}, {0, 1, 80, 9, 9, 20, NONE},
        {1, 2, 0, 26, 6, 20, NONE}, {1, 2, 40, 28, 8, 20, NONE}, {1, 2, 100, 5, 5, 20, NONE},
    };
    struct mix_member member[2] = {{0}};
    struct calls calls;
    struct mix mix;

    (void)state;
    make(told, COUNT_OF(told), true, &calls);
    mix = concluded(&calls, member, 2);
    /* 0 … 80 ms: 0 … 20, 20 … 40, 42 … 62, and 60 … 80, which began when 62 was not over */
    expect_near("window", mix.window_s, 0.08);
    expect_near("utilisation", mix.utilisation, 80 / 80.0);
}

static void test_without_batch_sizes_the_node_is_busy_while_it_serves_any(void **state)
{
    static const struct told told[] = {
        {0, 1, 0, 5, 5, 30, NONE},  {0, 1, 100, 5, 5, 10, NONE}, {1, 2, 0, 5, 5, 20, NONE},
        {1, 2, 50, 5, 5, 10, NONE}, {1, 2, 100, 5, 5, 10, NONE},
    };
    struct mix_member member[2] = {{0}};
    struct calls calls;
    struct mix mix;

    (void)state;
    make(told, COUNT_OF(told), false, &calls);
    mix = concluded(&calls, member, 2);
    expect_near("utilisation", mix.utilisation, 0.4);
    expect_near("of the second", member[1].utilisation, 0.3);
    assert_true(isnan(mix.offered_per_s)); /* closed loop */
}

static void test_what_is_not_told_or_never_together_has_no_figure(void **state)
{
    static const struct told apart[] = {
        {0, 1, 0, 5, NONE, 0, NONE}, {0, 1, 10, 5, NONE, 0, NONE}, {1, 2, 20, 5, NONE, 0, NONE}};
    struct mix_member member[2] = {{0}};
    struct calls calls;
    struct mix mix;

    (void)state;
    make(apart, COUNT_OF(apart), true, &calls);
    mix = concluded(&calls, member, 2);
    assert_true(mix.window_s == 0 && mix.calls == 0);
    assert_true(isnan(mix.offered_per_s) && isnan(mix.achieved_per_s) && isnan(mix.utilisation));
    mix = concluded(&calls, member, 1 + 1);
    calls.count = 2; /* of one member alone */
    mix = concluded(&calls, member, 1);
    expect_near("window", mix.window_s, 0.01);
    assert_true(isnan(mix.utilisation));
    expect_near("served", mix.served_share, 0);
    calls.count = 0;
    mix = concluded(&calls, member, 2);
    assert_true(mix.window_s == 0 && isnan(mix.served_share));
}

static void test_warm_ups_and_failures_are_in_the_order_alone(void **state)
{
    static const struct told told[] = {
        {0, 1, 0, 5, 5, 5, 1},
        {0, 1, 20, 5, 5, 5, 1},
        {0, 1, 40, 5, 5, 5, 1},
        {0, 1, 60, 5, 5, 5, 1},
    };
    struct mix_member member[1] = {{0}};
    struct calls calls;
    struct mix mix;

    (void)state;
    make(told, COUNT_OF(told), true, &calls);
    calls.outcome[0].phase = REQUEST_WARMUP;
    calls.outcome[2].end = REQUEST_TIMEOUT;
    calls_order(calls.call, calls.count);
    mix = concluded(&calls, member, 1);
    expect_near("window", mix.window_s, 0.04);
    expect_near("calls", mix.calls, 2);                     /* one of which failed */
    expect_near("completed", mix.achieved_per_s, 1 / 0.04); /* at 25; the last is done behind */
    expect_near("after the same", member[0].ttft[SWITCH_SERVER][MIX_AFTER_SAME].count, 1);
    assert_int_equal(calls.call[3].arrival_index, 3);
    assert_int_equal(calls.call[1].previous, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_call_follows_what_was_sent_and_what_was_served_before_it),
        cmocka_unit_test(test_the_order_of_service_may_be_another),
        cmocka_unit_test(test_figures_are_of_the_time_in_which_every_member_sends),
        cmocka_unit_test(test_what_ran_together_follows_what_came_before_all_of_it),
        cmocka_unit_test(test_what_is_read_late_is_busy_as_long_as_it_took),
        cmocka_unit_test(test_without_batch_sizes_the_node_is_busy_while_it_serves_any),
        cmocka_unit_test(test_what_is_not_told_or_never_together_has_no_figure),
        cmocka_unit_test(test_warm_ups_and_failures_are_in_the_order_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
