/* A request that is ready early waits for its moment; how early it is taken up is learned. */
#include "load/ahead.h"

#include "core/clock.h"
#include "support.h"

static void test_none_leaves_before_its_moment(void **state)
{
    struct ahead ahead;

    (void)state;
    ahead_init(&ahead);
    for (int i = 0; i < 100; i++) {
        int64_t moment_ns = clock_monotonic_ns() + 50000;

        assert_true(ahead_hold(&ahead, moment_ns) >= moment_ns);
    }
}

static void test_who_is_late_leaves_at_once(void **state)
{
    struct ahead ahead;
    int64_t before_ns = clock_monotonic_ns(), left_ns;

    (void)state;
    ahead_init(&ahead);
    left_ns = ahead_hold(&ahead, before_ns - 1);
    assert_true(left_ns >= before_ns && left_ns <= clock_monotonic_ns());
}

static void test_a_moment_that_is_far_is_not_waited_for(void **state)
{
    int64_t far_ns = clock_monotonic_ns() + 1000 * CLOCK_NS_PER_S;
    struct ahead ahead;

    (void)state;
    ahead_init(&ahead);
    assert_true(ahead_hold(&ahead, far_ns) < far_ns);
}

/* One that takes so long to be made ready. */
static void make_ready(struct ahead *ahead, int64_t takes_ns)
{
    ahead_begin(ahead);
    ahead->begun_ns -= takes_ns;
    ahead_hold(ahead, 0);
    ahead_end(ahead);
}

static void test_the_lead_grows_to_what_it_takes_and_no_further(void **state)
{
    struct ahead ahead;

    (void)state;
    ahead_init(&ahead);
    for (int i = 0; i < 1000; i++)
        make_ready(&ahead, CLOCK_NS_PER_S);
    assert_int_equal(ahead.lead_ns, AHEAD_MOST_NS);
    for (int i = 0; i < 1000; i++)
        make_ready(&ahead, -CLOCK_NS_PER_S);
    assert_int_equal(ahead.lead_ns, 0);
}

/* One of twenty takes long: the lead is for the others. One of four: for these, too. */
static void test_the_lead_is_for_nine_of_ten(void **state)
{
    struct ahead seldom, often;

    (void)state;
    ahead_init(&seldom);
    ahead_init(&often);
    for (int i = 0; i < 5000; i++) {
        make_ready(&seldom, i % 20 ? -CLOCK_NS_PER_S : CLOCK_NS_PER_S);
        make_ready(&often, i % 4 ? -CLOCK_NS_PER_S : CLOCK_NS_PER_S);
    }
    assert_true(seldom.lead_ns < AHEAD_MOST_NS / 10);
    assert_true(often.lead_ns > AHEAD_MOST_NS / 10 * 9);
}

static void test_what_is_not_being_made_ready_teaches_nothing(void **state)
{
    struct ahead ahead;
    int64_t lead_ns;

    (void)state;
    ahead_init(&ahead);
    lead_ns = ahead.lead_ns;
    ahead_begin(&ahead);
    ahead_end(&ahead);
    ahead_hold(&ahead, 0); /* its connection was long in coming */
    assert_int_equal(ahead.lead_ns, lead_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_leaves_before_its_moment),
        cmocka_unit_test(test_who_is_late_leaves_at_once),
        cmocka_unit_test(test_a_moment_that_is_far_is_not_waited_for),
        cmocka_unit_test(test_the_lead_grows_to_what_it_takes_and_no_further),
        cmocka_unit_test(test_the_lead_is_for_nine_of_ten),
        cmocka_unit_test(test_what_is_not_being_made_ready_teaches_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
