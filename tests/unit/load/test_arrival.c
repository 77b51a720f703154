/* What a socket tells before it is read late: the last byte is looked at where there may be several
 * chunks, and only there. */
#include "load/arrival.h"

#include "load/loop.h"
#include "pair.h"

enum { CHUNK = 200 };

struct late_read {
    struct pair pair;
    struct socket_about about[1024];
    struct loop loop;
};

static void begin(struct late_read *read)
{
    memset(read, 0, sizeof *read);
    read->pair = connect_pair();
    wait_for_stamps(&read->pair);
    assert_true(read->pair.ours < (int)COUNT_OF(read->about));
    read->loop.about = read->about;
    read->loop.about_room = COUNT_OF(read->about);
}

/* Chunks come one by one, are looked at late, and read. */
static void read_late(struct late_read *read, int chunks)
{
    static char bytes[4 * CHUNK];

    for (int i = 0; i < chunks; i++) {
        assert_int_equal(write(read->pair.theirs, bytes, CHUNK), CHUNK);
        wait_ms(2);
    }
    stamp_sample(&read->loop.offset, clock_monotonic_ns());
    arrival_note(&read->loop, read->pair.ours, true);
    assert_true(read->loop.stamped);
    assert_int_equal(recv(read->pair.ours, bytes, sizeof bytes, 0), chunks * CHUNK);
    arrival_note_taken(&read->loop, read->pair.ours, (uint64_t)chunks);
}

static void test_the_last_byte_is_looked_at_where_there_may_be_several(void **state)
{
    struct late_read read;

    (void)state;
    begin(&read);
    read_late(&read, 1); /* how large a chunk is, is not known */
    assert_true(read.loop.last_ns >= read.loop.arrival_ns);
    assert_true(read.loop.late_bytes > 0);
    read_late(&read, 1);
    assert_true(read.loop.last_ns ==
                CLOCK_NEVER); /* nothing is claimed of what follows the first */
    assert_true(read.loop.late_bytes == -1);
    assert_true(read.loop.arrival_ns < read.loop.seen_ns - ARRIVAL_TOGETHER_NS);
    read_late(&read, 2);
    assert_true(read.loop.last_ns >= read.loop.arrival_ns);
    close_pair(&read.pair);
}

static void test_shared_connections_are_looked_at_always(void **state)
{
    struct late_read read;

    (void)state;
    begin(&read);
    read.loop.shared = true;
    read_late(&read, 1);
    read_late(&read, 1);
    assert_true(read.loop.last_ns >= read.loop.arrival_ns);
    close_pair(&read.pair);
}

static void test_the_smallest_chunk_counts(void **state)
{
    struct late_read read;
    struct socket_about *about;

    (void)state;
    begin(&read);
    read_late(&read, 1);
    about = &read.about[read.pair.ours];
    assert_int_equal(about->least, CHUNK);
    about->waited = CHUNK;
    arrival_note_taken(&read.loop, read.pair.ours, 4); /* three came since the look */
    assert_int_equal(about->least, CHUNK / 4);
    arrival_note_taken(&read.loop, read.pair.ours, 0); /* a piece of one */
    assert_int_equal(about->least, CHUNK / 4);
    close_pair(&read.pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_byte_is_looked_at_where_there_may_be_several),
        cmocka_unit_test(test_shared_connections_are_looked_at_always),
        cmocka_unit_test(test_the_smallest_chunk_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
