/* What a socket tells before it is read late: when its first byte came, and when its last. */
#include "load/arrival.h"

#include "interrupted.h"
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
    stamp_sample(&loop.offset, clock_monotonic_ns(), true);
    arrival_note(&loop, pair.ours, true);
    assert_true(loop.stamped);
    assert_true(loop.arrival_ns < loop.seen_ns - ARRIVAL_TOGETHER_NS);
    assert_true(loop.last_ns >= loop.arrival_ns && loop.last_ns <= loop.seen_ns);
    assert_true(loop.late_bytes >= 2 * CHUNK);
    close_pair(&pair);
}

/* What libcurl would hand on now, in one piece. */
static int64_t moment_of_the_last(struct loop *loop)
{
    arrival_take_begin(loop);
    return loop->stamped && loop->last_ns != CLOCK_NEVER ? loop->last_ns : loop->seen_ns;
}

/* `set_ns`: the wall clock seems to have been set since the sample, so that no stamp counts. */
static void look_interrupted(int call, int wait_before_ms, int wait_after_ms, int64_t set_ns)
{
    static const char chunk[CHUNK];
    struct socket_about about[1024] = {0};
    struct pair pair = connect_pair();
    struct loop loop = {.about = about, .about_room = COUNT_OF(about)};
    char bytes[2 * CHUNK];
    int64_t sent_ns, told_ns;

    wait_for_stamps(&pair);
    assert_int_equal(write(pair.theirs, chunk, CHUNK), CHUNK);
    wait_ms(wait_before_ms);
    stamp_sample(&loop.offset, clock_monotonic_ns(), true);
    loop.offset.ahead_ns += set_ns;
    interrupt_call(call, pair.theirs, chunk, CHUNK);
    arrival_note(&loop, pair.ours, true);
    sent_ns = interrupt_end();
    wait_ms(wait_after_ms);
    assert_int_equal(recv(pair.ours, bytes, sizeof bytes, MSG_WAITALL), sizeof bytes);
    told_ns = moment_of_the_last(&loop);
    assert_true(told_ns >= sent_ns - ARRIVAL_TOGETHER_NS && told_ns <= clock_monotonic_ns());
    close_pair(&pair);
}

/* Whoever looks may be interrupted before each call that tells something, and bytes come then. */
static void test_what_comes_during_the_look_is_not_told_to_have_come_before(void **state)
{
    (void)state;
    for (int call = 1; call <= 3; call++) {
        for (int wait = 0; wait < 4; wait++) {
            look_interrupted(call, 2 * (wait & 1), wait & 2, 0);
            look_interrupted(call, 2 * (wait & 1), wait & 2, 1000000);
        }
    }
}

/* What is read is of the past, whatever a clock that was set makes of its stamp. */
static void test_a_stamp_later_than_now_tells_nothing(void **state)
{
    static struct socket_about about[1];
    struct loop loop = {.about = about, .about_room = COUNT_OF(about)};
    int64_t hour_ns = 3600 * CLOCK_NS_PER_S, seen_ns = clock_monotonic_ns();

    (void)state;
    stamp_sample(&loop.offset, seen_ns, true);
    arrival_note_whole(&loop, 0, seen_ns, seen_ns + hour_ns, seen_ns + hour_ns);
    assert_false(loop.stamped);
    assert_true(loop.arrival_ns <= clock_monotonic_ns() && loop.seen_ns <= clock_monotonic_ns());
    arrival_note_whole(&loop, 0, clock_monotonic_ns(), CLOCK_NEVER, seen_ns + hour_ns);
    assert_false(loop.stamped);
}

/* Nobody knows what libcurl reads when it has the turn again. */
static void test_what_may_have_come_while_bytes_were_taken_came_by_now(void **state)
{
    struct loop loop = {.late_bytes = -1, .stamped = true};
    int64_t before_ns = clock_monotonic_ns();

    (void)state;
    loop.arrival_ns = loop.last_ns = loop.seen_ns = loop.taken_ns = before_ns;
    arrival_take_begin(&loop);
    wait_ms(2);
    arrival_take_end(&loop);
    assert_true(moment_of_the_last(&loop) >= before_ns + 2000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_late_look_tells_of_the_first_byte_and_the_last),
        cmocka_unit_test(test_what_comes_during_the_look_is_not_told_to_have_come_before),
        cmocka_unit_test(test_a_stamp_later_than_now_tells_nothing),
        cmocka_unit_test(test_what_may_have_come_while_bytes_were_taken_came_by_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
