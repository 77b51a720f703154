/* What a mix of rows is said to pay for switches, measured and predicted. */
#include "report/mix_words.h"

#include <math.h>

#include "support.h"

static char study[] = "out/study";

static struct mix mix_of(enum mix_reason reason, struct mix_member_switching *costs,
                         struct mix_member *member)
{
    return (struct mix){.window_s = 30,
                        .member = member,
                        .members = 1,
                        .switching = {.reason = reason,
                                      .source = SWITCH_SERVER,
                                      .switch_paid_share = {0.25, 0.2, 0.3},
                                      .switch_s_per_call = {0.015, 0.0121, 0.0186},
                                      .switch_time_share = {0.18, 0.14, 0.23},
                                      .switch_wait_s_per_call = {0.0251, 0.0191, 0.0332},
                                      .lack = MIX_LACKS_NOTHING,
                                      .predicted = {0.27, 0.0161, 0.19},
                                      .predicted_wait_s_per_call = 0.0357,
                                      .predicted_utilisation = 0.44,
                                      .in_a_row_under_tenth = 2,
                                      .member = costs,
                                      .members = 1}};
}

static void expect_said(const char *name, void (*add)(const struct mix *, struct text *),
                        const struct mix *mix, const char *wanted)
{
    struct text text = {0};

    add(mix, &text);
    expect_text(name, text.bytes ? text.bytes : "", wanted);
    text_clear(&text);
}

static void test_what_was_measured_is_said(void **state)
{
    struct mix_member_switching costs = {.reason = MIX_MEASURED};
    struct mix_member member = {.model = (char *)"a"};
    struct mix mix = mix_of(MIX_MEASURED, &costs, &member);

    (void)state;
    expect_said("measured", mix_words_add_measured, &mix,
                "switching: 25 % (20 % to 30 %) of the calls pay for a switch, which costs a call "
                "15.0 ms (12.1 to 18.6 ms) on average and takes 18 % (14 % to 23 %) of the node's "
                "time; in all, calls wait 25.1 ms (19.1 to 33.2 ms) longer than if everything "
                "stayed in memory");
    mix.switching.switch_wait_s_per_call.value = NAN;
    mix.switching.switch_s_per_call = (struct mix_range){0, 0, INFINITY};
    mix.switching.source = SWITCH_CLIENT;
    expect_said("by the client", mix_words_add_measured, &mix,
                "switching: 25 % (20 % to 30 %) of the calls pay for a switch, which costs a call "
                "0 ms on average and takes 18 % (14 % to 23 %) of the node's time; by the client's "
                "TTFT of calls that came while no other ran");
    mix.switching.reason = MIX_FROM_HERE;
    expect_said("from here", mix_words_add_measured, &mix,
                "switching: not measurable from here: the server tells no TTFT, and the client's "
                "holds what calls wait for each other");
    mix.switching.reason = MIX_NOT_LOOKED_AT;
    expect_said("older", mix_words_add_measured, &mix, "");
    mix.switching.reason = MIX_TOO_FEW;
    mix.window_s = 0;
    expect_said("never together", mix_words_add_measured, &mix, "");
}

static void test_what_is_predicted_is_said_with_the_difference(void **state)
{
    struct mix_member_switching costs = {.reason = MIX_MEASURED};
    struct mix_member member = {.model = (char *)"a"};
    struct mix mix = mix_of(MIX_MEASURED, &costs, &member);

    (void)state;
    expect_said("no study", mix_words_add_predicted, &mix, "");
    mix.study = study;
    expect_said("predicted", mix_words_add_predicted, &mix,
                "predicted by out/study, served in order: 27 % of the calls pay, 16.1 ms a call, "
                "19 % of the node's time; calls wait 35.7 ms longer. Measured less predicted: "
                "-2.0 points, -1.10 ms, -1.0 points, -10.6 ms. With 2 calls to a model in a row it "
                "would be under 10 % of the time");
    mix.switching.grouped = true;
    mix.switching.predicted_wait_s_per_call = mix.switching.in_a_row_under_tenth = NAN;
    mix.switching.predicted_utilisation = 1.2;
    mix.switching.predicted.switch_paid_share = 0.25;
    mix.switching.predicted.switch_s_per_call = 0.01;
    mix.switching.predicted.switch_time_share = 0.15;
    expect_said("more than it can do", mix_words_add_predicted, &mix,
                "predicted by out/study, what is loaded is served first: 25 % of the calls pay, "
                "10.0 ms a call, 15 % of the node's time; that is more than the node can do, it "
                "needs 120 % of its time. Measured less predicted: 0.0 points, +5.00 ms, +3.0 "
                "points");
    mix.switching.lack = MIX_LACKS_MEMORY;
    expect_said("lacks", mix_words_add_predicted, &mix,
                "no prediction by out/study: the study does not tell what stays on the node");
}

static void test_what_is_odd_is_said(void **state)
{
    struct mix_member_switching costs = {.reason = MIX_MEASURED};
    struct mix_member member = {.model = (char *)"a"};
    struct mix mix = mix_of(MIX_MEASURED, &costs, &member);

    (void)state;
    expect_said("nothing", mix_words_add_remarks, &mix, "");
    costs.disagrees = costs.blurred = true;
    expect_said(
        "both", mix_words_add_remarks, &mix,
        "a: its TTFT without a switch is another than in its steady visit, and counts; a: a "
        "switch is short beside what TTFTs vary by, so who paid is unsure");
    costs = (struct mix_member_switching){.reason = MIX_NO_BASELINE};
    expect_said("one member", mix_words_add_remarks, &mix, "a: no call without a switch");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_measured_is_said),
        cmocka_unit_test(test_what_is_predicted_is_said_with_the_difference),
        cmocka_unit_test(test_what_is_odd_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
