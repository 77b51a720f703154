/* What makes two rows one condition, and how many requests a row has. */
#include "record/row.h"

#include "support.h"

static void test_whatever_is_asked_for_tells_rows_apart(void **state)
{
    static char model[] = "m", other[] = "n", dataset[] = "d.jsonl", mix[] = "day",
                trace[] = "t.csv";
    const struct row row = {.model_name = model, .num_requests = 5, .qps = 2};
    struct {
        const char *name;
        struct row row;
    } cases[] = {
        {"model", row},        {"input", row},          {"output", row},      {"data set", row},
        {"spread", row},       {"other spread", row},   {"requests", row},    {"duration", row},
        {"warm-up", row},      {"cool-down", row},      {"concurrency", row}, {"rate", row},
        {"distribution", row}, {"image", row},          {"burstiness", row},  {"ramp", row},
        {"ramp's shape", row}, {"ceiling", row},        {"mix", row},         {"share", row},
        {"mix requests", row}, {"trace", row},          {"speed", row},       {"from", row},
        {"for", row},          {"system message", row}, {"turns", row},       {"later texts", row},
        {"pauses", row},
    };

    (void)state;
    cases[0].row.model_name = other;
    cases[1].row.input_tokens = 1;
    cases[2].row.output_tokens = 1;
    cases[3].row.dataset = dataset;
    cases[4].row.stddev_input_tokens = 1;
    cases[5].row.stddev_output_tokens = 1;
    cases[6].row.num_requests = 6;
    cases[7].row.duration_s = 0.5;
    cases[8].row.warmup_requests = 1;
    cases[9].row.cooldown_requests = 1;
    cases[10].row.concurrent_requests = 1;
    cases[11].row.qps = 3;
    cases[12].row.qps_distribution = ROW_UNIFORM;
    cases[13].row.multimodal_img_size = ROW_SMALL;
    cases[14].row.burstiness = 0.5;
    cases[15].row.qps_end = 4;
    cases[16].row.qps_ramp = ROW_RAMP_EXPONENTIAL;
    cases[17].row.max_in_flight = 1;
    cases[18].row.mix = mix;
    cases[19].row.share = 0.5;
    cases[20].row.mix_requests = 1;
    cases[21].row.trace = trace;
    cases[22].row.trace_speed = 2;
    cases[23].row.trace_from_s = 1;
    cases[24].row.trace_for_s = 1;
    cases[25].row.prefix_tokens = 1;
    cases[26].row.turns = 2;
    cases[27].row.turn_input_tokens = 1;
    cases[28].row.think_time_s = 0.5;
    assert_int_equal(row_compare(&row, &row), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_true(cases[i].name, row_compare(&row, &cases[i].row) < 0);
        expect_true(cases[i].name, row_compare(&cases[i].row, &row) > 0);
    }
}

/* How many a member draws varies from visit to visit. */
static void test_what_members_with_shares_draw_tells_none_apart(void **state)
{
    static char model[] = "m";
    struct row row = {.model_name = model, .num_requests = 5, .share = 0.5, .mix_requests = 10};
    struct row other = row;

    (void)state;
    other.num_requests = 6;
    assert_int_equal(row_compare(&row, &other), 0);
    other.mix_requests = 11;
    assert_true(row_compare(&row, &other) < 0);
}

static void test_a_row_has_requests_that_count_and_others(void **state)
{
    static const struct {
        const char *name;
        struct row row;
        int64_t counted, requests;
    } cases[] = {
        {"plain", {.num_requests = 5}, 5, 5},
        {"both ends", {.num_requests = 5, .warmup_requests = 3, .cooldown_requests = 2}, 5, 10},
        {"a ceiling", {.num_requests = 5, .duration_s = 9}, 5, 5},
        {"its time ends it",
         {.duration_s = 9, .warmup_requests = 1},
         ROW_REQUESTS_MOST,
         ROW_REQUESTS_MOST + 1},
        {"not known yet: those of a data set", {.num_requests = 0}, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_number(cases[i].name, (double)row_counted_most(&cases[i].row),
                      (double)cases[i].counted);
        expect_number(cases[i].name, (double)row_requests_most(&cases[i].row),
                      (double)cases[i].requests);
    }
}

static void test_a_ramp_has_a_mean_rate(void **state)
{
    static const struct {
        const char *name;
        struct row row;
        double mean;
    } cases[] = {
        {"none", {.qps = 3}, 3},
        {"level", {.qps = 3, .qps_end = 3, .qps_ramp = ROW_RAMP_EXPONENTIAL}, 3},
        {"linear", {.qps = 1, .qps_end = 4}, 2.5},
        {"down", {.qps = 4, .qps_end = 1}, 2.5},
        {"exponential",
         {.qps = 1, .qps_end = M_E, .qps_ramp = ROW_RAMP_EXPONENTIAL},
         1.718281828459045},
        {"down",
         {.qps = 8, .qps_end = 1, .qps_ramp = ROW_RAMP_EXPONENTIAL},
         3.3662884287409147}, /* 7 / ln 8 */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_number(cases[i].name, row_mean_qps(&cases[i].row), cases[i].mean);
}

static void test_a_session_grows_by_what_was_said(void **state)
{
    static char file[] = "a";
    static const struct {
        const char *name;
        struct row row;
        int64_t turns, tokens;
    } cases[] = {
        {"none", {.input_tokens = 10, .output_tokens = 4}, 1, 14},
        {"one turn", {.input_tokens = 10, .output_tokens = 4, .turns = 1}, 1, 14},
        {"three",
         {.input_tokens = 10, .output_tokens = 4, .turns = 3, .turn_input_tokens = 5},
         3,
         10 + 4 + 5 + 4 + 5 + 4},
        {"of a data set",
         {.input_tokens = 10, .output_tokens = 4, .turns = 3, .dataset = file},
         3,
         3 * (10 + 4)},
        {"of a trace", {.input_tokens = 10, .output_tokens = 4, .turns = 3, .trace = file}, 3, 14},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_true(cases[i].name, row_turns(&cases[i].row) == cases[i].turns);
        expect_true(cases[i].name, row_tokens_most(&cases[i].row) == cases[i].tokens);
        expect_true(cases[i].name, row_has_sessions(&cases[i].row) == (cases[i].turns > 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_grows_by_what_was_said),
        cmocka_unit_test(test_whatever_is_asked_for_tells_rows_apart),
        cmocka_unit_test(test_what_members_with_shares_draw_tells_none_apart),
        cmocka_unit_test(test_a_row_has_requests_that_count_and_others),
        cmocka_unit_test(test_a_ramp_has_a_mean_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
