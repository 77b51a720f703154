/* How large a probe is, and what it asks for. */
#include "plan/probe.h"

#include "support.h"

static void test_a_probe_is_as_large_as_its_bursts_ask_for(void **state)
{
    static const struct {
        const char *name;
        struct row row;
        int64_t steady, burst, bursts, requests, at_once;
    } cases[] = {
        {"none", {.concurrent_requests = 1}, 0, 1, 0, 0, 0},
        {"one at a time", {.concurrent_requests = 1}, 5, 1, 6, 6, 6},
        {"open loop", {.qps = 3}, 5, 1, 6, 6, 6},
        {"bursts, at least two steady", {.concurrent_requests = 4}, 4, 4, 3, 12, 4},
        {"bursts that hold at least so many", {.concurrent_requests = 4}, 5, 4, 3, 12, 4},
        {"rounded up", {.concurrent_requests = 4}, 9, 4, 4, 16, 4},
        {"before a warm-up", {.concurrent_requests = 4, .warmup = true}, 5, 4, 0, 0, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct settings settings = {.probe = {.steady = cases[i].steady, .output_tokens = 2}};
        struct row probe = probe_row(&cases[i].row, &settings);

        expect_number(cases[i].name, (double)probe_burst(&cases[i].row), (double)cases[i].burst);
        expect_number(cases[i].name, (double)probe_bursts(&cases[i].row, &settings),
                      (double)cases[i].bursts);
        expect_number(cases[i].name, (double)probe_requests(&cases[i].row, &settings),
                      (double)cases[i].requests);
        expect_number(cases[i].name, (double)probe.num_requests, (double)cases[i].at_once);
        expect_number(cases[i].name, (double)probe.concurrent_requests, (double)cases[i].burst);
    }
}

static void test_it_asks_for_the_rows_length_and_its_own_output(void **state)
{
    static char model[] = "m";
    const struct settings settings = {.probe = {.steady = 5, .output_tokens = 2}};
    const struct row row = {.model_name = model,
                            .input_tokens = 300,
                            .output_tokens = 50,
                            .stddev_input_tokens = 9,
                            .stddev_output_tokens = 9,
                            .qps = 3,
                            .duration_s = 30,
                            .warmup_requests = 4,
                            .cooldown_requests = 5,
                            .multimodal_img_size = ROW_SMALL,
                            .line = 7};
    struct row probe = probe_row(&row, &settings);

    (void)state;
    assert_ptr_equal(probe.model_name, model);
    assert_int_equal(probe.input_tokens, 300);
    assert_int_equal(probe.output_tokens, 2);
    assert_int_equal(probe.multimodal_img_size, ROW_SMALL);
    expect_number("no schedule", probe.qps, 0);
    expect_number("all of it", (double)row_requests_most(&probe), 6);
    expect_number("no time", probe.duration_s, 0);
    expect_number("one length", probe.stddev_input_tokens + probe.stddev_output_tokens, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_probe_is_as_large_as_its_bursts_ask_for),
        cmocka_unit_test(test_it_asks_for_the_rows_length_and_its_own_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
