/* What a step shows, at the edges of its flags. */
#include "stats/exposure.h"

#include "records.h"
#include "support.h"

enum { MOST = 8 };

/* Requests one after another, the first of 0.5 s, the others of 0.1 s, the client's 10 ms longer.
 */
static size_t one_after_another(struct outcome *outcome, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double ttft = i == 0 ? 0.5 : 0.1;

        outcome[i] = outcome_of(9, ttft, (int64_t)i * 1000, (int64_t)i * 1000 + 900);
        outcome[i].index = i;
        outcome[i].figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = ttft + 0.01;
        outcome[i].figures.value[METRIC_NUMBER_INPUT_TOKENS] = 1000;
        outcome[i].figures.value[METRIC_CACHED_TOKENS] = 0;
    }
    return count;
}

static struct switch_measurement shown(const struct step *step, const struct outcome *load,
                                       size_t count)
{
    struct switch_measurement measurement =
        exposure_of(step, (struct exposure_part){load, count}, (struct exposure_part){NULL, 0});

    switch_measurement_clear(&measurement);
    return measurement;
}

/* More than two tokens and more than 2 % apart, either way; of a cache more than 64 tokens. */
static void test_prompts_are_alike_within_their_tolerances(void **state)
{
    static const struct {
        const char *name;
        double first, others, cached_first, cached_others;
        int flags;
        enum switch_reason reason;
    } cases[] = {
        {"two tokens of ten", 12, 10, 0, 0, 0, SWITCH_MEASURABLE},
        {"three of ten", 13, 10, 0, 0, SWITCH_FLAG_PROMPT_LENGTHS, SWITCH_MEASURABLE},
        {"shorter", 7, 10, 0, 0, SWITCH_FLAG_PROMPT_LENGTHS, SWITCH_MEASURABLE},
        {"20 of 1000", 1020, 1000, 0, 0, 0, SWITCH_MEASURABLE},
        {"21 of 1000", 1021, 1000, 0, 0, SWITCH_FLAG_PROMPT_LENGTHS, SWITCH_MEASURABLE},
        {"a template's block", 1000, 1000, 0, 64, 0, SWITCH_MEASURABLE},
        {"more than that", 1000, 1000, 0, 65, 0, SWITCH_CACHED_PROMPT},
        {"the first cached", 1000, 1000, 65, 0, 0, SWITCH_CACHED_PROMPT},
        {"all alike", 1000, 1000, 512, 512, 0, SWITCH_MEASURABLE},
        {"nothing told", NAN, NAN, NAN, NAN, 0, SWITCH_MEASURABLE},
    };
    const struct step step = {.row.concurrent_requests = 1};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome load[MOST];
        struct switch_measurement measurement;

        one_after_another(load, 4);
        for (size_t k = 0; k < 4; k++) {
            load[k].figures.value[METRIC_NUMBER_INPUT_TOKENS] =
                k == 0 ? cases[i].first : cases[i].others;
            load[k].figures.value[METRIC_CACHED_TOKENS] =
                k == 0 ? cases[i].cached_first : cases[i].cached_others;
        }
        measurement = shown(&step, load, 4);
        expect_true(cases[i].name, measurement.flags == cases[i].flags);
        expect_true(cases[i].name, measurement.reason == cases[i].reason);
    }
}

/* The client's clock alone, of a load: requests wait in line unless they come one at a time. */
static void test_a_queue_is_feared_where_requests_may_wait_for_each_other(void **state)
{
    static const struct {
        const char *name;
        int64_t concurrency;
        bool probe;
        int flags;
        enum switch_method method;
    } cases[] = {
        {"one at a time", 1, false, 0, SWITCH_FROM_LOAD},
        {"four at a time", 4, false, SWITCH_FLAG_QUEUE, SWITCH_FROM_LOAD},
        {"open loop", 0, false, SWITCH_FLAG_QUEUE, SWITCH_FROM_LOAD},
        {"bursts, which end before the next", 4, true, 0, SWITCH_FROM_BURSTS},
        {"an open loop's probe", 0, true, 0, SWITCH_FROM_PROBE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct step step = {.row.concurrent_requests = cases[i].concurrency};
        struct outcome part[MOST];
        struct switch_measurement measurement;

        one_after_another(part, 4);
        for (int64_t k = 0; k < 4; k++) {
            part[k].figures.value[METRIC_SERVER_TTFT_S] = NAN;
            part[k].probe_burst = cases[i].probe ? k + 1 : 0;
        }
        measurement = exposure_of(&step, (struct exposure_part){part, 4},
                                  (struct exposure_part){part, cases[i].probe ? 4 : 0});
        switch_measurement_clear(&measurement);
        expect_true(cases[i].name, measurement.source == SWITCH_CLIENT);
        expect_true(cases[i].name, measurement.flags == cases[i].flags);
        expect_true(cases[i].name, measurement.method == cases[i].method);
    }
}

/* The first answer is complete after 900 ms. */
static void test_only_what_left_before_the_first_response_failed_exposed(void **state)
{
    const struct step step = {.row.concurrent_requests = 2};
    struct outcome load[MOST];

    (void)state;
    one_after_another(load, 4);
    load[1].sent_ns = 899 * MS;
    load[1].end = REQUEST_TIMEOUT;
    assert_int_equal(shown(&step, load, 4).flags, SWITCH_FLAG_SOME_FAILED);
    load[1].sent_ns = 900 * MS;
    assert_int_equal(shown(&step, load, 4).flags, 0);
}

/* Three exposed ones open connections; a steady one that does says nothing of the switch. */
static void test_the_longest_connecting_of_the_exposed_is_reported(void **state)
{
    const struct step step = {.row.concurrent_requests = 3};
    struct outcome load[MOST];
    struct switch_measurement measurement;

    (void)state;
    one_after_another(load, 6);
    load[5].figures.value[METRIC_CLIENT_CONNECT_S] = 0.9;
    assert_int_equal(shown(&step, load, 6).flags, 0);
    for (size_t i = 0; i < 3; i++) {
        load[i].sent_ns = 0;
        load[i].figures.value[METRIC_CLIENT_CONNECT_S] = i == 1 ? 0.03 : 0.01;
    }
    measurement = shown(&step, load, 6);
    assert_int_equal(measurement.exposed, 3);
    expect_number("connect", measurement.connect_s, 0.03);
    assert_true(measurement.flags & SWITCH_FLAG_NEW_CONNECTION);
    expect_true("not in its TTFT", measurement.side[SWITCH_CLIENT].exposed_s < 0.52);
}

/* The exposed one's client waits 200 ms longer than the server says, the steady ones' 10 ms. */
static void test_the_queue_is_how_much_longer_clients_wait(void **state)
{
    const struct step step = {.row.concurrent_requests = 1};
    struct outcome load[MOST];

    (void)state;
    one_after_another(load, 4);
    load[0].figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = 0.7;
    expect_number("queue", shown(&step, load, 4).queue_s, 0.19);
}

/* A probe of size 1 tells of the switch; its load runs batches of 4, the first of 0.5 s. */
static void test_the_load_behind_a_probe_is_looked_inside(void **state)
{
    const struct step step = {.row.concurrent_requests = 1};
    struct outcome load[MOST], probe[MOST];
    struct switch_measurement measurement;

    (void)state;
    one_after_another(load, 4);
    one_after_another(probe, 3);
    for (size_t i = 0; i < 4; i++)
        load[i].figures.value[METRIC_BATCH_SIZE_USED] = 4;
    for (int64_t i = 0; i < 3; i++)
        probe[i].probe_burst = i + 1;
    measurement =
        exposure_of(&step, (struct exposure_part){load, 4}, (struct exposure_part){probe, 3});
    switch_measurement_clear(&measurement);
    expect_number("the probe's size", measurement.batch_size, 1);
    assert_int_equal(measurement.steady, 2);
    assert_int_equal(measurement.insides, 1);
    expect_number("the load's", measurement.inside[0].batch_size, 4);
    expect_number("its first", measurement.inside[0].side.exposed_s, 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prompts_are_alike_within_their_tolerances),
        cmocka_unit_test(test_a_queue_is_feared_where_requests_may_wait_for_each_other),
        cmocka_unit_test(test_only_what_left_before_the_first_response_failed_exposed),
        cmocka_unit_test(test_the_longest_connecting_of_the_exposed_is_reported),
        cmocka_unit_test(test_the_queue_is_how_much_longer_clients_wait),
        cmocka_unit_test(test_the_load_behind_a_probe_is_looked_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
