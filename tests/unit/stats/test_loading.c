/* What loading weights takes: a weighted line through costs. Wanted numbers: the textbook's sums of
 * squares around the weighted means, in another language; t at 97.5 % and 5 degrees of freedom is
 * 2.5706. */
#include "stats/loading.h"

#include "support.h"

enum { ROWS = 3 };

static const double weights_gb[ROWS] = {10, 25, 60};
static const double costs_s[ROWS] = {0.062, 0.105, 0.198};
static const double errors_s[ROWS] = {0.002, 0.003, 0.004};

static struct study_loading fitted(size_t rows, double error_factor, double df)
{
    struct step step[ROWS];
    struct study_group row[ROWS];
    struct study study = {.row = row, .rows = rows};

    for (size_t i = 0; i < ROWS; i++) {
        step[i] = (struct step){.weight_gb = weights_gb[i]};
        row[i] = (struct study_group){.step = &step[i],
                                      .cost = {.visits = 4,
                                               .paid = 4,
                                               .cost_s = costs_s[i],
                                               .error_s = error_factor * errors_s[i],
                                               .df = df}};
    }
    loading_fit(&study);
    return study.loading;
}

static void expect_near(const char *name, double actual, double wanted)
{
    if (!(fabs(actual - wanted) <= 1e-6 * fabs(wanted)))
        fail_msg("%s: got %.12g, wanted %.12g", name, actual, wanted);
}

static void test_overhead_and_speed_with_their_95_percent(void **state)
{
    const struct study_loading loading = fitted(ROWS, 1, 5);

    (void)state;
    assert_int_equal(loading.rows, 3);
    expect_near("overhead", loading.overhead_s, 0.03522580645161289);
    expect_near("its ±", loading.overhead_error_s, 0.00626266958456109);
    expect_near("speed", loading.gb_per_s, 366.69032410693166);
    expect_near("at least", loading.gb_per_s_low, 338.3917401116862);
    expect_near("at most", loading.gb_per_s_high, 400.15387121303826);
}

/* With so little known the line may be level: nothing bounds the speed. */
static void test_a_slope_that_may_be_none_leaves_speed_unbounded(void **state)
{
    const struct study_loading loading = fitted(ROWS, 30, 5);

    (void)state;
    assert_true(isinf(loading.gb_per_s_high) && loading.gb_per_s_low > 0);
}

static void test_one_weight_tells_no_speed(void **state)
{
    (void)state;
    assert_int_equal(fitted(1, 1, 5).rows, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overhead_and_speed_with_their_95_percent),
        cmocka_unit_test(test_a_slope_that_may_be_none_leaves_speed_unbounded),
        cmocka_unit_test(test_one_weight_tells_no_speed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
