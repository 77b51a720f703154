/* What visits to a member alone tell of its TTFT without a switch. */
#include "stats/mix_visited.h"

#include "support.h"
#include "visits.h"

static char a[] = "a", b[] = "b", mix[] = "day", tier[] = "a-8k", other_tier[] = "a-32k";

/* A visit with four steady requests around 0.2 s that vary by 1 %, of prompts of 100 tokens. */
static struct step visit_to(char *model, size_t index)
{
    struct step step = step_to(model, index, 0.5);

    step.row.input_tokens = 100;
    step.measurement.batch_size = NAN;
    return step;
}

static struct mix_visited visited_by(const struct step *step, size_t count)
{
    struct step member = visit_to(a, 9);
    struct mix_visited visited = {{{0}}};

    member.row.mix = mix;
    member.configuration = tier;
    mix_visited_add(step, count, &member, &visited);
    return visited;
}

static void test_only_visits_that_asked_for_the_same_count(void **state)
{
    struct step step[8];
    struct mix_visited visited;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(step); i++)
        step[i] = visit_to(i == 1 ? b : a, i);
    step[2].row.mix = mix;
    step[3].row.input_tokens = 200;
    step[4].configuration = other_tier;
    step[5].measurement.reason = SWITCH_ONE_REQUEST;
    step[6].measurement.batch_size = 4; /* the first is of single requests */
    step[7].row.stddev_input_tokens = 10;
    visited = visited_by(step, COUNT_OF(step));
    assert_int_equal(visited.steady[SWITCH_SERVER].requests, 4);
    assert_int_equal(visited.steady[SWITCH_CLIENT].requests, 0);
    assert_true(fabs(visited.steady[SWITCH_SERVER].mean_log - log(0.2)) < 1e-9);
    assert_true(fabs(visited.steady[SWITCH_SERVER].deviation - 0.01) < 1e-9);
    assert_true(visited.steady[SWITCH_SERVER].size == 1);
}

/* Four around ln 0.2 and four around ln 0.22: mean and deviation of all eight. */
static void test_visits_are_one_sample(void **state)
{
    struct step step[2] = {visit_to(a, 0), visit_to(a, 1)};
    double apart = log(0.22 / 0.2), mean = log(0.2) + apart / 2;
    double squares = 2 * 3e-4 + 8 * apart * apart / 4;
    struct mix_visited visited;

    (void)state;
    step[1].measurement.side[SWITCH_SERVER].log_ratio = log(0.5 / 0.22);
    visited = visited_by(step, 2);
    assert_int_equal(visited.steady[SWITCH_SERVER].requests, 8);
    assert_true(fabs(visited.steady[SWITCH_SERVER].mean_log - mean) < 1e-9);
    assert_true(fabs(visited.steady[SWITCH_SERVER].deviation - sqrt(squares / 7)) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_visits_that_asked_for_the_same_count),
        cmocka_unit_test(test_visits_are_one_sample),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
