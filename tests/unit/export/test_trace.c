/* A run as a trace: which requests it has, when, and of what length. */
#include "export/trace.h"

#include <sys/stat.h>

#include "support.h"

#define REQUEST(fields) "{\"error_code\":null,\"error_msg\":\"\",\"attempt\":1," fields "}"
#define WALL(second)    "\"start_timestamp_utc\":\"2026-11-28T10:00:" second "Z\","

/* Two steps of a run whose machine was started again between them: the second's clock is behind. */
static void write_run(void)
{
    assert_int_equal(mkdir("from", 0777), 0);
    assert_int_equal(mkdir("to", 0777), 0);
    support_write("from/a_individual_responses.json",
                  "[" REQUEST(WALL("00.500000") "\"started_monotonic_ns\":9000500000000,"
                                                "\"sent_monotonic_ns\":9000500000000,"
                                                "\"client_schedule_delay_s\":0.1,\"client_held_s\":"
                                                "0.2,"
                                                "\"number_input_tokens\":41,\"number_output_"
                                                "tokens\":7") "," REQUEST(WALL("01.500000") "\"star"
                                                                                            "ted_"
                                                                                            "monoto"
                                                                                            "nic_"
                                                                                            "ns\":"
                                                                                            "900150"
                                                                                            "000000"
                                                                                            "0,"
                                                                                            "\"sent"
                                                                                            "_monot"
                                                                                            "onic_"
                                                                                            "ns\":"
                                                                                            "900150"
                                                                                            "000000"
                                                                                            "0,"
                                                                                            "\"clie"
                                                                                            "nt_"
                                                                                            "schedu"
                                                                                            "le_"
                                                                                            "delay_"
                                                                                            "s\":0."
                                                                                            "3,"
                                                                                            "\"clie"
                                                                                            "nt_"
                                                                                            "held_"
                                                                                            "s\":"
                                                                                            "null,"
                                                                                            "\"numb"
                                                                                            "er_"
                                                                                            "input_"
                                                                                            "tokens"
                                                                                            "\":42,"
                                                                                            "\"numb"
                                                                                            "er_"
                                                                                            "output"
                                                                                            "_token"
                                                                                            "s\":8") ","
                                                                                                     "{\"error_code\":500,\"error_msg\":\"no\",\"attempt\":1," WALL(
                                                                                                         "02.000000") "\"started_monotonic_ns\":9002000000000,\"sent_monotonic_ns\":9002000000000,"
                                                                                                                      "\"client_schedule_delay_s\":0,\"number_output_tokens\":3},"
                                                                                                                      "{\"error_code\":null,\"error_msg\":\"\",\"attempt\":2," WALL(
                                                                                                                          "02.500000") "\"started_monotonic_ns\":9002500000000,\"sent_monotonic_ns\":9002500000000}]");
    support_write("from/b_individual_responses.json",
                  "[" REQUEST(WALL("30.000000") "\"started_monotonic_ns\":500000000,"
                                                "\"sent_monotonic_ns\":500000000,"
                                                "\"client_schedule_delay_s\":0.4,"
                                                "\"number_input_tokens\":9,"
                                                "\"number_output_tokens\":2") "]");
    support_write("from/b_phases.json",
                  "[" REQUEST(WALL("29.000000") "\"started_monotonic_ns\":499000000,"
                                                "\"phase\":\"warmup\","
                                                "\"sent_monotonic_ns\":499000000,"
                                                "\"number_input_tokens\":9,"
                                                "\"number_output_tokens\":1") "]");
}

static void test_requests_stand_by_their_moments(void **state)
{
    static char a[] = "a", b[] = "b", open[] = "open \"x\"", closed[] = "closed", from[] = "from";
    struct step steps[] = {
        {.name = a, .row = {.model_name = open, .qps = 2, .input_tokens = 40, .output_tokens = 8}},
        {.name = b, .row = {.model_name = closed, .concurrent_requests = 1, .output_tokens = 8}}};
    const struct results run = {.folder = from, .name = from, .step = steps, .count = 2};
    struct error error;
    char *written;

    (void)state;
    write_run();
    if (!trace_write(&run, "to", &error))
        fail_msg("%s", error.text);
    written = support_read("to/trace.jsonl");
    assert_string_equal(
        written,
        "{\"at_s\": 0, \"model\": \"open \\\"x\\\"\", \"input_tokens\": 41, \"output_tokens\": 7}\n"
        "{\"at_s\": 1, \"model\": \"open \\\"x\\\"\", \"input_tokens\": 42, \"output_tokens\": 8}\n"
        "{\"at_s\": 1.8, \"model\": \"open \\\"x\\\"\", \"input_tokens\": 40, \"output_tokens\": "
        "8}\n"
        "{\"at_s\": 28.8, \"model\": \"closed\", \"input_tokens\": 9, \"output_tokens\": 1}\n"
        "{\"at_s\": 29.8, \"model\": \"closed\", \"input_tokens\": 9, \"output_tokens\": 2}\n");
    free(written);
}

static void test_a_run_without_requests_is_no_trace(void **state)
{
    static char a[] = "a", from[] = "from";
    struct step step = {.name = a};
    struct results run = {.folder = from, .name = from, .step = &step, .count = 1};
    struct error error = {""};

    (void)state;
    assert_int_equal(mkdir("from", 0777), 0);
    assert_int_equal(mkdir("to", 0777), 0);
    assert_false(trace_write(&run, "to", &error)); /* no file */
    assert_true(error.text[0] != '\0');
    support_write("from/a_individual_responses.json", "[]");
    assert_false(trace_write(&run, "to", &error));
    expect_part("none", error.text, "from: holds no request to make a trace of");
    assert_false(file_exists("to/trace.jsonl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_requests_stand_by_their_moments),
        in_folder(test_a_run_without_requests_is_no_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
