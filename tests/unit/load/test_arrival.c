/* What a socket tells before it is read late: when its first byte came, and when its last. */
#include "load/arrival.h"

#include "load/loop.h"
#include "pair.h"

enum { CHUNK = 200 };

static void test_a_late_look_tells_of_the_first_byte_and_the_last(void **state)
{
    static struct socket_about about[1024];
    static const char chunk[CHUNK];
    struct pair pair = connect_pair();
    struct loop loop = {.about = about, .about_room = COUNT_OF(about)};

    (void)state;
    wait_for_stamps(&pair);
    assert_true(pair.ours < (int)COUNT_OF(about));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(write(pair.theirs, chunk, CHUNK), CHUNK);
        wait_ms(2);
    }
    stamp_sample(&loop.offset, clock_monotonic_ns());
    arrival_note(&loop, pair.ours, true);
    assert_true(loop.stamped);
    assert_true(loop.arrival_ns < loop.seen_ns - ARRIVAL_TOGETHER_NS);
    assert_true(loop.last_ns >= loop.arrival_ns && loop.last_ns <= loop.seen_ns);
    assert_true(loop.late_bytes >= 2 * CHUNK);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_late_look_tells_of_the_first_byte_and_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
