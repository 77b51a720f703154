/* Time: seconds between moments, and moments as people and files read them. */
#include "core/clock.h"

#include <time.h>

#include "support.h"

/* 2026-03-01 23:59:59.123456789 UTC, by `date -u -d … +%s`. */
static const int64_t moment = 1772409599123456789;

static void test_seconds_between_moments(void **state)
{
    static const struct {
        const char *name;
        int64_t from, to;
        double seconds;
    } cases[] = {
        {"one and a half", 1000000000, 2500000000, 1.5},
        {"none", 7, 7, 0},
        {"back", 2000000000, 1000000000, -1},
        {"no start", CLOCK_NEVER, 7, NAN},
        {"no end", 7, CLOCK_NEVER, NAN},
        {"one nanosecond", 0, 1, 1e-9},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_number(cases[i].name, clock_seconds(cases[i].from, cases[i].to), cases[i].seconds);
}

static void test_seconds_become_whole_nanoseconds(void **state)
{
    static const struct {
        const char *name;
        double seconds;
        int64_t ns;
    } cases[] = {
        {"a tenth", 0.1, 100000000},
        {"rounded up", 1.6e-9, 2},
        {"rounded down", 1.4e-9, 1},
        {"back", -1.5, -1500000000},
        {"past what fits", 1e12, INT64_MAX},
        {"infinite", INFINITY, INT64_MAX},
        {"far back is not CLOCK_NEVER", -1e12, -INT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i].name, clock_from_seconds(cases[i].seconds) == cases[i].ns);
}

static void test_moments_as_text(void **state)
{
    char text[CLOCK_TEXT];

    (void)state;
    setenv("TZ", "UTC-2", 1); /* POSIX: two hours ahead of UTC */
    tzset();
    clock_format_utc(moment, text);
    assert_string_equal(text, "2026-03-01T23:59:59.123456Z");
    clock_format_time_of_day(moment, text);
    assert_string_equal(text, "01:59:59.123456");
    clock_format_name(moment, text);
    assert_string_equal(text, "20260302-015959");
    clock_format_time_of_day(moment - moment % CLOCK_NS_PER_S, text);
    assert_string_equal(text, "01:59:59.000000");
}

static void test_the_monotonic_clock_goes_on(void **state)
{
    int64_t before = clock_monotonic_ns();
    const struct timespec pause = {0, 2000000};

    (void)state;
    nanosleep(&pause, NULL);
    assert_true(clock_monotonic_ns() - before >= 2000000);
    assert_true(clock_wall_ns() / CLOCK_NS_PER_S >= time(NULL) - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seconds_between_moments),
        cmocka_unit_test(test_seconds_become_whole_nanoseconds),
        cmocka_unit_test(test_moments_as_text),
        cmocka_unit_test(test_the_monotonic_clock_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
