/* Pauses of sessions: exponential, and a function of seed, step, session and turn. */
#include "traffic/sessions.h"

#include "support.h"

static void test_pauses_have_their_mean_and_spread(void **state)
{
    enum { MANY = 20000 };
    const struct row row = {.turns = 3, .think_time_s = 2.5};
    double sum = 0, squares = 0;
    size_t long_ones = 0;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        double pause = sessions_pause_s(&row, 1, 2, i / 2, 2 + (int64_t)(i % 2));

        assert_true(pause >= 0);
        sum += pause;
        squares += pause * pause;
        long_ones += pause > 2 * 2.5;
    }
    /* Mean and standard deviation are the same, and a share e⁻² lasts twice as long; within five
     * standard errors. */
    assert_true(fabs(sum / MANY - 2.5) < 5 * 2.5 / sqrt(MANY));
    assert_true(fabs(squares / MANY - 2 * 2.5 * 2.5) < 5 * 2.5 * 2.5 * sqrt(20.0 / MANY));
    assert_true(fabs((double)long_ones / MANY - exp(-2)) < 5 * 0.34 / sqrt(MANY));
}

static void test_each_has_its_own(void **state)
{
    const struct row row = {.turns = 3, .think_time_s = 1}, none = {.turns = 3};
    double one = sessions_pause_s(&row, 1, 2, 3, 4);

    (void)state;
    assert_true(one == sessions_pause_s(&row, 1, 2, 3, 4));
    assert_true(one != sessions_pause_s(&row, 9, 2, 3, 4));
    assert_true(one != sessions_pause_s(&row, 1, 9, 3, 4));
    assert_true(one != sessions_pause_s(&row, 1, 2, 9, 4));
    assert_true(one != sessions_pause_s(&row, 1, 2, 3, 5));
    assert_true(sessions_pause_s(&none, 1, 2, 3, 4) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pauses_have_their_mean_and_spread),
        cmocka_unit_test(test_each_has_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
