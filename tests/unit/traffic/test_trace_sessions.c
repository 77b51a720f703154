/* Which lines of a trace continue a session, and what they ask for. */
#include "traffic/trace_sessions.h"

#include <unistd.h>

#include "support.h"

static const char text[] =
    "{\"at_s\":0,\"model\":\"x\",\"input_tokens\":10,\"output_tokens\":5,\"session\":\"s\"}\n"
    "{\"at_s\":1,\"model\":\"x\",\"input_tokens\":7,\"output_tokens\":1}\n"
    "{\"at_s\":2,\"model\":\"x\",\"input_tokens\":20,\"output_tokens\":3,\"session\":7}\n"
    "{\"at_s\":3,\"model\":\"x\",\"input_tokens\":19,\"output_tokens\":2,\"session\":\"s\"}\n"
    "{\"at_s\":4,\"model\":\"y\",\"input_tokens\":90,\"output_tokens\":2,\"session\":\"s\"}\n"
    "{\"at_s\":5,\"model\":\"x\",\"input_tokens\":23,\"output_tokens\":4,\"session\":7}\n"
    "{\"at_s\":6,\"model\":\"x\",\"input_tokens\":30,\"output_tokens\":6,\"session\":\"s\","
    "\"turn\":3}\n"
    "{\"at_s\":7,\"model\":\"x\",\"input_tokens\":50,\"output_tokens\":1,\"session\":\"s\","
    "\"turn\":1}\n"
    "{\"at_s\":8,\"model\":\"x\",\"input_tokens\":60,\"output_tokens\":1,\"session\":\"s\"}\n";

static const struct trace_mapping mapping[] = {{"x", "a"}, {"y", "b"}};

static void open_file(char *path, const char *bytes, size_t length)
{
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), (ssize_t)length);
    close(file);
}

static void count(void *context, const struct trace_request *request)
{
    (void)request;
    ++*(size_t *)context;
}

static void test_lines_of_a_session_follow_each_other(void **state)
{
    static const bool begins[] = {true, true, true, false, false, false, true, false};
    static const size_t turns[] = {3, 1, 2, 2};
    static const struct {
        size_t session, turn;
        struct trace_turn is;
    } later[] = {{0, 2, {3, 19, 2, 4}},
                 {0, 3, {6, 30, 6, 9}},
                 {2, 2, {5, 23, 4, 0}}, /* 20 + 3 came before */
                 {3, 2, {8, 60, 1, 9}}};
    char path[] = "/tmp/test_trace_sessions.XXXXXX";
    const struct trace_asked asked = {
        .path = path, .mapping = mapping, .mappings = COUNT_OF(mapping), .model = "a"};
    size_t heard = 0, too_long = 9;
    const struct trace_sessions_hearer hearer = {count, &heard};
    struct trace_sessions sessions;
    struct error error;

    (void)state;
    open_file(path, text, sizeof text - 1);
    assert_true(trace_sessions_read(&sessions, &asked, &hearer, &too_long, &error));
    assert_int_equal(heard, COUNT_OF(begins));
    assert_int_equal(too_long, 0);
    assert_int_equal(sessions.sessions, COUNT_OF(turns));
    assert_int_equal(sessions.turns_most, 3);
    assert_int_equal(sessions.apart, 1);
    for (size_t i = 0; i < COUNT_OF(begins); i++)
        assert_int_equal(trace_sessions_begins(&sessions, i), begins[i]);
    for (size_t i = 0; i < COUNT_OF(turns); i++)
        assert_int_equal(trace_sessions_turns(&sessions, i), turns[i]);
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        const struct trace_turn *turn =
            trace_sessions_turn(&sessions, later[i].session, later[i].turn);

        expect_number("moment", turn->at_s, later[i].is.at_s);
        assert_int_equal(turn->input_tokens, later[i].is.input_tokens);
        assert_int_equal(turn->output_tokens, later[i].is.output_tokens);
        assert_int_equal(turn->own_tokens, later[i].is.own_tokens);
    }
    trace_sessions_clear(&sessions);
    unlink(path);
}

/* `sessions` of `turns` lines each, one line of each after another. */
static void write_many(char *path, size_t sessions, size_t turns)
{
    struct text lines = {0};

    for (size_t t = 0; t < turns; t++) {
        for (size_t s = 0; s < sessions; s++)
            text_printf(&lines,
                        "{\"at_s\":%zu,\"model\":\"x\",\"input_tokens\":%zu,"
                        "\"output_tokens\":1,\"session\":%zu}\n",
                        t, 3 * t + s % 5 + 1, 1000 * s);
    }
    open_file(path, lines.bytes, lines.length);
    text_clear(&lines);
}

static void test_many_and_long_ones(void **state)
{
    static const struct {
        const char *name;
        size_t sessions, turns, found, most;
    } cases[] = {
        {"of one line each", 500, 1, 500, 1},
        {"many", 500, 4, 500, 4},
        {"as long as may be", 1, TRACE_TURNS_MOST, 1, TRACE_TURNS_MOST},
        {"longer", 1, TRACE_TURNS_MOST + 10, 2, TRACE_TURNS_MOST},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[] = "/tmp/test_trace_sessions.XXXXXX";
        const struct trace_asked asked = {
            .path = path, .mapping = mapping, .mappings = COUNT_OF(mapping), .model = "a"};
        struct trace_sessions sessions;
        struct error error;
        size_t later = 0;

        write_many(path, cases[i].sessions, cases[i].turns);
        assert_true(trace_sessions_read(&sessions, &asked, NULL, NULL, &error));
        expect_true(cases[i].name, sessions.sessions == cases[i].found);
        expect_true(cases[i].name, sessions.turns_most == cases[i].most);
        for (size_t s = 0; s < sessions.sessions; s++) {
            size_t turns = trace_sessions_turns(&sessions, s);

            for (size_t t = 2; t <= turns; t++)
                expect_number(cases[i].name, trace_sessions_turn(&sessions, s, t)->own_tokens, 2);
            later += turns - 1;
        }
        expect_true(cases[i].name, later == cases[i].sessions * cases[i].turns - sessions.sessions);
        trace_sessions_clear(&sessions);
        unlink(path);
    }
}

static void test_a_fault_of_the_file_is_told(void **state)
{
    static const char bad[] = "{\"at_s\":0,\"model\":\"x\",\"input_tokens\":10}\n";
    char path[] = "/tmp/test_trace_sessions.XXXXXX";
    const struct trace_asked asked = {
        .path = path, .mapping = mapping, .mappings = COUNT_OF(mapping), .model = "a"};
    struct trace_sessions sessions;
    struct error error;

    (void)state;
    open_file(path, bad, sizeof bad - 1);
    assert_false(trace_sessions_read(&sessions, &asked, NULL, NULL, &error));
    trace_sessions_clear(&sessions);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_of_a_session_follow_each_other),
        cmocka_unit_test(test_many_and_long_ones),
        cmocka_unit_test(test_a_fault_of_the_file_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
