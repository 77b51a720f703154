/* A search's step while it runs: what it counts of requests that end in any order, and when it has
 * enough. */
#include "search/looking.h"

#include "core/clock.h"
#include "support.h"

static const struct objectives ttft_of_a_second = {
    .one = {{METRIC_CLIENT_TTFT_S, 1.0}, {METRIC_CLIENT_END_TO_END_LATENCY_S, 5.0}}, .count = 2};
static const struct trial_rule half = {.share = 0.5, .open_loop = true, .resolution = 0.1};

enum { WARMUP = 4, MOST = 60 };

static void begin_mix(struct looking *looking, size_t members, bool warms_up)
{
    const struct climb_step plan = {.load = 10, .warmup = WARMUP, .most = MOST};
    const struct looking_asked asked = {.rule = &half,
                                        .plan = &plan,
                                        .objectives = &ttft_of_a_second,
                                        .members = members,
                                        .most_s = 1e6,
                                        .warms_up = warms_up};

    looking_begin(looking, &asked);
}

static void begin(struct looking *looking, double most_s)
{
    begin_mix(looking, 1, false);
    looking->most_s = most_s;
}

/* Request `index` of a member, sent at that tenth of a second. */
static bool take_of(struct looking *looking, size_t member, size_t index, size_t tenth,
                    enum request_end end, double ttft_s, double latency_s)
{
    int64_t sent_ns = looking->begun_ns + (int64_t)tenth * CLOCK_NS_PER_S / 10;
    const struct request request = {.index = index,
                                    .phase = index < WARMUP ? REQUEST_WARMUP : REQUEST_COUNTED,
                                    .intended_ns = sent_ns,
                                    .started_ns = sent_ns,
                                    .done_ns = sent_ns + (int64_t)(latency_s * CLOCK_NS_PER_S),
                                    .end = end};
    struct figures figures;

    for (int i = 0; i < METRIC_COUNT; i++)
        figures.value[i] = NAN;
    figures.value[METRIC_CLIENT_TTFT_S] = ttft_s;
    figures.value[METRIC_CLIENT_END_TO_END_LATENCY_S] = latency_s;
    return looking_take(looking, member, &request, &figures);
}

/* Request `index`, sent a tenth of a second after the one before. */
static bool take(struct looking *looking, size_t index, enum request_end end, double ttft_s,
                 double latency_s)
{
    return take_of(looking, 0, index, index, end, ttft_s, latency_s);
}

static const struct step kept_up = {.health.verdict = MEASUREMENT_VALID};

static void test_a_clear_step_needs_no_more(void **state)
{
    struct looking looking = {0};
    struct search_step step;
    size_t sent = 0;

    (void)state;
    begin(&looking, 1e6);
    while (!take(&looking, sent++, REQUEST_COMPLETED, 0.2, 0.3))
        assert_true(sent < MOST);
    assert_true(looking_end(&looking, &kept_up, &step));
    assert_true(step.trial.verdict == TRIAL_KEPT && step.trial.calls == sent - WARMUP);
    assert_true(step.trial.good == step.trial.calls && step.trial.load == 10);
    assert_true(sent >= WARMUP + trial_least(0.5) && sent < 30);
    expect_text("nothing was bad", step.limit, "");
    looking_clear(&looking);
}

/* The one that takes long may be bad: nothing is said before it has ended. */
static void test_it_waits_for_those_sent_before(void **state)
{
    struct looking looking = {0};

    (void)state;
    begin(&looking, 1e6);
    for (size_t i = WARMUP + 1; i < MOST; i++)
        assert_false(take(&looking, i, REQUEST_COMPLETED, 0.2, 0.3));
    for (size_t i = 0; i < WARMUP; i++)
        assert_false(take(&looking, i, REQUEST_COMPLETED, 0.2, 0.3));
    assert_true(take(&looking, WARMUP, REQUEST_COMPLETED, 0.2, 0.3));
    looking_clear(&looking);
}

static struct search_step after(enum request_end end, double ttft_s, double latency_s)
{
    struct looking looking = {0};
    struct search_step step;

    begin(&looking, 1e6);
    for (size_t i = 0; i < MOST; i++)
        take(&looking, i, end, ttft_s, latency_s);
    assert_true(looking_end(&looking, &kept_up, &step));
    looking_clear(&looking);
    return step;
}

static void test_it_names_what_breaks(void **state)
{
    (void)state;
    expect_text("late", after(REQUEST_COMPLETED, 2, 3).limit, "client_ttft_s");
    expect_text("long", after(REQUEST_COMPLETED, 2, 30).limit, "client_end_to_end_latency_s");
    expect_text("failed", after(REQUEST_TIMEOUT, 0.2, 0.3).limit, "failed");
    expect_text("fine", after(REQUEST_COMPLETED, 0.2, 0.3).limit, "");
    assert_int_equal(after(REQUEST_COMPLETED, 2, 3).trial.verdict, TRIAL_BROKEN);
    assert_int_equal(after(REQUEST_TIMEOUT, 0.2, 0.3).trial.good, 0);
}

static void test_it_ends_with_its_time(void **state)
{
    struct looking looking = {0};

    (void)state;
    begin(&looking, 0);
    assert_true(take(&looking, 0, REQUEST_COMPLETED, 0.2, 0.3));
    looking_clear(&looking);
}

/* A row's timeout may end a step before a request that counts is sent. */
static void test_those_in_front_tell_where_none_counts(void **state)
{
    struct looking looking = {0};
    struct search_step step;

    (void)state;
    begin(&looking, 1e6);
    for (size_t i = 0; i < WARMUP; i++)
        take(&looking, i, i < 1 ? REQUEST_COMPLETED : REQUEST_TIMEOUT, 0.2, 0.3);
    assert_true(looking_end(&looking, &kept_up, &step));
    assert_int_equal(step.trial.calls, WARMUP);
    assert_int_equal(step.trial.good, 1);
    expect_text("what they broke", step.limit, "failed");
    looking_clear(&looking);
}

static void test_a_client_that_was_the_limit_is_told(void **state)
{
    const struct step invalid = {.health.verdict = MEASUREMENT_INVALID};
    struct looking looking = {0};
    struct search_step step;

    (void)state;
    begin(&looking, 1e6);
    take(&looking, WARMUP, REQUEST_COMPLETED, 0.2, 0.3);
    assert_true(looking_end(&looking, &invalid, &step) && step.trial.client_limited);
    looking_clear(&looking);
}

/* --- Mixes ------------------------------------------------------------------------------------ */

/* A rare member's request that has not ended may have been sent before all others. */
static void test_a_mix_is_looked_at_as_far_as_all_of_its_rows_are_known(void **state)
{
    struct looking looking = {0};
    size_t sent = 0;

    (void)state;
    begin_mix(&looking, 2, false);
    for (; sent < MOST - 12; sent++)
        assert_false(take_of(&looking, 0, sent, 2 * sent, REQUEST_COMPLETED, 0.2, 0.3));
    assert_true(looking.clear.verdict == TRIAL_OPEN);
    assert_false(take_of(&looking, 1, 0, 7, REQUEST_COMPLETED, 0.2, 0.3));
    assert_true(looking.clear.verdict == TRIAL_OPEN);
    take_of(&looking, 1, 1, 999, REQUEST_COMPLETED, 0.2, 0.3);
    while (!take_of(&looking, 0, sent, 2 * sent, REQUEST_COMPLETED, 0.2, 0.3))
        assert_true(++sent < MOST);
    assert_true(looking.clear.verdict == TRIAL_KEPT);
    looking_clear(&looking);
}

/* By one series of both: bad ones of the second are among the good ones of the first. */
static void test_a_mix_tells_once_all_its_rows_have(void **state)
{
    const struct step first = {.started = 30, .phase_started = 2},
                      second = {
                          .started = 10, .phase_started = 1, .health.verdict = MEASUREMENT_INVALID};
    struct looking looking = {0};
    struct search_step step;

    (void)state;
    begin_mix(&looking, 2, false);
    for (size_t i = 0; i < 32; i++)
        take_of(&looking, 0, i, i, REQUEST_COMPLETED, 0.2, 0.3);
    for (size_t i = 0; i < 14; i++)
        take_of(&looking, 1, i, 2 * i, REQUEST_COMPLETED, 1.5, 1.6);
    assert_false(looking_end(&looking, &first, &step));
    assert_true(looking_end(&looking, &second, &step));
    assert_int_equal(step.requests, 43);
    assert_int_equal(step.trial.calls, 32 - WARMUP + 14 - WARMUP);
    assert_int_equal(step.trial.good, 32 - WARMUP);
    assert_true(step.trial.client_limited);
    expect_text("what the second broke", step.limit, "client_ttft_s");
    looking_clear(&looking);
}

static void test_a_mix_ends_with_as_many_as_it_may_have(void **state)
{
    struct looking looking = {0};
    size_t sent = 0;

    (void)state;
    begin_mix(&looking, 2, false);
    while (!take_of(&looking, 0, sent, sent, REQUEST_COMPLETED, 0.2, 0.3))
        sent++;
    assert_int_equal(sent + 1, WARMUP + MOST);
    looking_clear(&looking);
}

/* Where members share their places, none of theirs is marked as one in front. */
static void test_those_in_front_of_a_mix_by_share_are_left_out(void **state)
{
    struct looking looking = {0};
    struct search_step step;

    (void)state;
    begin_mix(&looking, 2, true);
    for (size_t i = 0; i < 20; i++)
        take_of(&looking, i % 2, WARMUP + i / 2, i, REQUEST_COMPLETED, i < 4 ? 3 : 0.2, 3.5);
    assert_false(looking_end(&looking, &kept_up, &step));
    assert_true(looking_end(&looking, &kept_up, &step));
    assert_int_equal(step.trial.calls, 20 - WARMUP);
    assert_int_equal(step.trial.good, 20 - WARMUP);
    looking_clear(&looking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_clear_step_needs_no_more),
        cmocka_unit_test(test_it_waits_for_those_sent_before),
        cmocka_unit_test(test_it_names_what_breaks),
        cmocka_unit_test(test_it_ends_with_its_time),
        cmocka_unit_test(test_those_in_front_tell_where_none_counts),
        cmocka_unit_test(test_a_client_that_was_the_limit_is_told),
        cmocka_unit_test(test_a_mix_is_looked_at_as_far_as_all_of_its_rows_are_known),
        cmocka_unit_test(test_a_mix_tells_once_all_its_rows_have),
        cmocka_unit_test(test_a_mix_ends_with_as_many_as_it_may_have),
        cmocka_unit_test(test_those_in_front_of_a_mix_by_share_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
