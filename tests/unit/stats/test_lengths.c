/* Prompts of unlike length, and rows that go by content: studies of two rows, worked out by hand.
 */
#include "stats/lengths.h"

#include "support.h"
#include "visits.h"

enum { STEADY = 5, VISITS = 8 };

static char model[] = "m", other[] = "n";

/* A visit of steady requests whose TTFT is 0.1 s and 1 ms a token, off by ±0.2 ms in turns; the
 * exposed prompt has 20 tokens more, and takes `more_s` besides. */
static struct step visit_of(char *name, size_t index, double tokens, double more_s,
                            struct switch_sample *sample)
{
    struct step step = step_to(name, index, 0.2);
    struct switch_side *side = &step.measurement.side[SWITCH_SERVER];

    for (size_t i = 0; i < STEADY; i++)
        sample[i] = (struct switch_sample){.ttft_s = 0.1 + 0.001 * tokens + (i % 2 ? 2e-4 : -2e-4),
                                           .after_s = 1 + (double)i,
                                           .tokens = tokens,
                                           .request = i + 1};
    step.row.input_tokens = (int64_t)tokens;
    side->sample = sample;
    side->samples = STEADY;
    side->exposed_tokens = tokens + 20;
    side->measured_s = side->exposed_s = 0.1 + 0.001 * (tokens + 20) + more_s;
    step.measurement.flags = SWITCH_FLAG_PROMPT_LENGTHS;
    return step;
}

/* Two lengths of one model tell what a token costs: 20 of them 20 ms. */
static void test_what_a_longer_prompt_takes_is_no_switch(void **state)
{
    static const double more_s[] = {0, 0.3};
    static const enum switch_verdict verdict[] = {SWITCH_NOT_DETECTED, SWITCH_DETECTED};

    (void)state;
    for (size_t k = 0; k < COUNT_OF(more_s); k++) {
        struct switch_sample sample[2][STEADY];
        struct step steps[] = {visit_of(model, 0, 100, more_s[k], sample[0]),
                               visit_of(model, 1, 200, more_s[k], sample[1])};
        struct study study = {0};

        study_add(&study, steps, 2);
        study_conclude(&study);
        assert_int_equal(steps[1].estimate.verdict, verdict[k]);
        expect_true("value", fabs(steps[1].estimate.value_s - more_s[k]) < 5e-4);
        assert_true(steps[1].estimate.flags & SWITCH_FLAG_LENGTH_TAKEN_OUT);
        study_clear(&study);
    }
}

/* One length alone: 20 of 100 tokens may take up to a fifth of the TTFT, 40 ms, so 20 ms are taken
 * out, and less than 80 ms may be none. */
static void test_where_no_slope_is_known_small_estimates_are_inconclusive(void **state)
{
    static const double more_s[] = {0, 0.3};
    static const enum switch_verdict verdict[] = {SWITCH_INCONCLUSIVE, SWITCH_DETECTED};

    (void)state;
    for (size_t k = 0; k < COUNT_OF(more_s); k++) {
        struct switch_sample sample[2][STEADY];
        struct step steps[] = {visit_of(model, 0, 100, more_s[k], sample[0]),
                               visit_of(other, 1, 100, more_s[k], sample[1])};
        struct study study = {0};

        study_add(&study, steps, 2);
        study_conclude(&study);
        assert_int_equal(steps[1].estimate.verdict, verdict[k]);
        expect_true("value", fabs(steps[1].estimate.value_s - more_s[k]) < 1e-3);
        expect_true("unsure", fabs(steps[1].estimate.unsure_s - 0.04) < 1e-3);
        assert_false(steps[1].estimate.flags & SWITCH_FLAG_LENGTH_TAKEN_OUT);
        study_clear(&study);
    }
}

/* A second conclusion over the same steps corrects no further. */
static void test_a_correction_is_made_once(void **state)
{
    struct switch_sample sample[2][STEADY];
    struct step steps[] = {visit_of(model, 0, 100, 0.3, sample[0]),
                           visit_of(model, 1, 200, 0.3, sample[1])};
    double value_s[2];

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct study study = {0};

        study_add(&study, steps, 2);
        study_conclude(&study);
        value_s[k] = steps[1].estimate.value_s;
        study_clear(&study);
    }
    expect_number("the same", value_s[1], value_s[0]);
}

/* A request inside the row that waited as long as the exposed one. */
static void test_a_row_that_was_loaded_again_says_at_which_request(void **state)
{
    static const double third_s[] = {0.5, 0.25};

    (void)state;
    for (size_t k = 0; k < COUNT_OF(third_s); k++) {
        struct switch_sample sample[VISITS][STEADY];
        struct step steps[VISITS];
        struct study study = {0};

        for (size_t i = 0; i < VISITS; i++) {
            steps[i] = visit_of(i % 2 ? other : model, i, 100, 0.3, sample[i]);
            steps[i].measurement.flags = 0;
        }
        sample[1][2].ttft_s = third_s[k];
        study_add(&study, steps, VISITS);
        study_conclude(&study);
        assert_int_equal(steps[1].measurement.reloaded, k == 0 ? 3 : 0);
        assert_int_equal(steps[3].measurement.reloaded, 0);
        assert_int_equal(!!(study.row[1].estimate.flags & SWITCH_FLAG_RELOADED), k == 0);
        assert_false(study.row[0].estimate.flags & SWITCH_FLAG_RELOADED);
        assert_true(steps[1].estimate.flags & SWITCH_FLAG_SLOW_ONES);
        study_clear(&study);
    }
}

/* The exposed request came at once, by a word that was no content; its content came late. */
static void test_a_row_that_comes_sooner_goes_by_content(void **state)
{
    struct step steps[] = {step_to(model, 0, 0.01), step_to(other, 1, 0.2)};
    struct study study = {0};

    (void)state;
    steps[0].measurement.content = side_of(0.9);
    steps[1].measurement.content = side_of(0.2);
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.verdict, SWITCH_DETECTED);
    expect_true("value", fabs(steps[0].estimate.value_s - 0.7) < 1e-9);
    assert_true(steps[0].estimate.flags & SWITCH_FLAG_BY_CONTENT);
    assert_int_equal(steps[0].estimate.source, SWITCH_CLIENT);
    assert_false(steps[1].estimate.flags & SWITCH_FLAG_BY_CONTENT);
    study_clear(&study);

    steps[0] = step_to(model, 0, 0.01); /* no content is known: it is not told why */
    study = (struct study){0};
    study_add(&study, steps, 2);
    study_conclude(&study);
    assert_int_equal(steps[0].estimate.verdict, SWITCH_INCONCLUSIVE);
    assert_true(steps[0].estimate.flags & SWITCH_FLAG_FASTER);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_longer_prompt_takes_is_no_switch),
        cmocka_unit_test(test_where_no_slope_is_known_small_estimates_are_inconclusive),
        cmocka_unit_test(test_a_correction_is_made_once),
        cmocka_unit_test(test_a_row_that_was_loaded_again_says_at_which_request),
        cmocka_unit_test(test_a_row_that_comes_sooner_goes_by_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
