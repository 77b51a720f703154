/* A run as a trace: which requests it has, when, and of what length. */
#include "export/trace.h"

#include <sys/stat.h>

#include "support.h"

/* A response that left at a second of the wall clock, and at that of the monotonic one. */
struct sent {
    const char *wall;
    long long monotonic_ms;
    const char *code, *more; /* more members */
};

static void write_responses(const char *path, const struct sent *sent, size_t count)
{
    struct text text = {0};

    for (size_t i = 0; i < count; i++)
        text_printf(&text,
                    "%s{\"error_code\":%s,\"error_msg\":\"\","
                    "\"start_timestamp_utc\":\"2026-11-28T10:00:%sZ\","
                    "\"started_monotonic_ns\":%lld000000,\"sent_monotonic_ns\":%lld000000,%s}",
                    i > 0 ? "," : "[", sent[i].code, sent[i].wall, sent[i].monotonic_ms,
                    sent[i].monotonic_ms, sent[i].more);
    text_add_char(&text, ']');
    support_write(path, text.bytes);
    text_clear(&text);
}

/* Two steps of a run whose machine was started again between them: the second's clock is behind. */
static void write_run(void)
{
    static const struct sent first[] = {
        {"00.500000", 9000500, "null",
         "\"attempt\":1,\"client_schedule_delay_s\":0.1,\"client_held_s\":0.2,"
         "\"number_input_tokens\":41,\"number_output_tokens\":7"},
        {"01.500000", 9001500, "null",
         "\"attempt\":1,\"client_schedule_delay_s\":0.3,\"client_held_s\":null,"
         "\"number_input_tokens\":42,\"number_output_tokens\":8"},
        {"02.000000", 9002000, "500",
         "\"attempt\":1,\"client_schedule_delay_s\":0,\"number_output_tokens\":3"},
        {"02.500000", 9002500, "null", "\"attempt\":2"},
    };
    static const struct sent second[] = {
        {"30.000000", 500, "null",
         "\"attempt\":1,\"client_schedule_delay_s\":0.4,\"number_input_tokens\":9,"
         "\"number_output_tokens\":2"}};
    static const struct sent warmup[] = {
        {"29.000000", 499, "null",
         "\"attempt\":1,\"phase\":\"warmup\",\"number_input_tokens\":9,"
         "\"number_output_tokens\":1"}};

    assert_int_equal(mkdir("from", 0777), 0);
    assert_int_equal(mkdir("to", 0777), 0);
    write_responses("from/a_individual_responses.json", first, COUNT_OF(first));
    write_responses("from/b_individual_responses.json", second, COUNT_OF(second));
    write_responses("from/b_phases.json", warmup, COUNT_OF(warmup));
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
