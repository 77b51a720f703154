/* When the node stands still, and until when. */
#include "sim/pause.h"

#include "support.h"

/* Of a node that started at 1000, every 100 for 30: 1100 to 1130, 1200 to 1230, … */
static void test_what_falls_into_a_pause_waits_for_its_end(void **state)
{
    static const struct {
        int64_t at_ns, end_ns, begin_ns;
    } cases[] = {
        {900, 900, 900},    /* before the start */
        {1000, 1000, 1000}, /* none begins with the node */
        {1029, 1029, 1029}, {1030, 1030, 1030},
        {1099, 1099, 1099}, {1100, 1130, 1100},
        {1129, 1130, 1129}, {1130, 1130, 1100}, /* it ends */
        {1131, 1131, 1131}, {1215, 1230, 1215},
        {1230, 1230, 1200}, {1000 + 1000000, 1000 + 1000030, 1001000},
    };
    const struct pauses pauses = {1000, 100, 30};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(pauses_end_ns(&pauses, cases[i].at_ns), cases[i].end_ns);
        assert_int_equal(pauses_begin_ns(&pauses, cases[i].at_ns), cases[i].begin_ns);
    }
}

static void test_seconds_become_nanoseconds(void **state)
{
    const struct bundle_pauses about = {.every_s = 2, .for_s = 0.4};
    const struct pauses pauses = pauses_from(&about, 5);

    (void)state;
    assert_int_equal(pauses_end_ns(&pauses, 2000000005), 2400000005);
    assert_int_equal(pauses_end_ns(&pauses, 2000000004), 2000000004);
}

static void test_without_pauses_nothing_waits(void **state)
{
    const struct pauses none = {0};

    (void)state;
    for (int64_t at_ns = -5; at_ns < 5; at_ns++) {
        assert_int_equal(pauses_end_ns(&none, at_ns), at_ns);
        assert_int_equal(pauses_begin_ns(&none, at_ns), at_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_falls_into_a_pause_waits_for_its_end),
        cmocka_unit_test(test_seconds_become_nanoseconds),
        cmocka_unit_test(test_without_pauses_nothing_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
