/* A wall clock that somebody sets: a stamp tells the time only where it was not set since. */
#include "load/stamp.h"

#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "support.h"

enum { US = 1000, MS = 1000000 };

/* The program's clocks are these. */
static int64_t mono_ns = 1000 * (int64_t)MS, ahead_ns;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int64_t at = clock == CLOCK_REALTIME ? mono_ns + ahead_ns : mono_ns;

    *now = (struct timespec){at / CLOCK_NS_PER_S, at % CLOCK_NS_PER_S};
    return 0;
}

/* Of a packet that came after the sample before. */
static bool holds(struct stamp_offset *offset, int64_t stamp_ns)
{
    return stamp_holds(offset, offset->sampled_ns, stamp_ns, stamp_ns);
}

static void test_a_clock_that_is_only_steered_is_trusted(void **state)
{
    struct stamp_offset offset = {0};

    (void)state;
    ahead_ns = 5000 * (int64_t)MS;
    for (int i = 0; i < 100; i++) {
        stamp_sample(&offset, mono_ns, true);
        assert_true(holds(&offset, mono_ns));
        mono_ns += 2 * MS;
        ahead_ns += 1 * US; /* 500 ppm */
        assert_true(holds(&offset, mono_ns - 10));
    }
    mono_ns += 100 * CLOCK_NS_PER_S; /* and over a long silence */
    ahead_ns += 50 * MS;
    stamp_sample(&offset, mono_ns, true);
    assert_true(holds(&offset, mono_ns));
    assert_int_equal(offset.ahead_ns, ahead_ns);
}

/* Set behind the sample: what comes before the next one is not believed, nor what came before. */
static void test_a_clock_that_was_set_since_the_sample(void **state)
{
    static const int64_t sets[] = {3600 * CLOCK_NS_PER_S, -3600 * CLOCK_NS_PER_S, MS, -MS};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct stamp_offset offset = {0};
        int64_t found_ns;

        stamp_sample(&offset, mono_ns, true);
        ahead_ns += sets[i];
        mono_ns += 10 * US;
        assert_false(holds(&offset, mono_ns));
        stamp_sample(&offset, mono_ns, true); /* at once, though the last is not old */
        found_ns = mono_ns;
        assert_int_equal(offset.ahead_ns, ahead_ns);
        mono_ns += 5 * US;
        assert_false(holds(&offset, found_ns - US)); /* it may have come before */
        assert_true(holds(&offset, found_ns + US));
    }
}

/* Set between two samples: the second tells. */
static void test_a_clock_that_was_set_before_the_sample(void **state)
{
    struct stamp_offset offset = {0};

    (void)state;
    stamp_sample(&offset, mono_ns, true);
    mono_ns += 3 * MS;
    ahead_ns -= 20 * MS;
    stamp_sample(&offset, mono_ns, true);
    assert_false(holds(&offset, mono_ns - MS));
    assert_true(holds(&offset, mono_ns + 1));
}

/* Two looks find nothing where the clock is back at the second: what the kernel reports counts. The
 * descriptor stands for its timer. */
static void test_a_clock_that_was_set_there_and_back(void **state)
{
    struct stamp_offset offset = {.watch = eventfd(0, EFD_NONBLOCK)};

    (void)state;
    stamp_sample(&offset, mono_ns, true);
    assert_true(holds(&offset, mono_ns));
    mono_ns += 3 * MS;
    assert_int_equal(eventfd_write(offset.watch, 2), 0);
    stamp_sample(&offset, mono_ns, true); /* set before this sample */
    assert_false(holds(&offset, mono_ns - MS));
    assert_true(holds(&offset, mono_ns + 1));
    mono_ns += 3 * MS;
    assert_int_equal(eventfd_write(offset.watch, 2), 0);
    assert_false(holds(&offset, mono_ns - MS)); /* set since the sample */
    assert_false(holds(&offset, mono_ns));
    stamp_sample(&offset, mono_ns + 10, true); /* at once */
    assert_true(holds(&offset, mono_ns + 20));
    stamp_unwatch(&offset);
    assert_int_equal(offset.watch, 0);
}

/* What came before the timer was asked was stamped by a clock that nobody had set. */
static void test_a_packet_of_before_the_sample_is_not_doubted(void **state)
{
    struct stamp_offset offset = {.watch = eventfd(0, EFD_NONBLOCK)};

    (void)state;
    stamp_sample(&offset, mono_ns, true);
    assert_int_equal(eventfd_write(offset.watch, 2), 0);
    mono_ns += 10 * US;
    assert_true(holds(&offset, mono_ns - 20 * US));
    assert_false(stamp_holds(&offset, 0, mono_ns - 20 * US, mono_ns - 5 * US));
    stamp_unwatch(&offset);
}

/* By what a clock that was set ahead shows, it came after that. */
static void test_a_packet_of_before_the_clock_was_set_is_not_told_from_one_after(void **state)
{
    struct stamp_offset offset = {0};
    int64_t read_ns;

    (void)state;
    stamp_sample(&offset, mono_ns, true);
    read_ns = mono_ns + US;
    mono_ns += 3 * MS;
    ahead_ns -= 20 * MS; /* a packet waits, of a millisecond ago */
    stamp_sample(&offset, mono_ns, true);
    mono_ns += 30 * MS;
    assert_false(stamp_holds(&offset, read_ns, mono_ns - 11 * MS, mono_ns - 11 * MS));
    assert_true(stamp_holds(&offset, mono_ns - 30 * MS, mono_ns - 11 * MS, mono_ns - 11 * MS));
}

/* Set back before a packet comes and ahead after it: it seems to have come before the timer was
 * asked. */
static void test_a_look_long_after_the_sample_asks_the_timer_again(void **state)
{
    struct stamp_offset offset = {.watch = eventfd(0, EFD_NONBLOCK)};

    (void)state;
    stamp_sample(&offset, mono_ns, true);
    mono_ns += 15 * MS;
    assert_int_equal(eventfd_write(offset.watch, 2), 0);
    assert_false(stamp_holds(&offset, 0, mono_ns - 25 * MS, mono_ns - 25 * MS));
    stamp_unwatch(&offset);
}

static void test_the_kernel_watches_the_clock(void **state)
{
    struct stamp_offset offset = {0};

    (void)state;
    stamp_watch(&offset);
    assert_true(offset.watch > 0);
    stamp_sample(&offset, mono_ns, true);
    assert_true(holds(&offset, mono_ns)); /* nobody has set it */
    stamp_unwatch(&offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_clock_that_is_only_steered_is_trusted),
        cmocka_unit_test(test_a_clock_that_was_set_since_the_sample),
        cmocka_unit_test(test_a_clock_that_was_set_before_the_sample),
        cmocka_unit_test(test_a_clock_that_was_set_there_and_back),
        cmocka_unit_test(test_a_packet_of_before_the_sample_is_not_doubted),
        cmocka_unit_test(test_a_packet_of_before_the_clock_was_set_is_not_told_from_one_after),
        cmocka_unit_test(test_a_look_long_after_the_sample_asks_the_timer_again),
        cmocka_unit_test(test_the_kernel_watches_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
