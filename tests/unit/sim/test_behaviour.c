/* Which tokens share a chunk, what bytes an event becomes, and how many requests are welcome. */
#include "sim/behaviour.h"

#include "core/clock.h"
#include "support.h"

static void test_chunks(void **state)
{
    static const struct {
        int64_t together, reasoning, first, total, count;
    } cases[] = {
        {0, 0, 0, 10, 1},   {1, 0, 9, 10, 1},  {4, 0, 0, 10, 4}, {4, 0, 8, 10, 2},
        {99, 0, 0, 10, 10}, {4, 5, 0, 10, 4},  {4, 5, 4, 10, 1}, {4, 5, 5, 10, 4},
        {4, 5, 9, 10, 1},   {4, 50, 8, 10, 2}, {1, 5, 4, 10, 1}, {4, 50, 0, 10, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct bundle_behaviour behaviour = {.tokens_per_chunk = cases[i].together,
                                                   .reasoning_tokens = cases[i].reasoning};

        assert_int_equal(behaviour_chunk_tokens(&behaviour, cases[i].first, cases[i].total),
                         cases[i].count);
    }
}

static void test_bytes_of_an_event(void **state)
{
    static const struct {
        struct bundle_behaviour behaviour;
        const char *event, *wire;
    } cases[] = {
        {{0}, "data: {}\n\n", "a\r\ndata: {}\n\n\r\n"},
        {{.crlf = true}, "data: {}\n\n", "c\r\ndata: {}\r\n\r\n\r\n"},
        {{.crlf = true}, "{}\n", "4\r\n{}\r\n\r\n"},
        {{.crlf = true}, ": keep-alive\n\n", "10\r\n: keep-alive\r\n\r\n\r\n"},
        {{.no_space = true}, "data: {}\n\n", "9\r\ndata:{}\n\n\r\n"},
        {{.no_space = true}, "data: : x\n\n", "a\r\ndata:: x\n\n\r\n"},
        {{.no_space = true}, "{}\n", "3\r\n{}\n\r\n"},
        {{.event_fields = true}, "data: {}\n\n", "19\r\nevent: message\ndata: {}\n\n\r\n"},
        {{.event_fields = true}, ": keep-alive\n\n", "e\r\n: keep-alive\n\n\r\n"},
        {{.event_fields = true, .crlf = true, .no_space = true},
         "data: {}\n\n",
         "1b\r\nevent: message\r\ndata:{}\r\n\r\n\r\n"},
        {{.bytes_per_piece = 4}, "data: {}\n\n", "4\r\ndata\r\n4\r\n: {}\r\n2\r\n\n\n\r\n"},
        {{.bytes_per_piece = 5}, "data: {}\n\n", "5\r\ndata:\r\n5\r\n {}\n\n\r\n"},
        {{.bytes_per_piece = 50}, "data: {}\n\n", "a\r\ndata: {}\n\n\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text event = {0}, wire = {0};

        text_add_string(&event, cases[i].event);
        behaviour_add_event(&cases[i].behaviour, &event, &wire);
        expect_text(cases[i].event, wire.bytes, cases[i].wire);
        text_clear(&event);
        text_clear(&wire);
    }
}

/* Puts `count` requests at one moment; how many of them are admitted. */
static int admitted(struct rate *rate, double most_per_s, double at_s, int count)
{
    int yes = 0;

    for (int i = 0; i < count; i++)
        yes += rate_admits(rate, most_per_s, clock_from_seconds(at_s));
    return yes;
}

static void test_a_rate(void **state)
{
    struct rate three = {0}, slow = {0}, any = {0};

    (void)state;
    assert_int_equal(admitted(&three, 3, 100, 10), 3);
    assert_int_equal(admitted(&three, 3, 100.3, 10), 0);
    assert_int_equal(admitted(&three, 3, 100.35, 10), 1);
    assert_int_equal(admitted(&three, 3, 101.05, 10), 2);
    assert_int_equal(admitted(&three, 3, 200, 10), 3); /* what was not used is not saved up */
    assert_int_equal(admitted(&slow, 0.5, 100, 10), 1);
    assert_int_equal(admitted(&slow, 0.5, 101.9, 10), 0);
    assert_int_equal(admitted(&slow, 0.5, 102.1, 10), 1);
    assert_int_equal(admitted(&any, 0, 100, 1000), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_bytes_of_an_event),
        cmocka_unit_test(test_a_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
