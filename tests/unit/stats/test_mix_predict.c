/* What a study predicts of a mix, against the queue of the textbooks. */
#include "stats/mix_predict.h"

#include "support.h"
#include "visits.h"

enum { STEPS = 12 };

static char names[3][2] = {"a", "b", "c"};

/* One of a and b stays, a switch costs 0.3 s, and a call takes a second. */
static void study_two(struct step step[STEPS], bool pays, struct study *study)
{
    *study = (struct study){0};
    for (size_t i = 0; i < STEPS; i++) {
        step[i] = step_to(names[i / 2 % 2], i, pays && i % 2 == 0 ? 0.5 : 0.2);
        step[i].row.input_tokens = step[i].row.output_tokens = 100;
        step[i].metric[METRIC_SERVER_END_TO_END_LATENCY_S].count = 1;
        step[i].metric[METRIC_SERVER_END_TO_END_LATENCY_S].quantile[2] = 1;
    }
    study_add(study, step, STEPS);
    study_conclude(study);
}

struct predict_case {
    const char *name;
    size_t first, second;         /* the members' models */
    int64_t tokens;               /* of both prompts */
    double rate, in_a_row, share; /* of the first */
    double service_s;             /* that the mix itself shows */
    bool pays;                    /* anything in the study */
    enum mix_lack lack;
    double paid, time, wait_s; /* predicted; 0 s: not looked at */
    double in_a_row_under;     /* 0: it is under 10 % */
};

/* Half of independent calls come from the other: they pay 0.3 s. Calls of E[S] wait for
 * λ E[S²] ÷ 2 (1 − ρ), in front of what they pay themselves (Pollaczek and Khinchine). */
static const struct predict_case cases[] = {
    {.name = "half pay",
     .second = 1,
     .tokens = 100,
     .rate = 0.5,
     .in_a_row = 1,
     .share = 0.5,
     .service_s = 9,
     .pays = true,
     .paid = 0.5,
     .time = 0.075,
     .wait_s = 0.5 * (1 + 1.69) / 2 / 2 / (1 - 0.575) + 0.15 - 0.5},
    {.name = "of unlike shares 2 p q pay",
     .second = 1,
     .tokens = 100,
     .rate = 0.5,
     .in_a_row = 1,
     .share = 0.9,
     .pays = true,
     .paid = 0.18,
     .time = 0.5 * 0.18 * 0.3},
    {.name = "two in a row bring it under a tenth",
     .second = 1,
     .tokens = 100,
     .rate = 0.8,
     .in_a_row = 1,
     .share = 0.5,
     .pays = true,
     .paid = 0.5,
     .time = 0.12,
     .in_a_row_under = 2},
    {.name = "two come in a row",
     .second = 1,
     .tokens = 100,
     .rate = 0.8,
     .in_a_row = 2,
     .share = 0.5,
     .pays = true,
     .paid = 0.25,
     .time = 0.06},
    {.name = "other lengths take what the mix shows",
     .second = 1,
     .tokens = 300,
     .rate = 0.5,
     .in_a_row = 1,
     .share = 0.5,
     .service_s = 1,
     .pays = true,
     .paid = 0.5,
     .time = 0.075,
     .wait_s = 0.5 * (1 + 1.69) / 2 / 2 / (1 - 0.575) + 0.15 - 0.5},
    {.name = "other lengths of which nothing is known",
     .second = 1,
     .tokens = 300,
     .rate = 0.5,
     .in_a_row = 1,
     .share = 0.5,
     .service_s = NAN,
     .pays = true,
     .lack = MIX_LACKS_LATENCY},
    {.name = "a model that the study does not have",
     .second = 2,
     .tokens = 100,
     .rate = 0.5,
     .in_a_row = 1,
     .share = 0.5,
     .pays = true,
     .lack = MIX_LACKS_ROW},
    {.name = "closed loop",
     .second = 1,
     .tokens = 100,
     .rate = NAN,
     .in_a_row = 1,
     .share = 0.5,
     .pays = true,
     .lack = MIX_LACKS_RATE},
    {.name = "no calls",
     .second = 1,
     .tokens = 100,
     .rate = 0.5,
     .in_a_row = NAN,
     .share = 0.5,
     .pays = true,
     .lack = MIX_LACKS_CALLS},
};

static void expect_close(const char *name, double actual, double expected, double part)
{
    if (!(fabs(actual - expected) <= part * expected))
        fail_msg("%s: %g, not %g", name, actual, expected);
}

static void expect_predicted(const struct predict_case *given, const struct mix *mix)
{
    const struct mix_switching *found = &mix->switching;
    const struct mix_predicted *first = &found->member[0].predicted;
    const struct mix_predicted *second = &found->member[1].predicted;

    expect_close(given->name, found->predicted.switch_paid_share, given->paid, 0.01);
    expect_close(given->name, found->predicted.switch_time_share, given->time, 0.01);
    expect_close(given->name, found->predicted.switch_s_per_call, 0.3 * given->paid, 0.01);
    if (given->wait_s > 0)
        expect_close(given->name, found->predicted_wait_s_per_call, given->wait_s, 0.05);
    /* Each switch to one is followed by one to the other: both pay half of the time. */
    expect_close(given->name, first->switch_time_share, given->time / 2, 0.02);
    expect_close(given->name, second->switch_time_share, given->time / 2, 0.02);
    expect_close(given->name, first->switch_paid_share, given->paid / 2 / given->share, 0.02);
    if (given->in_a_row_under > 0)
        expect_close(given->name, found->in_a_row_under_tenth, given->in_a_row_under, 0);
    else
        expect_true(given->name, isnan(found->in_a_row_under_tenth));
}

static void test_mixes_are_predicted(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const struct predict_case *given = &cases[c];
        struct step step[STEPS], first = step_to(names[given->first], 0, 0.2),
                                 second = step_to(names[given->second], 1, 0.2);
        const struct step *const member[] = {&first, &second};
        struct mix_member_switching costs[] = {
            {.service_s = given->service_s, .batch_size_most = 1},
            {.service_s = given->service_s, .batch_size_most = 1}};
        struct mix_member called[] = {{.share = given->share}, {.share = 1 - given->share}};
        struct mix mix = {.offered_per_s = given->rate,
                          .calls = 100,
                          .member = called,
                          .members = 2,
                          .switching = {.calls_in_a_row = given->in_a_row,
                                        .in_a_row_under_tenth = NAN,
                                        .member = costs,
                                        .members = 2}};
        struct study study;

        first.row.input_tokens = second.row.input_tokens = given->tokens;
        first.row.output_tokens = second.row.output_tokens = 100;
        study_two(step, given->pays, &study);
        mix_predict(&study, member, &mix);
        assert_int_equal(mix.switching.lack, given->lack);
        if (given->lack == MIX_LACKS_NOTHING)
            expect_predicted(given, &mix);
        study_clear(&study);
    }
}

/* Rows of which none came again tell nothing of what stays. */
static void test_a_study_without_revisits_predicts_nothing(void **state)
{
    struct step step[2] = {step_to(names[0], 0, 0.2), step_to(names[1], 1, 0.2)};
    const struct step *const member[] = {&step[0], &step[1]};
    struct mix_member_switching costs[2] = {{.service_s = 1}, {.service_s = 1}};
    struct mix_member called[2] = {{.share = 0.5}, {.share = 0.5}};
    struct mix mix = {.offered_per_s = 1,
                      .calls = 100,
                      .member = called,
                      .members = 2,
                      .switching = {.calls_in_a_row = 1, .member = costs, .members = 2}};
    struct study study = {0};

    (void)state;
    study_add(&study, step, 2);
    study_conclude(&study);
    mix_predict(&study, member, &mix);
    assert_int_equal(mix.switching.lack, MIX_LACKS_MEMORY);
    study_clear(&study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixes_are_predicted),
        cmocka_unit_test(test_a_study_without_revisits_predicts_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
