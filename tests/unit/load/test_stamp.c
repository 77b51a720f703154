/* The kernel's time of arrival, on a connection of our own. */
#include "load/stamp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "pair.h"
#include "support.h"

static void test_the_stamp_lies_between_send_and_look(void **state)
{
    struct pair pair = connect_pair();
    int64_t before, after, stamp;

    (void)state;
    wait_for_stamps(&pair);
    assert_true(look(pair.ours) == CLOCK_NEVER); /* nothing waits */
    before = clock_monotonic_ns();
    assert_int_equal(write(pair.theirs, "a", 1), 1);
    after = clock_monotonic_ns();
    wait_ms(20);
    stamp = look(pair.ours);
    assert_true(stamp > before - 20000 && stamp < after + 20000); /* how well the clocks compare */
    assert_true(look(pair.ours) != CLOCK_NEVER);                  /* the byte is still there */
    close_pair(&pair);
}

/* The kernel joins packets that wait, but not so many. */
static void test_the_last_byte_has_a_stamp_of_its_own(void **state)
{
    struct pair pair = connect_pair();
    struct stamp_offset offset = {0};
    static const char piece[100];
    int64_t first, before, after, stamp;
    int at_once = 1;

    (void)state;
    wait_for_stamps(&pair);
    setsockopt(pair.theirs, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    stamp_sample(&offset, clock_monotonic_ns(), true);
    assert_true(stamp_last_byte_ns(pair.ours, &offset) == CLOCK_NEVER); /* nothing waits */
    for (int i = 0; i < 100; i++)
        assert_int_equal(write(pair.theirs, piece, sizeof piece), sizeof piece);
    wait_ms(20);
    before = clock_monotonic_ns();
    assert_int_equal(write(pair.theirs, piece, sizeof piece), sizeof piece);
    after = clock_monotonic_ns();
    wait_ms(20);
    first = stamp_look(pair.ours, &offset).came_ns;
    stamp = stamp_last_byte_ns(pair.ours, &offset);
    assert_true(first < before - 10000000);
    assert_true(stamp > before - 20000 && stamp < after + 20000);
    assert_true(stamp_look(pair.ours, &offset).came_ns == first); /* all still there */
    close_pair(&pair);
}

static void test_without_being_asked_the_kernel_tells_nothing(void **state)
{
    struct pair pair = connect_pair();

    (void)state;
    assert_int_equal(write(pair.ours, "a", 1), 1); /* the other end was not asked */
    wait_ms(1);
    assert_true(look(pair.theirs) == CLOCK_NEVER);
    close_pair(&pair);
}

static void test_what_was_received_counts_read_or_not(void **state)
{
    struct pair pair = connect_pair();
    char byte;

    (void)state;
    assert_int_equal(stamp_received_bytes(pair.ours), -1); /* nothing was */
    assert_int_equal(write(pair.theirs, "ab", 2), 2);
    wait_ms(20);
    assert_int_equal(stamp_received_bytes(pair.ours), 2);
    assert_int_equal(read(pair.ours, &byte, 1), 1);
    assert_int_equal(stamp_received_bytes(pair.ours), 2);
    assert_int_equal(write(pair.theirs, "c", 1), 1);
    wait_ms(20);
    assert_int_equal(stamp_received_bytes(pair.ours), 3);
    assert_int_equal(stamp_received_bytes(-1), -1);
    close_pair(&pair);
}

static void test_a_broken_connection_is_reported(void **state)
{
    struct pair pair = connect_pair();
    struct linger at_once = {1, 0};
    struct stamp_offset offset = {0};
    struct stamp_look look;

    (void)state;
    setsockopt(pair.theirs, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(pair.theirs);
    pair.theirs = -1;
    wait_for_something(pair.ours);
    look = stamp_look(pair.ours, &offset);
    assert_true(look.came_ns == CLOCK_NEVER);
    assert_int_equal(look.trouble, ECONNRESET);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_stamp_lies_between_send_and_look),
        cmocka_unit_test(test_the_last_byte_has_a_stamp_of_its_own),
        cmocka_unit_test(test_without_being_asked_the_kernel_tells_nothing),
        cmocka_unit_test(test_what_was_received_counts_read_or_not),
        cmocka_unit_test(test_a_broken_connection_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
