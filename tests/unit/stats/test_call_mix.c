/* What switching costs a mix of calls, on nodes that can be followed by hand. */
#include "stats/call_mix.h"

#include "support.h"
#include "visits.h"

enum { STEPS = 12 };

static char names[3][2] = {"a", "b", "c"};

/* A visit whose requests take a second, and 0.3 s more where it pays. */
static struct step called(size_t row, size_t index, bool pays, double share)
{
    struct step step = step_to(names[row], index, pays ? 0.5 : 0.2);

    step.call_share = share;
    step.metric[METRIC_CLIENT_END_TO_END_LATENCY_S].count = 1;
    step.metric[METRIC_CLIENT_END_TO_END_LATENCY_S].quantile[2] = 1;
    return step;
}

static void expect_near(const char *name, double actual, double expected)
{
    if (!(fabs(actual - expected) <= 0.01 * expected))
        fail_msg("%s: %g, not %g", name, actual, expected);
}

/* One of two fits, so a call pays where the one before went to the other: half of them, 0.3 s
 * beside 1 s. Under a share s with k calls in a row: 0.15 ÷ k is at most s ÷ (1 − s) seconds. */
static void test_calls_pay_where_the_other_model_ran_before(void **state)
{
    struct study_call_mix mix;
    struct step step[STEPS];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < STEPS; i++) /* a a b b a a …: it pays to come from the other */
        step[i] = called(i / 2 % 2, i, i % 2 == 0, 0.5);
    study_add(&study, step, STEPS);
    study_conclude(&study);
    mix = study.call_mix;
    assert_int_equal(study.residency.capacity, 1);
    assert_true(mix.calls > 0);
    expect_near("paid", mix.paid_share, 0.5);
    expect_near("extra", mix.extra_s, 0.15);
    expect_near("service", mix.service_s, 1);
    expect_near("of the time", mix.time_share, 0.15 / 1.15);
    expect_near("under 10 %", call_mix_in_a_row(&mix, 0.1), 2);
    expect_near("under 1 %", call_mix_in_a_row(&mix, 0.01), 15);
    expect_near("under 50 %", call_mix_in_a_row(&mix, 0.5), 1);
    study_clear(&study);
}

/* Of unlike shares p and 1 − p, 2 p (1 − p) of the calls come from the other. */
static void test_a_seldom_called_model_pays_more_often_but_weighs_less(void **state)
{
    struct step step[STEPS];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < STEPS; i++)
        step[i] = called(i / 2 % 2, i, i % 2 == 0, i / 2 % 2 ? 0.1 : 0.9);
    study_add(&study, step, STEPS);
    study_conclude(&study);
    expect_near("paid", study.call_mix.paid_share, 0.18);
    study_clear(&study);
}

/* Whether a node that holds two of three pays; by LRU or FIFO. */
static bool holds_two(size_t *held, size_t row, bool lru)
{
    bool first = held[0] == row, second = held[1] == row;

    if (second || (first && !lru))
        return false;
    held[0] = held[1]; /* the older leaves, or moves up */
    held[1] = row;
    return !first;
}

/* With independent calls of shares p, LRU holds i behind j with probability p_i p_j ÷ (1 − p_i),
 * and FIFO any two as often as p_i p_j tells (King 1971): a call misses in 15.94 and 18.26 %. */
static void test_the_mix_goes_by_the_rule_that_was_found(void **state)
{
    static const double share[] = {0.7, 0.2, 0.1}, paid[] = {0.18261, 0.15944};

    (void)state;
    for (int lru = 0; lru < 2; lru++) {
        struct step step[90];
        struct study study = {0};
        size_t held[] = {SIZE_MAX, SIZE_MAX}, row = 0;

        for (size_t i = 0; i < COUNT_OF(step); i++) {
            row = i % 4 == 3 ? row : (row + 1 + i * i / 5 % 2) % 3;
            step[i] = called(row, i, holds_two(held, row, lru), share[row]);
        }
        study_add(&study, step, COUNT_OF(step));
        study_conclude(&study);
        assert_int_equal(study.residency.rule, lru ? RESIDENCY_LRU : RESIDENCY_FIFO);
        assert_int_equal(study.residency.capacity, 2);
        expect_near(lru ? "LRU" : "FIFO", study.call_mix.paid_share, paid[lru]);
        study_clear(&study);
    }
}

/* At 0.5 calls/s of 1 s, of which half pay 0.3 s. They wait for λ E[S²] ÷ 2 (1 − ρ), in front of
 * what they pay themselves (Pollaczek and Khinchine). */
static void test_at_a_rate_calls_wait_for_each_other(void **state)
{
    double ideal = 0.5 / 2 / (1 - 0.5), wait = 0.5 * (1 + 1.69) / 2 / 2 / (1 - 0.575);
    struct step step[STEPS];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < STEPS; i++) {
        step[i] = called(i / 2 % 2, i, i % 2 == 0, 0.5);
        step[i].call_rate = 0.5;
    }
    study_add(&study, step, STEPS);
    study_conclude(&study);
    assert_true(study.call_mix.call_rate == 0.5 && study.call_mix.calls_in_a_row == 1);
    for (int schedule = 0; schedule < STUDY_SCHEDULES; schedule++) {
        const struct study_queue *queue = &study.call_mix.queue[schedule];
        bool in_order = schedule == SCHEDULE_IN_ORDER;

        assert_true(queue->calls > 0 && queue->stable);
        if (in_order) {
            expect_near("paid", queue->paid_share, 0.5);
            expect_near("of the time", queue->time_share, 0.075);
            if (fabs(queue->switch_wait_s / (wait + 0.15 - ideal) - 1) > 0.05)
                fail_msg("longer: %g", queue->switch_wait_s);
        } else {
            assert_true(queue->paid_share < 0.45);
        }
    }
    study_clear(&study);
}

/* A draw brings two calls, of which the first may pay: half as many, and as many in a row as before
 * bring it under a share. By the server's latency, where it is known. */
static void test_calls_in_a_row_are_in_all_figures(void **state)
{
    struct step step[STEPS];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < STEPS; i++) {
        step[i] = called(i / 2 % 2, i, i % 2 == 0, 0.5);
        step[i].call_rate = 1;
        step[i].calls_in_a_row = 2;
        step[i].metric[METRIC_SERVER_END_TO_END_LATENCY_S].count = 1;
        step[i].metric[METRIC_SERVER_END_TO_END_LATENCY_S].quantile[2] = 0.5;
    }
    study_add(&study, step, STEPS);
    study_conclude(&study);
    expect_near("paid", study.call_mix.paid_share, 0.25);
    expect_near("under 1 %", call_mix_in_a_row(&study.call_mix, 0.01), 15);
    if (fabs(study.call_mix.queue[0].paid_share - 0.25) > 0.005)
        fail_msg("paid: %g", study.call_mix.queue[0].paid_share);
    if (fabs(study.call_mix.queue[0].utilisation - 0.5 - 0.075) > 0.01)
        fail_msg("used: %g", study.call_mix.queue[0].utilisation);
    study_clear(&study);
}

/* Each third visit pays, whatever came before. */
static void test_where_no_rule_fits_no_mix_is_reported(void **state)
{
    struct step step[90];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(step); i++)
        step[i] = called(i * i / 7 % 2, i, i % 3 == 0, 0.5);
    study_add(&study, step, COUNT_OF(step));
    study_conclude(&study);
    assert_int_equal(study.residency.rule, RESIDENCY_NONE_FITS);
    assert_int_equal(study.call_mix.calls, 0);
    study_clear(&study);
}

static void test_without_shares_or_revisits_nothing_is_reported(void **state)
{
    struct step step[STEPS];
    struct study study = {0};

    (void)state;
    for (size_t i = 0; i < STEPS; i++)
        step[i] = called(i / 2 % 2, i, i % 2 == 0, NAN);
    study_add(&study, step, STEPS);
    study_conclude(&study);
    assert_int_equal(study.call_mix.calls, 0);
    study_clear(&study);
    study = (struct study){0};
    for (size_t i = 0; i < 2; i++)
        step[i] = called(i, i, true, 0.5);
    study_add(&study, step, 2);
    study_conclude(&study);
    assert_int_equal(study.call_mix.calls, 0);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_pay_where_the_other_model_ran_before),
        cmocka_unit_test(test_a_seldom_called_model_pays_more_often_but_weighs_less),
        cmocka_unit_test(test_the_mix_goes_by_the_rule_that_was_found),
        cmocka_unit_test(test_at_a_rate_calls_wait_for_each_other),
        cmocka_unit_test(test_calls_in_a_row_are_in_all_figures),
        cmocka_unit_test(test_where_no_rule_fits_no_mix_is_reported),
        cmocka_unit_test(test_without_shares_or_revisits_nothing_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
