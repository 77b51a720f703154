/* What a mix's own requests tell of switching: two members on a node that keeps one of them. */
#include "stats/mix_measure.h"

#include "core/random.h"
#include "mixes.h"
#include "support.h"

enum { CALLS = 600 };

struct served_mix {
    struct outcome outcome[2][CALLS];
    size_t count[2], paid[2];
    double end_s, sum_s; /* of the last; of switches */
    double longer_s;     /* than with everything loaded, on average */
};

/* Calls at random moments, each 0.1 s to the first token and 0.1 s more; a switch takes `switch_s`.
 */
static void serve(double rate, double switch_s, bool server, struct served_mix *mix)
{
    const uint64_t key[] = {0x6d6d, 1};
    double at_s = 1, free_s = 0, ideal_s = 0;
    struct random random;
    size_t before = 2;

    random_init(&random, key, 2);
    *mix = (struct served_mix){.count = {0}};
    for (size_t i = 0; i < CALLS; i++) {
        size_t m = random_unit(&random) < 0.3;
        double hit_s = 0.1 * exp(0.02 * random_normal(&random));
        bool pays = m != before && i > 0;
        double ttft_s = hit_s + (pays ? switch_s : 0), begin_s, without_s;

        at_s += random_exponential(&random) / rate;
        begin_s = fmax(at_s, free_s);
        without_s = fmax(at_s, ideal_s);
        free_s = begin_s + ttft_s + 0.1;
        ideal_s = without_s + hit_s + 0.1;
        mix->outcome[m][mix->count[m]++] = server ? served(at_s, begin_s, ttft_s, free_s)
                                                  : seen(at_s, begin_s + ttft_s - at_s, free_s);
        mix->paid[m] += pays;
        mix->sum_s += pays ? switch_s : 0;
        mix->longer_s += (free_s - ideal_s) / CALLS;
        before = m;
    }
    mix->end_s = free_s;
}

static struct mix_switching measure_within(const struct served_mix *mix, double from_s,
                                           double until_s)
{
    const struct mix_visited visited[2] = {{{{0}}}};
    const struct mix_outcomes outcomes[] = {
        {each(mix->outcome[0], mix->count[0]), mix->count[0], 0},
        {each(mix->outcome[1], mix->count[1]), mix->count[1], 1}};
    struct mix_calls calls;
    struct mix_switching found;

    mix_calls_make(outcomes, 2, &calls);
    found = mix_measure(&calls, visited, 2, from_s, until_s);
    mix_calls_clear(&calls);
    return found;
}

static struct mix_switching measure(const struct served_mix *mix)
{
    return measure_within(mix, -INFINITY, INFINITY);
}

static void expect_range(const char *name, struct mix_range range, double truth, double within)
{
    if (!(fabs(range.value - truth) <= within) || !(range.low <= truth && truth <= range.high))
        fail_msg("%s: %g (%g to %g), not %g", name, range.value, range.low, range.high, truth);
}

static void test_what_was_paid_is_measured(void **state)
{
    static struct served_mix mix;
    struct mix_switching found;

    (void)state;
    serve(2, 0.15, true, &mix);
    found = measure(&mix);
    assert_int_equal(found.reason, MIX_MEASURED);
    assert_int_equal(found.calls, CALLS);
    expect_range("paid", found.switch_paid_share, (double)(mix.paid[0] + mix.paid[1]) / CALLS,
                 1e-6);
    expect_range("a call", found.switch_s_per_call, mix.sum_s / CALLS, 0.002);
    expect_range("of the time", found.switch_time_share, mix.sum_s / (mix.end_s - 1), 0.01);
    expect_range("longer", found.switch_wait_s_per_call, mix.longer_s, 0.05 * mix.longer_s);
    assert_true(fabs(found.calls_in_a_row - 1) < 0.15);
    assert_true(found.overtaken_share == 0); /* served in order */
    for (size_t m = 0; m < 2; m++) {
        const struct mix_member_switching *member = &found.member[m];

        expect_range("switch", member->switch_s, 0.15, 0.003);
        expect_range("member's paid", member->switch_paid_share,
                     (double)mix.paid[m] / (double)mix.count[m], 1e-6);
        expect_range("difference", member->difference_s, 0.15, 0.005);
        assert_true(fabs(member->hit_s - 0.1) < 0.002);
        assert_int_equal(member->after_same + member->after_other, mix.count[m]);
        assert_true(fabs(member->service_s - 0.2) < 0.002);
    }
    mix_switching_clear(&found);
}

/* The true zero has a bound. */
static void test_where_nothing_switches_there_is_a_bound(void **state)
{
    static struct served_mix mix;
    struct mix_switching found;

    (void)state;
    serve(2, 0, true, &mix);
    found = measure(&mix);
    assert_true(found.switch_paid_share.value == 0 && found.switch_paid_share.high < 0.02);
    assert_true(found.switch_s_per_call.value == 0 && found.switch_s_per_call.high < 0.001);
    expect_range("longer", found.switch_wait_s_per_call, 0, 0.002);
    mix_switching_clear(&found);
}

/* The client's TTFT holds the queue: it counts where hardly anything queues, and else not. */
static void test_a_clients_clock_needs_an_idle_node(void **state)
{
    static struct served_mix mix;
    struct mix_switching found;

    (void)state;
    serve(0.5, 0.15, false, &mix);
    found = measure(&mix);
    assert_int_equal(found.reason, MIX_MEASURED);
    assert_int_equal(found.source, SWITCH_CLIENT);
    expect_range("a call", found.switch_s_per_call, mix.sum_s / CALLS, 0.1 * mix.sum_s / CALLS);
    assert_true(isnan(found.switch_wait_s_per_call.value));
    mix_switching_clear(&found);
    serve(2, 0.15, false, &mix);
    found = measure(&mix);
    assert_int_equal(found.reason, MIX_FROM_HERE);
    assert_int_equal(found.member[0].reason, MIX_FROM_HERE);
    assert_true(isnan(found.switch_paid_share.value));
    mix_switching_clear(&found);
}

static void test_too_few_are_no_measurement(void **state)
{
    static struct served_mix mix;
    struct mix_switching found;

    (void)state;
    serve(2, 0.15, true, &mix);
    mix.count[0] = mix.count[1] = 4;
    found = measure(&mix);
    assert_int_equal(found.reason, MIX_TOO_FEW);
    mix_switching_clear(&found);
    mix.count[0] = mix.count[1] = 0;
    found = measure(&mix);
    assert_int_equal(found.reason, MIX_TOO_FEW);
    mix_switching_clear(&found);
}

/* Only calls of a part of the time count. */
static void test_a_window_is_kept(void **state)
{
    static struct served_mix mix;
    struct mix_switching found;

    (void)state;
    serve(2, 0.15, true, &mix);
    found = measure_within(&mix, 50, 150);
    assert_true(found.calls > 150 && found.calls < 250);
    mix_switching_clear(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_paid_is_measured),
        cmocka_unit_test(test_where_nothing_switches_there_is_a_bound),
        cmocka_unit_test(test_a_clients_clock_needs_an_idle_node),
        cmocka_unit_test(test_too_few_are_no_measurement),
        cmocka_unit_test(test_a_window_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
