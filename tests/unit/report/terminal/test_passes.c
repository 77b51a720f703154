/* The steps of a study as one line for each pass. */
#include "report/terminal/passes.h"

#include "support.h"

static struct step step_of(size_t pass, size_t completed, size_t failed, double ttft_s)
{
    struct step step = {.pass = pass, .completed = completed, .errors = failed};

    if (completed > 0)
        step.metric[METRIC_CLIENT_TTFT_S] =
            (struct metric_summary){.count = completed, .quantile = {[2] = ttft_s}};
    return step;
}

static void test_only_orders_that_visit_rows_again_are_folded(void **state)
{
    struct visit visit[] = {
        {.row = 2, .pass = 0}, {.row = 0, .pass = 1}, {.row = 1, .pass = 1}, {.row = 0, .pass = 2}};
    const struct order once = {.visit = visit, .count = 3, .warmups = 1, .rows = 2},
                       again = {.visit = visit, .count = 4, .warmups = 1, .rows = 2};
    struct passes passes;

    (void)state;
    passes_init(&passes, NULL);
    assert_int_equal(passes.count, 0);
    passes_init(&passes, &once);
    assert_int_equal(passes.count, 0);
    passes_init(&passes, &again);
    assert_int_equal(passes.count, 2);
    passes_clear(&passes);
}

static void test_a_pass_is_described_as_it_begins_is_cut_off_and_ends(void **state)
{
    struct visit visit[] = {{.row = 2, .pass = 0},
                            {.row = 0, .pass = 1},
                            {.row = 1, .pass = 1},
                            {.row = 0, .pass = 2},
                            {.row = 1, .pass = 2}};
    const struct order order = {.visit = visit, .count = 5, .warmups = 1, .rows = 2};
    const int64_t second = 1000000000;
    struct step first = step_of(1, 3, 0, 0.0278), last = step_of(1, 2, 1, 0.453);
    struct step warmup = step_of(0, 1, 0, 0.1);
    struct passes passes;
    char text[256];

    (void)state;
    passes_init(&passes, &order);
    assert_true(passes_begin(&passes, 1, 10 * second));
    passes_describe(&passes, 1, text, sizeof text);
    expect_text("begins", text, "pass 1 of 2: 2 steps");
    assert_int_equal(passes_open(&passes, 0), SIZE_MAX);
    assert_false(passes_end(&passes, &first, 12 * second));
    assert_int_equal(passes_open(&passes, 0), 1);
    passes_describe(&passes, 1, text, sizeof text);
    expect_text("cut off", text,
                "pass 1 of 2: 1 of 2 steps in 2.0 s, 3 requests, none failed, TTFT p50 27.8 ms");
    assert_false(passes_begin(&passes, 1, 12 * second));
    assert_true(passes_end(&passes, &last, 30 * second));
    passes_describe(&passes, 1, text, sizeof text);
    expect_text("ends", text,
                "pass 1 of 2: 2 steps in 20 s, 6 requests, 1 failed, TTFT p50 27.8 to 453 ms");
    assert_true(passes_begin(&passes, 0, 0));
    assert_true(passes_end(&passes, &warmup, second));
    passes_describe(&passes, 0, text, sizeof text);
    expect_text("warm-up", text,
                "warm-up: 1 step in 1.0 s, 1 request, none failed, TTFT p50 100 ms");
    passes_clear(&passes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_orders_that_visit_rows_again_are_folded),
        cmocka_unit_test(test_a_pass_is_described_as_it_begins_is_cut_off_and_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
