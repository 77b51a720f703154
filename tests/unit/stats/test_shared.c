/* A run whose endpoint was shared: what of its steps and mixes is taken out, and what stays. */
#include "stats/shared.h"

#include <math.h>

#include "support.h"

static void test_a_step_shows_no_switch(void **state)
{
    static const struct {
        enum switching_verdict before, after;
    } cases[] = {{SWITCHING_FOUND, SWITCHING_SHARED},     {SWITCHING_NONE, SWITCHING_SHARED},
                 {SWITCHING_BURST, SWITCHING_SHARED},     {SWITCHING_SPREAD, SWITCHING_SHARED},
                 {SWITCHING_WARMUP, SWITCHING_WARMUP},    {SWITCHING_MIXED, SWITCHING_MIXED},
                 {SWITCHING_PARALLEL, SWITCHING_PARALLEL}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {.switching_time_largest_batch_s = 3, .mean_output_throughput = 5};

        step.switching.verdict = cases[i].before;
        step.switching.time_s = cases[i].before == SWITCHING_FOUND ? 2 : NAN;
        shared_strike_step(&step);
        expect_text("verdict", switching_verdict_words[step.switching.verdict],
                    switching_verdict_words[cases[i].after]);
        expect_true("time", isnan(step.switching.time_s));
        expect_true("largest batch", isnan(step.switching_time_largest_batch_s));
        expect_true("throughput", step.mean_output_throughput == 5);
    }
}

static void test_a_mix_shows_none_and_keeps_its_prediction(void **state)
{
    struct mix_member_switching member = {.calls = 7,
                                          .hit_s = 1,
                                          .switch_s = {1, 0.5, 2},
                                          .switch_paid_share = {0.5, 0.4, 0.6},
                                          .predicted = {.switch_paid_share = 0.25}};
    struct mix mix = {.switching = {.calls = 9,
                                    .switch_paid_share = {0.5, 0.4, 0.6},
                                    .switch_wait_s_per_call = {1, 1, 1},
                                    .predicted = {.switch_time_share = 0.125},
                                    .member = &member,
                                    .members = 1}};

    (void)state;
    shared_strike_mix(&mix);
    expect_text("mix", mix_reason_words[mix.switching.reason], "endpoint shared");
    expect_text("member", mix_reason_words[member.reason], "endpoint shared");
    expect_true("paid", isnan(mix.switching.switch_paid_share.value) &&
                            isnan(mix.switching.switch_wait_s_per_call.low) &&
                            isnan(member.switch_s.high) && isnan(member.hit_s));
    expect_true("calls", mix.switching.calls == 9 && member.calls == 7);
    expect_true("predicted", mix.switching.predicted.switch_time_share == 0.125 &&
                                 member.predicted.switch_paid_share == 0.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step_shows_no_switch),
        cmocka_unit_test(test_a_mix_shows_none_and_keeps_its_prediction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
