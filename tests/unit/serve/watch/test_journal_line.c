/* What is picked out of a line of a journal; what is none is left alone. */
#include "serve/watch/journal_line.h"

#include <math.h>
#include <string.h>

#include "support.h"

static void test_lines_are_known(void **state)
{
    static const struct {
        const char *line;
        enum journal_line_kind kind;
        size_t step;
        const char *text;
    } cases[] = {
        {"{\"step\":0,\"begins\":\"synthetic_0\"}", JOURNAL_BEGINS, 0, "synthetic_0"},
        {"{\"step\":262143,\"ends\":\"done\"}", JOURNAL_ENDS, 262143, "done"},
        {"{\"step\":3,\"begins\":\"a\\\"b\"}", JOURNAL_BEGINS, 3, "a\"b"},
        {"{\"step\":0,\"text\":{\"prompt\":{}}}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"fingerprint\":{}}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":262144,\"ends\":\"done\"}", JOURNAL_OTHER, 262144, ""},
        {"{\"step\":99999999999999999999,\"ends\":\"done\"}", JOURNAL_OTHER, 999999, ""},
        {"{\"step\":,\"ends\":\"done\"}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"begins\":7}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"begins\":\"torn", JOURNAL_OTHER, 0, ""},
        {"", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"request\":{}}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":1}}", JOURNAL_REQUEST, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":1}} ", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":1}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":\"b\\", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":\"b\\\"}}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":[[1,\"]\"],{\"b\":[]}]}}", JOURNAL_REQUEST, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":[[1,\"]\"],{\"b\":[]}}", JOURNAL_OTHER, 0, ""},
        {"{\"step\":0,\"request\":{\"a\":,\"b\":1}}", JOURNAL_OTHER, 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct journal_line line;

        print_message("%s\n", cases[i].line);
        journal_line_read(cases[i].line, strlen(cases[i].line), &line);
        assert_int_equal(line.kind, cases[i].kind);
        if (line.kind != JOURNAL_OTHER) {
            assert_int_equal(line.step, cases[i].step);
            assert_string_equal(line.text, cases[i].text);
        }
    }
}

static void read_request(const char *members, struct journal_line *line)
{
    char text[1024];
    int length =
        snprintf(text, sizeof text, "{\"step\":7,\"request\":{\"error_msg\":\"\",%s}}", members);

    journal_line_read(text, (size_t)length, line);
    assert_int_equal(line->kind, JOURNAL_REQUEST);
    assert_int_equal(line->step, 7);
}

static void test_a_request_that_completed(void **state)
{
    struct journal_line line;

    (void)state;
    read_request("\"error_code\":null,\"number_output_tokens\":64,\"client_ttft_s\":0.125,"
                 "\"client_end_to_end_latency_s\":2.5e0,\"retry_wait_s\":null,\"probe_burst\":null,"
                 "\"phase\":null,\"end_timestamp_utc\":\"1970-01-02T00:00:01.500000Z\"",
                 &line);
    assert_string_equal(line.failure, "");
    assert_true(line.counts && !line.resent);
    assert_float_equal(line.output_tokens, 64, 0);
    assert_float_equal(line.ttft_s, 0.125, 0);
    assert_float_equal(line.latency_s, 2.5, 0);
    assert_int_equal(line.ended_us, (86400 + 1) * 1000000LL + 500000);
}

static void test_what_a_request_does_not_say(void **state)
{
    struct journal_line line;

    (void)state;
    read_request("\"error_code\":\"timeout\",\"number_output_tokens\":null,\"client_ttft_s\":\"x\","
                 "\"client_end_to_end_latency_s\":1e999,\"retry_wait_s\":0.5,\"phase\":\"warmup\","
                 "\"end_timestamp_utc\":\"yesterday\"",
                 &line);
    assert_string_equal(line.failure, "timeout");
    assert_true(!line.counts && line.resent);
    assert_true(isnan(line.output_tokens) && isnan(line.ttft_s) && isnan(line.latency_s));
    assert_int_equal(line.ended_us, 0);
    read_request("\"error_code\":\"a code that is longer than there is room for\"", &line);
    assert_true(strncmp(line.failure, "a code that is longer", 21) == 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_known),
        cmocka_unit_test(test_a_request_that_completed),
        cmocka_unit_test(test_what_a_request_does_not_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
