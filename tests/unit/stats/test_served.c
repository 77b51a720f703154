/* What the server's clock says: batches, and which of them is held against which. */
#include "stats/served.h"

#include "records.h"
#include "support.h"

enum { MOST = 16 };

/* A request: sent and done in tenths of a second, its server TTFT (its client's runs to the end),
 * the reported batch size (0: none) and the burst (0: no probe's). */
struct told {
    int64_t sent, done;
    double ttft;
    double size;
    int64_t burst;
};

static void make(const struct told *told, struct outcome *outcome, struct waves *waves)
{
    size_t count = 0;

    for (; told[count].done != 0; count++) {
        outcome[count] =
            outcome_of((double)(told[count].done - told[count].sent) / 10, told[count].ttft,
                       told[count].sent * 100, told[count].done * 100);
        outcome[count].index = count;
        outcome[count].probe_burst = told[count].burst;
        if (told[count].size > 0)
            outcome[count].figures.value[METRIC_BATCH_SIZE_USED] = told[count].size;
    }
    waves_make(outcome, count, waves);
}

static void test_a_size_that_is_none_tells_nothing(void **state)
{
    static const double sizes[] = {0, -1, INFINITY};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct switch_measurement measurement = {.batch_size = NAN};
        struct outcome outcome[MOST];
        struct waves waves;

        make((struct told[]){{0, 10, 0.5, 1, 0}, {10, 20, 0.1, 1, 0}, {0, 0, 0, 0, 0}}, outcome,
             &waves);
        for (size_t k = 0; k < 2; k++)
            outcome[k].figures.value[METRIC_BATCH_SIZE_USED] = sizes[i];
        served_compare(&waves, NAN, &measurement);
        expect_true("no more than that", measurement.side[SWITCH_SERVER].steady <= 1);
        switch_measurement_clear(&measurement);
        waves_clear(&waves);
    }
}

static struct switch_measurement looked_at_for(const struct told *told, double representative)
{
    struct switch_measurement measurement = {.batch_size = NAN};
    struct outcome outcome[MOST];
    struct waves waves;

    make(told, outcome, &waves);
    served_compare(&waves, representative, &measurement);
    switch_measurement_clear(&measurement);
    waves_clear(&waves);
    return measurement;
}

/* Of a row whose representative size is not known. */
static struct switch_measurement looked_at(const struct told *told)
{
    return looked_at_for(told, NAN);
}

static void test_batches_are_compared_by_their_sizes(void **state)
{
    static const struct {
        const char *name;
        struct told told[MOST];
        double exposed, steady, size;
        size_t observations;
        bool mixed;
    } cases[] = {
        {"equal TTFTs one after another are no batch",
         {{0, 10, 0.5, 0, 0}, {10, 20, 0.1, 0, 0}, {20, 30, 0.1, 0, 0}, {30, 40, 0.1, 0, 0}},
         0.5,
         0.1,
         1,
         3,
         false},
        {"equal TTFTs that overlap are one",
         {{0, 10, 0.5, 0, 0},
          {0, 10, 0.5, 0, 0},
          {10, 20, 0.1, 0, 0},
          {10, 20, 0.1, 0, 0},
          {20, 30, 0.2, 0, 0},
          {20, 30, 0.2, 0, 0}},
         0.5,
         0.15,
         2,
         2,
         false},
        {"two that end in turns are two",
         {{0, 10, 0.5, 0, 0},
          {0, 12, 0.6, 0, 0},
          {0, 11, 0.5, 0, 0},
          {0, 13, 0.6, 0, 0},
          {13, 20, 0.3, 0, 0},
          {13, 22, 0.4, 0, 0},
          {13, 21, 0.3, 0, 0},
          {13, 23, 0.4, 0, 0}},
         0.5,
         0.35,
         2,
         2,
         false},
        {"three fill a batch of four",
         {{0, 10, 0.5, 0, 0},
          {0, 10, 0.5, 0, 0},
          {0, 10, 0.5, 0, 0},
          {10, 20, 0.1, 0, 0},
          {10, 20, 0.1, 0, 0},
          {10, 20, 0.1, 0, 0},
          {10, 20, 0.1, 0, 0}},
         0.5,
         0.1,
         4,
         1,
         false},
        {"the server's word for the size wins",
         {{0, 10, 0.5, 8, 0}, {10, 20, 0.1, 8, 0}, {20, 30, 0.2, 8, 0}},
         0.5,
         0.15,
         8,
         2,
         false},
        {"a batch that ran behind the exposed one is neither",
         {{0, 10, 0.5, 0, 0}, {0, 20, 0.1, 0, 0}, {10, 30, 0.2, 0, 0}, {20, 40, 0.4, 0, 0}},
         0.5,
         0.3,
         1,
         2,
         false},
        {"the first of a size that has steady ones",
         {{0, 10, 0.5, 1, 0}, {0, 20, 0.6, 4, 0}, {10, 30, 0.1, 4, 0}, {20, 40, 0.3, 4, 0}},
         0.6,
         0.2,
         4,
         2,
         true},
        {"of bursts, the first of that size in each",
         {{0, 10, 0.5, 1, 1},
          {0, 20, 0.3, 1, 1},
          {30, 40, 0.1, 1, 2},
          {30, 50, 0.3, 1, 2},
          {60, 70, 0.2, 1, 3},
          {60, 80, 0.3, 1, 3}},
         0.5,
         0.15,
         1,
         2,
         false},
        {"nothing steady", {{0, 10, 0.5, 0, 0}, {0, 11, 0.5, 0, 0}}, NAN, NAN, NAN, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct switch_measurement measurement = looked_at(cases[i].told);
        const struct switch_side *side = &measurement.side[SWITCH_SERVER];

        if (side->steady != cases[i].observations)
            fail_msg("%s: %zu observations", cases[i].name, side->steady);
        expect_true(cases[i].name,
                    !!(measurement.flags & SWITCH_FLAG_MIXED_BATCHES) == cases[i].mixed);
        if (side->steady == 0)
            continue;
        expect_number(cases[i].name, side->exposed_s, cases[i].exposed);
        expect_number(cases[i].name, side->steady_s, cases[i].steady);
        expect_number(cases[i].name, measurement.batch_size, cases[i].size);
    }
}

/* A batch of one told size a line; what more than half of the requests ran at is judged. */
static void test_the_size_that_the_row_loads_is_judged(void **state)
{
    static const struct {
        const char *name;
        struct told told[MOST];
        double representative, size, exposed, steady;
        size_t observations;
        bool other;
        double inside; /* 0: none */
    } cases[] = {
        {"what most requests ran at, though another ran first",
         {{0, 10, 0.1, 1, 0},
          {0, 30, 0.7, 4, 0},
          {30, 40, 0.1, 1, 0},
          {40, 50, 0.2, 4, 0},
          {50, 60, 0.3, 4, 0}},
         NAN,
         4,
         0.7,
         0.25,
         2,
         false,
         1},
        {"the first of that size, though in a later wave",
         {{0, 10, 0.1, 1, 0},
          {10, 30, 0.7, 4, 0},
          {30, 40, 0.1, 1, 0},
          {40, 50, 0.2, 4, 0},
          {50, 60, 0.3, 4, 0}},
         NAN,
         4,
         0.7,
         0.25,
         2,
         false,
         1},
        {"of no majority, the largest",
         {{0, 10, 0.5, 1, 0}, {10, 20, 0.7, 2, 0}, {20, 30, 0.1, 1, 0}, {30, 40, 0.2, 2, 0}},
         NAN,
         2,
         0.7,
         0.2,
         1,
         false,
         1},
        {"half is no majority",
         {{0, 10, 0.5, 1, 0},
          {10, 20, 0.7, 4, 0},
          {20, 30, 0.1, 1, 0},
          {30, 40, 0.2, 4, 0},
          {40, 50, 0.1, 1, 0},
          {50, 60, 0.1, 8, 0}},
         NAN,
         4,
         0.7,
         0.2,
         1,
         true,
         1},
        {"the whole row's, where it occurs here",
         {{0, 10, 0.5, 1, 0}, {10, 20, 0.7, 2, 0}, {20, 30, 0.1, 1, 0}, {30, 40, 0.2, 2, 0}},
         1,
         1,
         0.5,
         0.1,
         1,
         false,
         2},
        {"not where it does not",
         {{0, 10, 0.5, 1, 0}, {10, 20, 0.7, 2, 0}, {20, 30, 0.1, 1, 0}, {30, 40, 0.2, 2, 0}},
         8,
         2,
         0.7,
         0.2,
         1,
         false,
         1},
        {"where that size ran once, the next smaller in its place",
         {{0, 10, 0.5, 1, 0},
          {10, 20, 0.7, 8, 0},
          {20, 30, 0.1, 1, 0},
          {30, 40, 0.6, 2, 0},
          {40, 50, 0.2, 2, 0}},
         8,
         2,
         0.6,
         0.2,
         1,
         true,
         1},
        {"or a larger one",
         {{0, 10, 0.5, 1, 0}, {10, 20, 0.7, 4, 0}, {20, 30, 0.2, 4, 0}, {30, 40, 0.2, 4, 0}},
         1,
         4,
         0.7,
         0.2,
         2,
         true,
         0},
        {"where each ran once, none",
         {{0, 10, 0.5, 1, 0}, {10, 20, 0.7, 4, 0}, {20, 30, 0.2, 2, 0}},
         NAN,
         4,
         NAN,
         NAN,
         0,
         false,
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct switch_measurement measurement =
            looked_at_for(cases[i].told, cases[i].representative);
        const struct switch_side *side = &measurement.side[SWITCH_SERVER];

        expect_number(cases[i].name, measurement.batch_size, cases[i].size);
        if (side->steady != cases[i].observations)
            fail_msg("%s: %zu observations", cases[i].name, side->steady);
        expect_true(cases[i].name,
                    !!(measurement.flags & SWITCH_FLAG_OTHER_SIZE) == cases[i].other);
        expect_true(cases[i].name, measurement.insides == (cases[i].inside > 0));
        if (cases[i].inside > 0)
            expect_number(cases[i].name, measurement.inside[0].batch_size, cases[i].inside);
        if (side->steady == 0)
            continue;
        expect_number(cases[i].name, side->exposed_s, cases[i].exposed);
        expect_number(cases[i].name, side->steady_s, cases[i].steady);
    }
}

static void test_the_first_batch_of_each_further_size_is_looked_at(void **state)
{
    struct switch_measurement measurement = looked_at_for((struct told[]){{0, 10, 0.5, 1, 0},
                                                                          {10, 20, 0.1, 1, 0},
                                                                          {20, 40, 0.7, 4, 0},
                                                                          {40, 50, 0.2, 4, 0},
                                                                          {50, 60, 0.1, 1, 0},
                                                                          {60, 70, 0.3, 4, 0},
                                                                          {70, 80, 0.9, 2, 0},
                                                                          {0, 0, 0, 0, 0}},
                                                          1);

    (void)state;
    assert_int_equal(measurement.insides, 1); /* of 2 there is only one */
    expect_number("size", measurement.inside[0].batch_size, 4);
    expect_number("exposed", measurement.inside[0].side.exposed_s, 0.7);
    expect_number("steady", measurement.inside[0].side.steady_s, 0.25);
    expect_true("not judged", isnan(measurement.inside[0].p) && !measurement.inside[0].found);
}

static void test_it_tells_only_where_every_request_has_one(void **state)
{
    struct outcome outcome[MOST];
    struct waves waves;

    (void)state;
    make((struct told[]){{0, 10, 0.5, 0, 0}, {10, 20, 0.1, 0, 0}, {0, 0, 0, 0, 0}}, outcome,
         &waves);
    expect_true("both", served_tells(&waves));
    waves.sample[1].server_s = NAN;
    expect_true("one", !served_tells(&waves));
    waves.count = 0;
    expect_true("none", !served_tells(&waves));
    waves_clear(&waves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_are_compared_by_their_sizes),
        cmocka_unit_test(test_the_size_that_the_row_loads_is_judged),
        cmocka_unit_test(test_the_first_batch_of_each_further_size_is_looked_at),
        cmocka_unit_test(test_a_size_that_is_none_tells_nothing),
        cmocka_unit_test(test_it_tells_only_where_every_request_has_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
