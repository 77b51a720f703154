/* What makes two rows one condition, and how many requests a row has. */
#include "record/row.h"

#include "support.h"

static void test_whatever_is_asked_for_tells_rows_apart(void **state)
{
    static char model[] = "m", other[] = "n", dataset[] = "d.jsonl", mix[] = "day";
    const struct row row = {.model_name = model, .num_requests = 5, .qps = 2};
    struct {
        const char *name;
        struct row row;
    } cases[] = {
        {"model", row},        {"input", row},        {"output", row},      {"data set", row},
        {"spread", row},       {"other spread", row}, {"requests", row},    {"duration", row},
        {"warm-up", row},      {"cool-down", row},    {"concurrency", row}, {"rate", row},
        {"distribution", row}, {"image", row},        {"mix", row},
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
    cases[14].row.mix = mix;
    assert_int_equal(row_compare(&row, &row), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_true(cases[i].name, row_compare(&row, &cases[i].row) < 0);
        expect_true(cases[i].name, row_compare(&cases[i].row, &row) > 0);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_is_asked_for_tells_rows_apart),
        cmocka_unit_test(test_a_row_has_requests_that_count_and_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
