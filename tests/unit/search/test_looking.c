/* A search's step while it runs: what it counts of requests that end in any order, and when it has
 * enough. */
#include "search/looking.h"

#include "core/clock.h"
#include "support.h"

static const struct objectives ttft_of_a_second = {
    .one = {{METRIC_CLIENT_TTFT_S, 1.0}, {METRIC_CLIENT_END_TO_END_LATENCY_S, 5.0}}, .count = 2};
static const struct trial_rule half = {.share = 0.5, .open_loop = true, .resolution = 0.1};

enum { WARMUP = 4, MOST = 60 };

static void begin(struct looking *looking, double most_s)
{
    const struct climb_step plan = {.load = 10, .warmup = WARMUP, .most = MOST};

    looking_begin(looking, &half, &plan, &ttft_of_a_second, most_s);
}

/* Request `index`, sent a tenth of a second after the one before. */
static bool take(struct looking *looking, size_t index, enum request_end end, double ttft_s,
                 double latency_s)
{
    int64_t sent_ns = looking->begun_ns + (int64_t)index * CLOCK_NS_PER_S / 10;
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
    return looking_take(looking, &request, &figures);
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
    step = looking_end(&looking, &kept_up);
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
    step = looking_end(&looking, &kept_up);
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

static void test_a_client_that_was_the_limit_is_told(void **state)
{
    const struct step invalid = {.health.verdict = MEASUREMENT_INVALID};
    struct looking looking = {0};

    (void)state;
    begin(&looking, 1e6);
    take(&looking, WARMUP, REQUEST_COMPLETED, 0.2, 0.3);
    assert_true(looking_end(&looking, &invalid).trial.client_limited);
    looking_clear(&looking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_clear_step_needs_no_more),
        cmocka_unit_test(test_it_waits_for_those_sent_before),
        cmocka_unit_test(test_it_names_what_breaks),
        cmocka_unit_test(test_it_ends_with_its_time),
        cmocka_unit_test(test_a_client_that_was_the_limit_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
