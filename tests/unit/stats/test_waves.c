/* Which requests may have waited for a switch, and what the client's clock says of them. */
#include "stats/waves.h"

#include <stdlib.h>

#include "records.h"
#include "support.h"

enum { MOST = 8 };

/* Requests as {sent, done} in milliseconds; a negative end: it failed then. */
struct told {
    int64_t sent, done;
};

static size_t make(const struct told *told, struct outcome *outcome)
{
    size_t count = 0;

    for (; told[count].done != 0; count++) {
        outcome[count] = outcome_of((double)llabs(told[count].done - told[count].sent) / 1000, NAN,
                                    told[count].sent, llabs(told[count].done));
        outcome[count].index = count;
        if (told[count].done < 0)
            outcome[count].end = REQUEST_TIMEOUT;
    }
    return count;
}

static void test_a_wave_is_what_was_sent_before_one_of_it_was_answered(void **state)
{
    static const struct {
        const char *name;
        struct told told[MOST];
        const char *waves; /* of the completed, a digit each */
    } cases[] = {
        {"one at a time", {{0, 10}, {10, 20}, {21, 30}, {30, 40}}, "0123"},
        {"two at once, refilled", {{0, 10}, {0, 12}, {10, 20}, {12, 22}, {20, 30}}, "00112"},
        {"by the clock", {{0, 25}, {10, 30}, {20, 40}, {26, 50}, {45, 60}}, "00011"},
        {"one that failed is in none, and ends none", {{0, 10}, {1, -2}, {5, 12}, {11, 20}}, "001"},
        {"all at once", {{0, 10}, {0, 11}, {0, 9}}, "000"},
        {"none", {{0, -5}}, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcome[MOST];
        struct waves waves;
        char got[MOST + 1] = "";

        waves_make(outcome, make(cases[i].told, outcome), &waves);
        for (size_t k = 0; k < waves.count; k++)
            got[k] = (char)('0' + waves.sample[k].wave);
        expect_text(cases[i].name, got, cases[i].waves);
        waves_clear(&waves);
    }
}

static void test_a_probes_bursts_are_its_waves(void **state)
{
    struct outcome outcome[4];
    struct waves waves;

    (void)state;
    make((struct told[]){{0, 10}, {9, 20}, {20, 30}, {31, 40}, {0, 0}}, outcome);
    for (int i = 0; i < 4; i++)
        outcome[i].probe_burst = i / 2 + 1;
    waves_make(outcome, 4, &waves);
    assert_true(waves.bursts);
    assert_int_equal(waves.waves, 2);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(waves.sample[i].wave, i / 2);
    waves_clear(&waves);
}

/* TTFTs sent one second after another; the exposed one at 10 s. The samples are freed. */
static struct switch_side compare(double exposed_s, const double *steady, size_t count)
{
    const struct switch_sample exposed = {exposed_s, 10, 40, 0, false};
    struct switch_sample sample[4];
    struct switch_side side;

    for (size_t i = 0; i < count; i++)
        sample[i] = (struct switch_sample){steady[i], 11 + (double)i, 40 + (double)i, i + 1, false};
    side = waves_compare(&exposed, sample, count);
    for (size_t i = 0; i < side.steady; i++) {
        expect_number("kept in their order", side.sample[i].ttft_s, steady[i]);
        expect_number("after the exposed", side.sample[i].after_s, 1 + (double)i);
        expect_number("tokens", side.sample[i].tokens, 40 + (double)i);
    }
    free(side.sample);
    return side;
}

/* ln 0.4 − (ln 0.1 + ln 0.2 + ln 0.2) ÷ 3, and the squares around that mean. */
static void test_one_observation_is_held_against_the_others_on_a_log_scale(void **state)
{
    double steady[] = {0.2, 0.1, 0.2};
    double third = log(2) / 3;
    struct switch_side side = compare(0.4, steady, 3);

    (void)state;
    expect_number("exposed", side.exposed_s, 0.4);
    expect_number("steady", side.steady_s, 0.5 / 3);
    expect_number("log ratio", side.log_ratio, log(4) - 2 * third);
    expect_number("squares", side.log_squares, 4 * third * third + 2 * third * third);
    assert_int_equal(side.steady, 3);
    assert_int_equal(compare(0.4, steady, 0).steady, 0);
    assert_int_equal(compare(0, steady, 3).steady, 0);
}

static void test_what_a_server_rounds_to_is_seen(void **state)
{
    double exact[] = {0.2, 0.11234567}, milli[] = {0.05, 0.051}, centi[] = {0.05, 0.06};

    (void)state;
    expect_number("none", compare(0.4, exact, 2).resolution_s, 0);
    expect_number("1 ms", compare(0.052, milli, 2).resolution_s, 0.001);
    expect_number("10 ms", compare(0.05, centi, 2).resolution_s, 0.01);
}

static void test_the_client_takes_a_waves_median_from_the_send(void **state)
{
    struct outcome outcome[6];
    struct switch_side side;
    struct waves waves;

    (void)state;
    /* TTFTs of 10, 20, 90 in the first wave; 10, 10, 30 in the second */
    make((struct told[]){{0, 50}, {0, 60}, {0, 90}, {50, 160}, {60, 170}, {90, 180}, {0, 0}},
         outcome);
    for (size_t i = 0; i < 6; i++) {
        static const double from_sent[] = {0.01, 0.02, 0.09, 0.01, 0.01, 0.03};

        outcome[i].figures.value[METRIC_CLIENT_TTFT_S] = 5; /* with what open loop waited before */
        outcome[i].figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = from_sent[i];
    }
    waves_make(outcome, 6, &waves);
    side = waves_by_client(&waves);
    free(side.sample);
    expect_number("exposed", side.exposed_s, 0.02);
    expect_number("steady", side.steady_s, 0.01);
    assert_int_equal(side.steady, 1);
    waves_clear(&waves);
}

static void test_what_responses_begin_with(void **state)
{
    /* Requests one after another: c begins with content, r with reasoning, - has no content. */
    static const struct {
        const char *name, *requests;
        enum switch_opening opening;
    } cases[] = {
        {"all with content", "ccccc", OPENING_CONTENT},
        {"all with reasoning", "rrrrr", OPENING_LATER},
        {"some with reasoning", "crcrc", OPENING_LATER},
        {"the exposed one alone", "rcccc", OPENING_UNLIKE},
        {"the exposed one, and one of four", "rccrc", OPENING_UNLIKE},
        {"the exposed one, and two of four", "rcrrc", OPENING_LATER},
        {"all but the exposed one", "crrrr", OPENING_UNLIKE},
        {"most but the exposed one", "crrcr", OPENING_UNLIKE},
        {"one without content", "rcc-c", OPENING_UNKNOWN},
        {"nothing to hold it against", "r", OPENING_LATER},
        {"nothing", "", OPENING_CONTENT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcome[MOST];
        struct waves waves;
        size_t count = strlen(cases[i].requests);

        for (size_t k = 0; k < count; k++) {
            char kind = cases[i].requests[k];

            outcome[k] = outcome_of(0.1, NAN, 1000 * (int64_t)k, 1000 * (int64_t)k + 900);
            outcome[k].figures.value[METRIC_CLIENT_TTFT_FROM_SENT_S] = 0.09; /* due 10 ms before */
            outcome[k].figures.value[METRIC_CLIENT_TTFT_CONTENT_S] = kind == 'c'   ? 0.1
                                                                     : kind == 'r' ? 0.3
                                                                                   : NAN;
        }
        waves_make(outcome, count, &waves);
        expect_true(cases[i].name, waves_opening(&waves) == cases[i].opening);
        waves_clear(&waves);
    }
}

static void expect_order(const char *name, const struct outcome *outcome, const char *order)
{
    for (size_t i = 0; order[i]; i++)
        expect_true(name, outcome[i].index == (size_t)(order[i] - '0'));
}

/* However they get there: in place, by a copy, and from two lists. */
static void test_they_stand_in_start_order(void **state)
{
    static const struct told told[] = {{7, 9}, {0, 5}, {3, 4}, {3, -8}, {1, 2}, {0, 0}};
    struct outcome outcome[MOST], sorted[MOST], merged[MOST];
    size_t count = make(told, outcome);

    (void)state;
    outcome[4].sent_ns = CLOCK_NEVER; /* it counts by when it was begun */
    outcome[4].started_ns = 6 * MS;
    waves_copy_sorted(outcome, count, sorted);
    expect_order("copied", sorted, "12340");
    waves_sort(outcome, count);
    expect_order("in place", outcome, "12340");
    for (size_t split = 0; split <= count; split++) {
        struct outcome parts[MOST];

        memcpy(parts, sorted, sizeof parts); /* every second one first */
        for (size_t i = 0, a = 0, b = split; i < count; i++)
            parts[(i % 2 == 0 && a < split) || b == count ? a++ : b++] = sorted[i];
        waves_merge(parts, split, &parts[split], count - split, merged);
        expect_order("merged", merged, "12340");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_stand_in_start_order),
        cmocka_unit_test(test_a_wave_is_what_was_sent_before_one_of_it_was_answered),
        cmocka_unit_test(test_a_probes_bursts_are_its_waves),
        cmocka_unit_test(test_one_observation_is_held_against_the_others_on_a_log_scale),
        cmocka_unit_test(test_what_a_server_rounds_to_is_seen),
        cmocka_unit_test(test_the_client_takes_a_waves_median_from_the_send),
        cmocka_unit_test(test_what_responses_begin_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
