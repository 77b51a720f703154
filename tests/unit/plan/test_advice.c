/* What can be said about a plan before anything is sent. */
#include "plan/advice.h"

#include "support.h"

static struct row closed(char *model, int64_t requests, int64_t concurrent, int line)
{
    return (struct row){.model_name = model,
                        .input_tokens = 100,
                        .output_tokens = 200,
                        .num_requests = requests,
                        .concurrent_requests = concurrent,
                        .line = line};
}

static struct row open_loop(char *model, int64_t requests, double qps, int line)
{
    struct row row = closed(model, requests, 0, line);

    row.qps = qps;
    return row;
}

/* One that its time ends, `requests` 0: at any number of them. */
static struct row timed(struct row row, double duration_s, int64_t warmup, int64_t cooldown)
{
    row.duration_s = duration_s;
    row.warmup_requests = warmup;
    row.cooldown_requests = cooldown;
    return row;
}

static void test_rows_that_show_no_switch_or_repeat_are_warned_of(void **state)
{
    static char a[] = "a", b[] = "b";
    struct row row[] = {
        closed(a, 4, 4, 2), closed(a, 5, 4, 3),    open_loop(b, 1, 2, 4), closed(a, 5, 4, 5),
        closed(b, 5, 4, 6), open_loop(b, 1, 3, 7), closed(a, 5, 4, 8),
    };
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    static const char *const wanted[] = {
        "a.csv:2: 1 row is a warm-up of a longer row that follows (line 2): no more requests than",
        "a.csv:4: cannot show a switch: the rule needs two requests besides the first",
        "a.csv:7: cannot show a switch: the rule needs two requests besides the first",
        "a.csv:5: asks for the same as line 3",
        "a.csv:8: asks for the same as line 3",
        "a.csv:3: may hide a switch (lines 3, 5, 6, 8): where a whole first wave waits for it",
    };
    struct faults warnings = {0};

    (void)state;
    advice_on_rows(&rows, "a.csv", false, &warnings);
    advice_on_masking(&rows, "a.csv", &warnings);
    assert_int_equal(warnings.count, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        expect_part(wanted[i], warnings.text[i], wanted[i]);
    expect_part("offered", warnings.text[0], "a column warmup with true there keeps such rows out");
    expect_part("how many", warnings.text[5], "from 32 requests on at concurrency 4");
    faults_clear(&warnings);
}

/* By the rule itself: with c − 1 of the others as late as the first, it sees the first stand out
 * from the number of requests that is told on, and not with one fewer. */
static void test_the_number_told_is_where_the_rule_begins_to_see(void **state)
{
    static char a[] = "a";

    (void)state;
    for (int64_t concurrent = 2; concurrent <= 64; concurrent *= 2) {
        struct row row = closed(a, concurrent + 1, concurrent, 2);
        const struct rows rows = {.row = &row, .count = 1};
        struct faults warnings = {0};
        long long told = 0;

        advice_on_masking(&rows, "a.csv", &warnings);
        assert_int_equal(warnings.count, 1);
        assert_int_equal(
            sscanf(strstr(warnings.text[0], "sees it from "), "sees it from %lld", &told), 1);
        for (long long requests = told - 1; requests <= told; requests++) {
            double m = (double)requests - 1, k = (double)concurrent - 1, mean = k / m;
            double deviation = sqrt((k - m * mean * mean) / (m - 1));

            expect_true("sees", (1 > mean + 3 * deviation) == (requests == told));
        }
        faults_clear(&warnings);
    }
}

/* 200 tokens at 100 a second after 0.5 s: an answer takes 2.5 s. */
static void test_a_rows_time_is_guessed_by_waves_or_by_the_schedule(void **state)
{
    static char a[] = "a";
    const struct {
        const char *name;
        struct row row;
        double seconds;
    } cases[] = {
        {"one at a time", closed(a, 4, 1, 2), 10},
        {"two waves", closed(a, 5, 4, 2), 5},
        {"one wave", closed(a, 4, 100, 2), 2.5},
        {"by the clock", open_loop(a, 11, 2, 2), 7.5},
        {"one by the clock", open_loop(a, 1, 0.1, 2), 2.5},
        {"for a time, and what is in flight", timed(closed(a, 0, 4, 2), 60, 0, 0), 62.5},
        {"a time that the ceiling ends", timed(closed(a, 8, 4, 2), 60, 0, 0), 5},
        {"a time with both ends", timed(closed(a, 0, 4, 2), 60, 8, 4), 60 + 3 * 2.5 + 2.5},
        {"both ends", timed(closed(a, 8, 4, 2), 0, 4, 4), 10},
        {"a time by the clock", timed(open_loop(a, 0, 2, 2), 5, 0, 0), 4.5 + 2.5},
        {"a time by the clock, both ends", timed(open_loop(a, 0, 2, 2), 5, 4, 2), 7.5 + 2.5},
        {"the ceiling by the clock", timed(open_loop(a, 3, 2, 2), 5, 0, 0), 1 + 2.5},
    };

    const struct settings plain = {.probe.output_tokens = 1};
    const struct settings probed = {.probe = {.steady = 5, .output_tokens = 50}};
    struct row four = closed(a, 4, 4, 2), one = closed(a, 4, 1, 2), warmup = one;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_number(cases[i].name, advice_step_seconds(&cases[i].row, &plain), cases[i].seconds);
    warmup.warmup = true;
    expect_number("probed", advice_step_seconds(&one, &probed), 6 * 1 + 10);
    expect_number("probed in bursts", advice_step_seconds(&four, &probed), 3 * 1 + 2.5);
    expect_number("no probe before a warm-up", advice_step_seconds(&warmup, &probed), 10);
}

static void test_totals_hold_the_timeout_and_the_pauses(void **state)
{
    static char a[] = "a";
    struct row row[] = {closed(a, 4, 1, 2), closed(a, 400, 1, 3), open_loop(a, 1, 1, 4)};
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    const struct settings settings = {.timeout_s = 60, .time_delay_s = 3};
    struct visit visit[] = {{.row = 0, .pass = 1}, {.row = 1, .pass = 1}, {.row = 2, .pass = 1}};
    struct visit again[] = {{.row = 0, .pass = 1}, {.row = 0, .pass = 2}};
    const struct order order = {.visit = visit, .count = 3, .rows = 3},
                       twice = {.visit = again, .count = 2, .rows = 3};
    struct advice_totals totals = advice_total(&rows, &order, &settings);
    const struct settings probed = {.timeout_s = 60, .probe = {.steady = 5, .output_tokens = 1}};
    const struct order none = {0};

    (void)state;
    assert_int_equal(totals.requests, 405);
    assert_int_equal(totals.input_tokens, 40500);
    assert_int_equal(totals.output_tokens, 81000);
    expect_number("seconds", totals.seconds, 10 + 60 + 2.5 + 2 * 3);
    expect_number("no rows", advice_total(&rows, &none, &settings).seconds, 0);
    totals = advice_total(&rows, &twice, &probed);
    assert_int_equal(totals.requests, 2 * (4 + 6));
    assert_int_equal(totals.input_tokens, 2 * (4 + 6) * 100);
    assert_int_equal(totals.output_tokens, 2 * (4 * 200 + 6 * 1));
}

static void test_a_mix_takes_as_long_as_its_longest_member(void **state)
{
    static char a[] = "a", day[] = "day";
    struct row row[] = {closed(a, 4, 1, 2), closed(a, 400, 1, 3), closed(a, 1, 1, 4)};
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    const struct settings settings = {.timeout_s = 60, .time_delay_s = 3};
    struct order order = {0};
    struct error error;

    (void)state;
    row[0].mix = row[2].mix = day;
    assert_true(order_make(&rows, &(struct order_asked){.passes = 1}, &order, &error));
    expect_number("two visits", advice_total(&rows, &order, &settings).seconds, 10 + 3 + 60);
    assert_int_equal(advice_total(&rows, &order, &settings).requests, 405);
    order_clear(&order);
    row[1].mix = day;
    assert_true(order_make(&rows, &(struct order_asked){.passes = 1}, &order, &error));
    expect_number("one visit", advice_total(&rows, &order, &settings).seconds, 60);
    order_clear(&order);
}

/* What is in flight when the time is up ends as a wave. */
static void test_totals_count_what_a_duration_is_guessed_to_send(void **state)
{
    static char a[] = "a";
    struct row row[] = {timed(closed(a, 0, 4, 2), 10, 3, 2), timed(open_loop(a, 0, 2, 3), 5, 1, 1),
                        timed(open_loop(a, 3, 2, 4), 5, 0, 0)};
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    const struct settings settings = {.timeout_s = 60};
    struct visit visit[] = {{.row = 0, .pass = 1}, {.row = 1, .pass = 1}, {.row = 2, .pass = 1}};
    const struct order order = {.visit = visit, .count = 3, .rows = 3};

    (void)state;
    assert_int_equal(advice_total(&rows, &order, &settings).requests, 16 + 5 + 10 + 2 + 3);
    assert_int_equal(advice_total(&rows, &order, &settings).output_tokens, 36 * 200);
}

static void test_a_duration_that_the_timeout_cuts_is_warned_of(void **state)
{
    static char a[] = "a";
    struct row row[] = {timed(closed(a, 0, 4, 2), 599, 0, 0), timed(closed(a, 0, 4, 3), 600, 0, 0),
                        closed(a, 4, 4, 4), timed(open_loop(a, 0, 4, 5), 900, 0, 0)};
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    struct faults warnings = {0};

    (void)state;
    advice_on_durations(&rows, "a.csv", 1000, &warnings);
    assert_int_equal(warnings.count, 0);
    advice_on_durations(&rows, "a.csv", 600, &warnings);
    assert_int_equal(warnings.count, 1);
    expect_part(
        "cut", warnings.text[0],
        "a.csv:3: duration_s: timeout (600 s) cuts the row off before it ends (lines 3, 5)");
    faults_clear(&warnings);
}

/* Many requests are expected of a time, and a warm-up's are the first. */
static void test_durations_and_warm_ups_show_switches(void **state)
{
    static char a[] = "a", b[] = "b";
    struct row row[] = {closed(a, 4, 4, 2), timed(closed(a, 0, 4, 3), 60, 0, 0),
                        timed(closed(b, 4, 4, 4), 0, 40, 0), timed(closed(b, 4, 4, 5), 30, 40, 0)};
    const struct rows rows = {.row = row, .count = COUNT_OF(row)};
    struct faults warnings = {0};

    (void)state;
    advice_on_rows(&rows, "a.csv", false, &warnings);
    advice_on_masking(&rows, "a.csv", &warnings);
    assert_int_equal(warnings.count, 1);
    expect_part("the kit's warm-up", warnings.text[0],
                "a.csv:2: 1 row is a warm-up of a longer row that follows (line 2)");
    faults_clear(&warnings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_that_show_no_switch_or_repeat_are_warned_of),
        cmocka_unit_test(test_the_number_told_is_where_the_rule_begins_to_see),
        cmocka_unit_test(test_a_rows_time_is_guessed_by_waves_or_by_the_schedule),
        cmocka_unit_test(test_totals_hold_the_timeout_and_the_pauses),
        cmocka_unit_test(test_a_mix_takes_as_long_as_its_longest_member),
        cmocka_unit_test(test_totals_count_what_a_duration_is_guessed_to_send),
        cmocka_unit_test(test_a_duration_that_the_timeout_cuts_is_warned_of),
        cmocka_unit_test(test_durations_and_warm_ups_show_switches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
