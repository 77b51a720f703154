/* Grids of loads: what they hold, and what is none. */
#include "plan/sweep_grid.h"

#include "support.h"

static void test_grids_hold_what_they_say(void **state)
{
    static const struct {
        const char *text;
        bool open_loop;
        double load[12];
        size_t count;
    } cases[] = {
        {"qps=1..64*2", true, {1, 2, 4, 8, 16, 32, 64}, 7},
        {"qps=0.1..0.5+0.1", true, {0.1, 0.2, 0.3, 0.4, 0.5}, 5},
        {"qps=3..10*2", true, {3, 6}, 2},
        {"qps=5..5*2", true, {5}, 1},
        {"concurrent_requests=4..16+4", false, {4, 8, 12, 16}, 4},
        {"concurrent_requests=1..4*1.25", false, {1, 2, 3, 4}, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sweep_grid grid = {0};
        struct error error;

        expect_true(cases[i].text, sweep_grid_read(cases[i].text, &grid, &error));
        expect_true(cases[i].text, grid.open_loop == cases[i].open_loop);
        expect_true(cases[i].text, grid.count == cases[i].count);
        for (size_t k = 0; k < grid.count && k < cases[i].count; k++)
            expect_true(cases[i].text, fabs(grid.load[k] - cases[i].load[k]) < 1e-9);
        sweep_grid_clear(&grid);
    }
}

static void test_what_is_none_is_said(void **state)
{
    static const char *const texts[] = {
        "",
        "qps",
        "qps=",
        "qps=1..2",
        "qps=1-64*2",
        "rate=1..2*2",
        "qps=1..2*",
        "qps=1..2*1",
        "qps=2..1*2",
        "qps=0..2+1",
        "qps=1..2+0",
        "qps=a..2*2",
        "qps=1..2*x",
        "qps=-1..2*2",
        "qps=1..2e6*2",
        "qps=1..2*nan",
        "qps=1..1e5+1",
        "concurrent_requests=0.5..2*2",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct sweep_grid grid = {0};
        struct error error = {.text = ""};

        expect_true(texts[i], !sweep_grid_read(texts[i], &grid, &error));
        expect_true(texts[i], error.text[0] != '\0');
        sweep_grid_clear(&grid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grids_hold_what_they_say),
        cmocka_unit_test(test_what_is_none_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
