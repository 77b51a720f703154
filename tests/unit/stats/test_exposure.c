/* What a step shows of the switch to it, and why it sometimes shows nothing. */
#include "stats/exposure.h"

#include "records.h"
#include "support.h"

enum { MOST = 8 };

/* A row of `count` requests one after another, the first of 0.5 s, the others of 0.1 s. */
static size_t one_after_another(struct outcome *outcome, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double ttft = i == 0 ? 0.5 : 0.1;

        outcome[i] = outcome_of(ttft + 0.01, ttft, (int64_t)i * 1000, (int64_t)i * 1000 + 900);
        outcome[i].index = i;
        outcome[i].figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = ttft + 0.01;
        outcome[i].figures.value[METRIC_NUMBER_INPUT_TOKENS] = 1000;
        outcome[i].figures.value[METRIC_CACHED_TOKENS] = 0;
    }
    return count;
}

static struct step step_at(int64_t concurrency)
{
    return (struct step){.row.concurrent_requests = concurrency};
}

static struct switch_measurement shown(const struct step *step, const struct outcome *load,
                                       size_t count)
{
    struct switch_measurement measurement =
        exposure_of(step, (struct exposure_part){load, count}, (struct exposure_part){NULL, 0});

    switch_measurement_clear(&measurement);
    return measurement;
}

static void test_a_row_shows_both_clocks_beside_each_other(void **state)
{
    struct step step = step_at(1);
    struct outcome load[MOST];
    struct switch_measurement measurement = shown(&step, load, one_after_another(load, 4));

    (void)state;
    assert_int_equal(measurement.reason, SWITCH_MEASURABLE);
    assert_int_equal(measurement.method, SWITCH_FROM_LOAD);
    assert_int_equal(measurement.source, SWITCH_SERVER);
    assert_int_equal(measurement.flags, 0);
    assert_int_equal(measurement.exposed, 1);
    assert_int_equal(measurement.steady, 3);
    expect_number("server", measurement.side[SWITCH_SERVER].exposed_s, 0.5);
    expect_number("client", measurement.side[SWITCH_CLIENT].exposed_s, 0.51);
    assert_int_equal(measurement.side[SWITCH_CLIENT].steady, 3);
    expect_true("no queue", fabs(measurement.queue_s) < 1e-12);
    expect_number("no connection", measurement.connect_s, NAN);
}

static void test_where_nothing_can_be_told_the_reason_is(void **state)
{
    static const struct {
        const char *name;
        size_t count;
        int64_t concurrency;
        void (*spoil)(struct step *step, struct outcome *outcome);
        enum switch_reason reason;
    } cases[] = {
        {"nothing sent", 0, 1, NULL, SWITCH_NOTHING_SENT},
        {"one request", 1, 1, NULL, SWITCH_ONE_REQUEST},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = step_at(cases[i].concurrency);
        struct outcome load[MOST];
        struct switch_measurement measurement =
            shown(&step, load, one_after_another(load, cases[i].count));

        if (measurement.reason != cases[i].reason)
            fail_msg("%s: %s", cases[i].name, switch_reason_words[measurement.reason]);
    }
}

/* Each spoils four good requests in one way. */
static void test_each_way_to_spoil_a_row_has_its_reason(void **state)
{
    struct step step = step_at(1);
    struct outcome load[MOST];

    (void)state;
    one_after_another(load, 4);
    load[0].end = REQUEST_TIMEOUT;
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_FIRST_FAILED);

    one_after_another(load, 4);
    load[1].end = load[2].end = load[3].end = REQUEST_TIMEOUT;
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_STEADY_FAILED);

    one_after_another(load, 4);
    for (size_t i = 0; i < 4; i++)
        load[i].sent_ns = 0;
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_ALL_EXPOSED);

    one_after_another(load, 4);
    for (size_t i = 1; i < 4; i++)
        load[i].figures.value[METRIC_CACHED_TOKENS] = 512;
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_CACHED_PROMPT);

    one_after_another(load, 4);
    for (size_t i = 0; i < 4; i++)
        load[i].figures.value[METRIC_BATCH_SIZE_USED] = (double)(1 << i);
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_OTHER_BATCHES);

    one_after_another(load, 4);
    for (size_t i = 0; i < 4; i++)
        load[i].figures = no_figures();
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_NO_TTFT);

    one_after_another(load, 4);
    step.row.warmup = true;
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_WARMUP);

    step = step_at(1);
    step.switching.verdict = SWITCHING_PARALLEL;
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_PARALLEL);
    step.switching.verdict = SWITCHING_SPREAD;
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_SPREAD);
}

static void test_what_makes_it_worth_less_is_flagged(void **state)
{
    struct step step = step_at(1);
    struct outcome load[MOST];

    (void)state;
    one_after_another(load, 4);
    load[0].figures.value[METRIC_CLIENT_CONNECT_S] = 0.03;
    assert_int_equal(shown(&step, load, 4).flags, SWITCH_FLAG_NEW_CONNECTION);
    expect_number("connect", shown(&step, load, 4).connect_s, 0.03);

    one_after_another(load, 4);
    load[0].figures.value[METRIC_NUMBER_INPUT_TOKENS] = 1050;
    assert_int_equal(shown(&step, load, 4).flags, SWITCH_FLAG_PROMPT_LENGTHS);
    load[0].figures.value[METRIC_NUMBER_INPUT_TOKENS] = 1010; /* 1 % */
    assert_int_equal(shown(&step, load, 4).flags, 0);

    one_after_another(load, 4);
    step.follows_cut_short = true;
    assert_int_equal(shown(&step, load, 4).flags, SWITCH_FLAG_AFTER_CUT_SHORT);
    assert_int_equal(shown(&step, load, 4).reason, SWITCH_CUT_SHORT);

    step = step_at(2);
    one_after_another(load, 4);
    load[1].sent_ns = 1 * MS;
    load[1].end = REQUEST_TIMEOUT;
    assert_int_equal(shown(&step, load, 4).flags, SWITCH_FLAG_SOME_FAILED);

    one_after_another(load, 4);
    for (size_t i = 0; i < 4; i++)
        load[i].figures.value[METRIC_SERVER_TTFT_S] = NAN;
    assert_int_equal(shown(&step, load, 4).flags, SWITCH_FLAG_QUEUE);
    assert_int_equal(shown(&step, load, 4).source, SWITCH_CLIENT);
    step = step_at(1);
    assert_int_equal(shown(&step, load, 4).flags, 0);
}

static void test_a_probe_is_taken_where_there_is_one(void **state)
{
    struct outcome load[MOST], probe[MOST];
    struct step step = step_at(1);
    struct switch_measurement measurement;

    (void)state;
    one_after_another(load, 4);
    one_after_another(probe, 3);
    for (int64_t i = 0; i < 3; i++)
        probe[i].probe_burst = i + 1;
    probe[0].figures.value[METRIC_SERVER_TTFT_S] = 0.7;
    measurement =
        exposure_of(&step, (struct exposure_part){load, 4}, (struct exposure_part){probe, 3});
    switch_measurement_clear(&measurement);
    assert_int_equal(measurement.method, SWITCH_FROM_PROBE);
    assert_int_equal(measurement.steady, 2);
    expect_number("exposed", measurement.side[SWITCH_SERVER].exposed_s, 0.7);
    step = step_at(4);
    measurement =
        exposure_of(&step, (struct exposure_part){load, 4}, (struct exposure_part){probe, 3});
    switch_measurement_clear(&measurement);
    assert_int_equal(measurement.method, SWITCH_FROM_BURSTS);
}

static void test_the_rows_own_batch_size_is_judged(void **state)
{
    struct step step = step_at(1);
    struct outcome load[MOST];

    (void)state;
    one_after_another(load, 6);
    for (size_t i = 0; i < 6; i++)
        load[i].figures.value[METRIC_BATCH_SIZE_USED] = i < 2 ? 1 : 4;
    expect_number("by what is read", shown(&step, load, 6).batch_size, 4);
    step.representative_batch_size = 1;
    expect_number("by the whole row", shown(&step, load, 6).batch_size, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_shows_both_clocks_beside_each_other),
        cmocka_unit_test(test_where_nothing_can_be_told_the_reason_is),
        cmocka_unit_test(test_each_way_to_spoil_a_row_has_its_reason),
        cmocka_unit_test(test_what_makes_it_worth_less_is_flagged),
        cmocka_unit_test(test_a_probe_is_taken_where_there_is_one),
        cmocka_unit_test(test_the_rows_own_batch_size_is_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
