/* Waves and batches at their edges: full places, unknown moments and TTFTs, mixed sizes. */
#include "stats/served.h"

#include "records.h"
#include "support.h"

enum { MOST = 24 };

/* A request: sent and done in tenths of a second, client's TTFT, server's, batch size (0: none
 * told), burst (0: no probe's). */
struct told {
    int64_t sent, done;
    double client, server, size;
    int64_t burst;
};

static size_t make(const struct told *told, size_t count, struct outcome *outcome)
{
    for (size_t i = 0; i < count; i++) {
        outcome[i] =
            outcome_of(told[i].client, told[i].server, told[i].sent * 100, told[i].done * 100);
        outcome[i].index = i;
        outcome[i].probe_burst = told[i].burst;
        if (told[i].size > 0)
            outcome[i].figures.value[METRIC_BATCH_SIZE_USED] = told[i].size;
    }
    return count;
}

static struct switch_measurement looked_at(const struct told *told, size_t count)
{
    struct switch_measurement measurement = {.batch_size = NAN};
    struct outcome outcome[MOST];
    struct waves waves;

    waves_make(outcome, make(told, count, outcome), &waves);
    served_compare(&waves, 1, &measurement);
    switch_measurement_clear(&measurement);
    waves_clear(&waves);
    return measurement;
}

/* Each place is taken again the moment its answer is complete. */
static void test_four_places_that_refill_make_waves_of_four(void **state)
{
    struct outcome outcome[12];
    struct waves waves;

    (void)state;
    for (int64_t i = 0; i < 12; i++)
        outcome[i] =
            outcome_of(0.1, NAN, i < 4 ? 0 : 10 * (i / 4) + i % 4, 10 * (i / 4 + 1) + i % 4);
    waves_make(outcome, 12, &waves);
    assert_int_equal(waves.waves, 3);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(waves.sample[i].wave, i / 4);
    waves_clear(&waves);
}

/* The second left 5 ms after the first answer, but its connection was asked for 5 ms before. */
static void test_a_request_leaves_when_its_connection_is_open(void **state)
{
    struct outcome outcome[2] = {outcome_of(0.01, NAN, 0, 10), outcome_of(0.01, NAN, 15, 30)};
    struct waves waves;

    (void)state;
    outcome[1].started_ns = 5 * MS;
    waves_make(outcome, 2, &waves);
    assert_int_equal(waves.sample[1].wave, 1);
    waves_clear(&waves);
    outcome[1].sent_ns = CLOCK_NEVER; /* then it is all that is known */
    assert_int_equal(waves_sent_ns(&outcome[1]), 5 * MS);
    waves_make(outcome, 2, &waves);
    assert_int_equal(waves.sample[1].wave, 0);
    waves_clear(&waves);
}

/* Waves of one: 0.4 exposed; 0.1, unknown, 0.3; the last of two, of which one is not known. */
static void test_what_the_client_did_not_see_is_no_observation(void **state)
{
    static const struct told told[] = {{0, 10, 0.4, NAN, 0, 0},
                                       {10, 20, 0.1, NAN, 0, 0},
                                       {20, 30, NAN, NAN, 0, 0},
                                       {30, 40, 0.3, NAN, 0, 0},
                                       {30, 41, NAN, NAN, 0, 0}};
    struct outcome outcome[MOST];
    struct switch_side side;
    struct waves waves;

    (void)state;
    waves_make(outcome, make(told, COUNT_OF(told), outcome), &waves);
    side = waves_by_client(&waves);
    free(side.sample);
    expect_number("exposed", side.exposed_s, 0.4);
    expect_number("steady", side.steady_s, 0.2);
    assert_int_equal(side.steady, 2);
    waves.sample[0].client_s = NAN;
    assert_int_equal(waves_by_client(&waves).steady, 0);
    waves_clear(&waves);
}

/* Whichever way TTFTs are sorted: what came first to the client ran first. */
static void test_the_first_batch_is_the_one_whose_tokens_came_first(void **state)
{
    static const struct told told[] = {{0, 20, 1.9, 0.3, 0, 0},
                                       {0, 15, 0.9, 0.5, 0, 0},
                                       {15, 30, 0.2, 0.1, 0, 0},
                                       {30, 40, 0.2, 0.2, 0, 0}};

    (void)state;
    expect_number("exposed", looked_at(told, 4).side[SWITCH_SERVER].exposed_s, 0.5);
}

/* One of its two requests was sent behind the first answer, but it ran with an exposed one. */
static void test_a_batch_is_exposed_with_any_of_its_requests(void **state)
{
    static const struct told told[] = {{0, 10, 0.6, 0.5, 0, 0},
                                       {0, 20, 1.2, 0.2, 0, 0},
                                       {10, 30, 0.25, 0.2, 0, 0},
                                       {30, 40, 0.2, 0.1, 0, 0},
                                       {40, 50, 0.4, 0.3, 0, 0}};
    struct switch_measurement measurement = looked_at(told, COUNT_OF(told));

    (void)state;
    assert_true(measurement.flags & SWITCH_FLAG_MIXED_BATCHES);
    assert_int_equal(measurement.side[SWITCH_SERVER].steady, 2);
    expect_number("steady", measurement.side[SWITCH_SERVER].steady_s, 0.2);
}

/* Each burst runs one request, then a batch of four: the first of each size counts, so for four
 * that is the second batch of a burst, and its third is left out. */
static void test_in_bursts_the_first_of_each_size_counts(void **state)
{
    static const struct told told[] = {{0, 10, 0.9, 0.8, 1, 1},  {0, 20, 1.5, 0.6, 4, 1},
                                       {30, 40, 0.2, 0.1, 1, 2}, {30, 50, 0.9, 0.2, 4, 2},
                                       {30, 60, 1.9, 0.9, 4, 2}, {70, 80, 0.2, 0.3, 1, 3},
                                       {70, 90, 0.9, 0.4, 4, 3}, {70, 99, 1.9, 0.7, 4, 3}};
    struct switch_measurement measurement = looked_at(told, COUNT_OF(told));

    (void)state;
    assert_int_equal(measurement.side[SWITCH_SERVER].steady, 2);
    expect_number("of one", measurement.side[SWITCH_SERVER].steady_s, 0.2);
    assert_int_equal(measurement.insides, 1);
    expect_number("exposed of four", measurement.inside[0].side.exposed_s, 0.6);
    expect_number("of four", measurement.inside[0].side.steady_s, 0.3);
    assert_int_equal(measurement.inside[0].side.steady, 2);
}

/* Sizes 1 … 10 twice each, one after another: nine besides the step's first, with room for eight.
 */
static void test_there_is_room_for_so_many_sizes_and_each_is_reported_once(void **state)
{
    struct switch_measurement measurement = {.batch_size = NAN};
    struct outcome outcome[MOST];
    struct told told[20];
    struct waves waves;

    (void)state;
    for (int i = 0; i < 20; i++)
        told[i] = (struct told){10 * i, 10 * i + 10, 0.2, 0.1, 1 + i % 10, 0};
    waves_make(outcome, make(told, 20, outcome), &waves);
    served_compare(&waves, 1, &measurement);
    switch_measurement_clear(&measurement);
    assert_int_equal(measurement.insides, SWITCH_INSIDE_MOST);
    measurement.insides = 3; /* as if a probe had told of sizes 1 to 4 */
    served_look_inside(&waves, &measurement);
    switch_measurement_clear(&measurement);
    assert_int_equal(measurement.insides, SWITCH_INSIDE_MOST);
    for (size_t i = 0; i < measurement.insides; i++)
        expect_number("ascending, as they came", measurement.inside[i].batch_size, (double)i + 2);
    waves_clear(&waves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four_places_that_refill_make_waves_of_four),
        cmocka_unit_test(test_a_request_leaves_when_its_connection_is_open),
        cmocka_unit_test(test_what_the_client_did_not_see_is_no_observation),
        cmocka_unit_test(test_the_first_batch_is_the_one_whose_tokens_came_first),
        cmocka_unit_test(test_a_batch_is_exposed_with_any_of_its_requests),
        cmocka_unit_test(test_in_bursts_the_first_of_each_size_counts),
        cmocka_unit_test(test_there_is_room_for_so_many_sizes_and_each_is_reported_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
