/* The way of a search: what it does after steps that are made up, and on queues in virtual time
 * whose truth is known by a formula. */
#include "stats/climb.h"

#include "core/random.h"
#include "stats/knee.h"
#include "support.h"

static struct climb open_climb(double low, double high, double start)
{
    return (struct climb){.rule = {.trial = {.share = 0.95, .open_loop = true, .resolution = 0.05},
                                   .low = low,
                                   .high = high,
                                   .start = start,
                                   .confirm = true}};
}

static struct trial made_up(double load, enum trial_verdict verdict)
{
    size_t good = verdict == TRIAL_KEPT ? 100 : 5;

    return (struct trial){.load = load,
                          .calls = 100,
                          .good = good,
                          .inflation = 1,
                          .alike = 1,
                          .in_flight = 2,
                          .growth = NAN,
                          .growth_error = NAN,
                          .verdict = verdict,
                          .throughput = NAN,
                          .throughput_error = NAN};
}

static double next_load(const struct climb *climb)
{
    struct climb_step next;
    struct climb_result result;

    return climb_next(climb, &next, &result) ? next.load : NAN;
}

static void add(struct climb *climb, double load, enum trial_verdict verdict)
{
    const struct trial trial = made_up(load, verdict);

    climb_add(climb, &trial, false);
}

static void test_it_doubles_until_one_breaks(void **state)
{
    struct climb climb = open_climb(0.5, 200, 8);
    double between;

    (void)state;
    expect_number("begins at the row's", next_load(&climb), 8);
    add(&climb, 8, TRIAL_KEPT);
    expect_number("doubles", next_load(&climb), 16);
    add(&climb, 16, TRIAL_KEPT);
    add(&climb, 32, TRIAL_BROKEN);
    between = next_load(&climb);
    assert_true(between > 16 && between < 32);
}

static void test_it_lowers_by_more_each_time(void **state)
{
    struct climb climb = open_climb(0.5, 200, 64);

    (void)state;
    add(&climb, 64, TRIAL_BROKEN);
    expect_number("half", next_load(&climb), 32);
    add(&climb, 32, TRIAL_BROKEN);
    expect_number("a quarter of that", next_load(&climb), 8);
    add(&climb, 8, TRIAL_BROKEN);
    expect_number("an eighth of that", next_load(&climb), 1);
}

static struct climb_result ended(const struct climb *climb)
{
    struct climb_step next;
    struct climb_result result;

    assert_false(climb_next(climb, &next, &result));
    return result;
}

static void test_never_and_always_are_said_at_the_ends(void **state)
{
    struct climb never = open_climb(0.5, 200, 8), always = open_climb(0.5, 20, 8);
    struct climb_result result;

    (void)state;
    add(&never, 8, TRIAL_BROKEN);
    add(&never, 4, TRIAL_BROKEN);
    add(&never, 1, TRIAL_BROKEN);
    expect_number("the lowest", next_load(&never), 0.5);
    add(&never, 0.5, TRIAL_BROKEN);
    result = ended(&never);
    assert_true(result.end == CLIMB_NEVER_KEPT && isnan(result.found.load));
    expect_number("the lowest that broke", result.broken, 0.5);
    add(&always, 8, TRIAL_KEPT);
    add(&always, 16, TRIAL_KEPT);
    expect_number("the highest", next_load(&always), 20);
    add(&always, 20, TRIAL_KEPT);
    result = ended(&always);
    assert_true(result.end == CLIMB_ALWAYS_KEPT);
    expect_number("the highest kept", result.kept, 20);
}

/* What the client could not send tells nothing of the endpoint, and ends the search above what was
 * kept. */
static void test_the_client_ends_the_bracket(void **state)
{
    struct climb climb = open_climb(0.5, 200, 8);
    struct trial limited = made_up(16, TRIAL_BROKEN);
    struct climb_result result;

    (void)state;
    limited.client_limited = true;
    climb_add(&climb, &limited, false);
    expect_number("lower", next_load(&climb), 8);
    add(&climb, 8, TRIAL_KEPT);
    result = ended(&climb);
    assert_int_equal(result.end, CLIMB_CLIENT_LIMIT);
    assert_true(result.limited && isnan(result.broken) && isnan(result.found.load));
    expect_number("kept", result.kept, 8);
}

/* --- In virtual time -------------------------------------------------------------------------- */

/* Poisson calls to one place, exponential service of mean 0.1 s: P(wait > t) = ρ e^(−(μ − λ) t)
 * (Erlang 1909), so that with t = 0.9 s and 95 % the load is λ of ρ e^(−(10 − λ) 0.9) = 0.05. */
static double truth_of_one_place(void)
{
    double low = 1, high = 9.999;

    while (high - low > 1e-9) {
        double middle = (low + high) / 2;

        *(middle / 10 * exp(-(10 - middle) * 0.9) <= 0.05 ? &low : &high) = middle;
    }
    return low;
}

static struct trial one_place(const struct climb *climb, const struct climb_step *step,
                              uint64_t seed)
{
    const uint64_t key[] = {seed, climb->count, 5};
    size_t count = step->most + step->warmup;
    struct trial_call *call = memory_new(count, sizeof *call);
    struct trial trial = {0};
    struct random random;
    double now_s = 0, free_s = 0, at = (double)step->warmup + 8;

    random_init(&random, key, 3);
    for (size_t i = 0; i < count; i++) {
        now_s += random_exponential(&random) / step->load;
        call[i] =
            (struct trial_call){now_s, 0, (fmax(free_s, now_s) - now_s) / 0.9, i >= step->warmup};
        free_s = call[i].end_s = fmax(free_s, now_s) + random_exponential(&random) / 10;
    }
    for (; trial.verdict == TRIAL_OPEN && at <= (double)count; at = at * 1.1 + 1)
        trial_look(&climb->rule.trial, call, (size_t)at, &trial);
    if (trial.verdict == TRIAL_OPEN)
        trial_look(&climb->rule.trial, call, count, &trial);
    trial.load = step->load;
    free(call);
    return trial;
}

static struct climb search_one_place(uint64_t seed, double start)
{
    struct climb climb = open_climb(0.5, 200, start);
    struct climb_step next;
    struct climb_result result;

    while (climb_next(&climb, &next, &result)) {
        const struct trial trial = one_place(&climb, &next, seed);

        climb_add(&climb, &trial, next.confirms);
    }
    return climb;
}

/* bench_search counts many; these few say that the way leads there. */
static void test_it_finds_what_one_place_carries(void **state)
{
    double truth = truth_of_one_place(), starts[] = {1, 3, 8, 20, 60, 7};
    size_t near = 0, holds = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        struct climb climb = search_one_place(i + 1, starts[i]);
        struct climb_result result = ended(&climb);

        near += fabs(result.found.load / truth - 1) < 0.1;
        holds += result.found.low < truth && truth < result.found.high;
        assert_true(result.end == CLIMB_FOUND || result.end == CLIMB_NOT_SURE);
    }
    assert_true(near >= COUNT_OF(starts) - 1);
    assert_true(holds >= COUNT_OF(starts) - 2);
}

/* The same steps lead to the same next one, from any point of the way. */
static void test_steps_lead_on_as_they_did(void **state)
{
    struct climb whole = search_one_place(3, 4), again = open_climb(0.5, 200, 4);

    (void)state;
    for (size_t i = 0; i < whole.count; i++) {
        struct climb_step next;
        struct climb_result result;

        assert_true(climb_next(&again, &next, &result));
        assert_true(next.load == whole.trial[i].load && next.confirms == whole.confirms[i]);
        assert_true(next.most + next.warmup <= climb_most_calls(&again.rule));
        climb_add(&again, &whole.trial[i], whole.confirms[i]);
    }
    ended(&again);
}

/* Whole loads: 8 at once are kept, 9 are not. */
static void test_a_whole_load_is_found_exactly(void **state)
{
    struct climb climb = open_climb(1, 64, 1);
    struct climb_step next;
    struct climb_result result;

    (void)state;
    climb.rule.whole = true;
    climb.rule.trial.open_loop = false;
    while (climb_next(&climb, &next, &result)) {
        struct trial trial = made_up(next.load, next.load <= 8 ? TRIAL_KEPT : TRIAL_BROKEN);

        assert_true(next.load == floor(next.load));
        climb_add(&climb, &trial, next.confirms);
    }
    assert_int_equal(result.end, CLIMB_FOUND);
    expect_number("found", result.found.load, 8);
    assert_true(climb.count <= 14 && result.confirmed);
}

/* Requests of one second each, up to eight at once: 8 a second at most, from 8 at once on. */
static void test_the_knee_is_where_throughput_ends_to_grow(void **state)
{
    struct climb climb = open_climb(1, 64, 2);
    struct climb_step next;
    struct climb_result result;

    (void)state;
    climb.rule.whole = climb.rule.knee = true;
    climb.rule.trial.open_loop = false;
    while (climb_next(&climb, &next, &result)) {
        struct trial trial = made_up(next.load, TRIAL_OPEN);

        trial.throughput = fmin(next.load, 8);
        trial.throughput_error = 0.01 * trial.throughput;
        climb_add(&climb, &trial, next.confirms);
    }
    assert_int_equal(result.end, CLIMB_FOUND);
    expect_number("knee", result.found.load, 8);
    expect_number("knee alone", knee_of(&climb).load, 8);
    assert_true(result.found.low <= 8 && result.found.high >= 8 && result.confirmed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_doubles_until_one_breaks),
        cmocka_unit_test(test_it_lowers_by_more_each_time),
        cmocka_unit_test(test_never_and_always_are_said_at_the_ends),
        cmocka_unit_test(test_the_client_ends_the_bracket),
        cmocka_unit_test(test_it_finds_what_one_place_carries),
        cmocka_unit_test(test_steps_lead_on_as_they_did),
        cmocka_unit_test(test_a_whole_load_is_found_exactly),
        cmocka_unit_test(test_the_knee_is_where_throughput_ends_to_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
