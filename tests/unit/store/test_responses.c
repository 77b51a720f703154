/* Individual responses read back, as response.c writes them. */
#include "store/responses.h"

#include "core/clock.h"
#include "records.h"
#include "stats/figures.h"
#include "store/response.h"
#include "support.h"

static void write_array(const struct request *requests, size_t count)
{
    struct text json = {0};

    for (size_t i = 0; i < count; i++) {
        struct figures figures = figures_of(&requests[i], LATENCY_FROM_SENT);

        text_add_char(&json, i ? ',' : '[');
        response_add_json(&requests[i], &figures, &json);
    }
    text_add_char(&json, ']');
    support_write("s_individual_responses.json", json.bytes);
    text_clear(&json);
}

static void test_every_figure_comes_back_as_it_was(void **state)
{
    struct chunk chunks[] = {{3 * MS, false, true, 0, 0, 0},
                             {5 * MS, false, true, 0, 0, 0},
                             {9 * MS, false, true, 0, 0, 0}};
    struct request requests[] = {request_begun(), request_begun()};
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    requests[0].sent_ns = MS;
    requests[0].first_content_ns = 3 * MS;
    requests[0].last_chunk_ns = 9 * MS;
    requests[0].done_ns = 10 * MS;
    requests[0].chunks = chunks;
    requests[0].chunk_count = COUNT_OF(chunks);
    requests[0].usage.output_tokens = 3;
    requests[0].usage.batch_size_used = 4;
    requests[1].end = REQUEST_TIMEOUT;
    write_array(requests, COUNT_OF(requests));
    if (!responses_read(".", "s", STEP_LOAD, SIZE_MAX, &responses, &error))
        fail_msg("%s", error.text);
    assert_int_equal(responses.count, 2);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct figures figures = figures_of(&requests[i], LATENCY_FROM_SENT);

        for (int m = 0; m < METRIC_COUNT; m++)
            expect_number(metric_table[m].key, responses.outcome[i].figures.value[m],
                          figures.value[m]);
    }
    expect_true("the first completed", responses.outcome[0].end == REQUEST_COMPLETED);
    assert_int_equal(responses.chunks[0], 3);
    expect_true("the second did not", responses.outcome[1].end == REQUEST_TIMEOUT);
    assert_int_equal(responses.chunks[1], 0);
    assert_int_equal(responses.outcome[0].sent_ns, MS);
    assert_int_equal(responses.outcome[0].done_ns, 10 * MS);
    responses_clear(&responses);
    assert_true(responses_read(".", "s", STEP_LOAD, 1, &responses, &error));
    assert_int_equal(responses.count, 1);
    responses_clear(&responses);
}

/* What is no phase is a request that counts. */
static void test_phases_come_back(void **state)
{
    static const struct {
        const char *json;
        enum request_phase phase;
    } others[] = {{"{\"phase\":null}", 0},      {"{}", 0},
                  {"{\"phase\":\"later\"}", 0}, {"{\"phase\":1}", 0},
                  {"{\"phase\":\"\"}", 0},      {"{\"phase\":\"warmup\"}", REQUEST_WARMUP}};
    struct request requests[] = {request_begun(), request_begun(), request_begun()};
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    requests[1].phase = REQUEST_WARMUP;
    requests[2].phase = REQUEST_COOLDOWN;
    write_array(requests, COUNT_OF(requests));
    assert_int_equal(rename("s_individual_responses.json", "s_phases.json"), 0);
    if (!responses_read(".", "s", STEP_PHASES, SIZE_MAX, &responses, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < COUNT_OF(requests); i++)
        assert_int_equal(responses.outcome[i].phase, requests[i].phase);
    responses_clear(&responses);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        char *array = memory_printf("[%s]", others[i].json);

        support_write("s_phases.json", array);
        assert_true(responses_read(".", "s", STEP_PHASES, SIZE_MAX, &responses, &error));
        expect_number(others[i].json, responses.outcome[0].phase, others[i].phase);
        responses_clear(&responses);
        free(array);
    }
}

static void test_what_cannot_be_read_is_named(void **state)
{
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    expect_true("not there", !responses_read(".", "none", STEP_LOAD, SIZE_MAX, &responses, &error));
    expect_part("not there", error.text, "none_individual_responses.json");
    support_write("s_individual_responses.json", "{}");
    expect_true("no array", !responses_read(".", "s", STEP_LOAD, SIZE_MAX, &responses, &error));
    expect_part("no array", error.text, "s_individual_responses.json: holds no responses");
    responses_clear(&responses);
}

/* Python's json.dump on one line; the row went on past midnight. */
static void test_the_kits_own_files_can_be_read(void **state)
{
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    support_write(
        "s_individual_responses.json",
        "[{\"error_code\": null, \"error_msg\": \"a ] } \\\" [ {\", \"start_time\": "
        "\"23:59:59.500000\", \"end_time\": \"00:00:00.250000\", \"server_ttft_s\": 0.25, "
        "\"deep\": {\"a\": [[1], {}]}}, {\"error_code\": 429, \"start_time\": \"00:00:01\", "
        "\"end_time\": \"00:00:02\"}]");
    if (!responses_read(".", "s", STEP_LOAD, SIZE_MAX, &responses, &error))
        fail_msg("%s", error.text);
    assert_int_equal(responses.count, 2);
    assert_true(responses.outcome[0].end == REQUEST_COMPLETED);
    expect_number("ttft", responses.outcome[0].figures.value[METRIC_SERVER_TTFT_S], 0.25);
    assert_int_equal(responses.outcome[0].done_ns - responses.outcome[0].sent_ns, 750 * MS);
    assert_true(responses.outcome[1].end == REQUEST_HTTP_ERROR);
    assert_int_equal(responses.outcome[1].http_status, 429);
    assert_int_equal(responses.outcome[1].sent_ns - responses.outcome[0].sent_ns, 1500 * MS);
    assert_int_equal(responses.outcome[1].done_ns - responses.outcome[1].sent_ns, 1000 * MS);
    assert_int_equal(responses.outcome[1].index, 1);
    responses_clear(&responses);
}

static void test_what_is_no_array_of_objects_is_refused(void **state)
{
    static const char *const cases[] = {"",    "5",     "[5]",       "[[]]",       "[{\"a\":}]",
                                        "[{}", "x[{}]", "[{} x {}]", "[{\"a\":\"]"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct responses responses = {0};
        struct error error = {""};

        support_write("s_probe.json", cases[i]);
        expect_true(cases[i], !responses_read(".", "s", STEP_PROBE, SIZE_MAX, &responses, &error));
        expect_part(cases[i], error.text, "s_probe.json: holds no responses");
        responses_clear(&responses);
    }
}

/* Numbers and times that no client wrote: what they are of is not known. */
static void test_what_cannot_be_a_moment_or_a_count_is_not_known(void **state)
{
    static const char *const starts[] = {"24:00:00",  "-1:00:00",  "00:60:00",
                                         "00:-1:00",  "00:00:-1",  "00:00:61",
                                         "00:00:inf", "00:00:nan", "00:00:1e300"};
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    support_write(
        "s_probe.json",
        "[{\"request_index\":1e300,\"attempt\":-3e9,\"probe_burst\":-1,\"error_code\":1e99,"
        "\"started_monotonic_ns\":1e19,\"sent_monotonic_ns\":5,"
        "\"done_monotonic_ns\":-1e300,\"server_ttft_s\":1e999}]");
    assert_true(responses_read(".", "s", STEP_PROBE, SIZE_MAX, &responses, &error));
    assert_int_equal(responses.outcome[0].index, 0);
    assert_int_equal(responses.outcome[0].attempt, 1);
    assert_int_equal(responses.outcome[0].probe_burst, 0);
    assert_int_equal(responses.outcome[0].http_status, 0);
    assert_int_equal(responses.outcome[0].started_ns, CLOCK_NEVER);
    assert_int_equal(responses.outcome[0].sent_ns, 5);
    assert_int_equal(responses.outcome[0].done_ns, CLOCK_NEVER);
    assert_true(isnan(responses.outcome[0].figures.value[METRIC_SERVER_TTFT_S]));
    responses_clear(&responses);
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        char *json =
            memory_printf("[{\"start_time\":\"%s\",\"end_time\":\"00:00:01\"}]", starts[i]);

        support_write("s_probe.json", json);
        assert_true(responses_read(".", "s", STEP_PROBE, SIZE_MAX, &responses, &error));
        expect_true(starts[i], responses.outcome[0].sent_ns == CLOCK_NEVER);
        expect_true(starts[i], responses.outcome[0].done_ns == CLOCK_NEVER);
        responses_clear(&responses);
        free(json);
    }
}

/* No room is made for the requests that would be before it. */
static void test_an_index_and_an_attempt_may_be_as_high_as_they_are_written(void **state)
{
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    support_write("s_probe.json", "[{\"request_index\":4e18,\"attempt\":1},"
                                  "{\"request_index\":4e18,\"attempt\":3000000000}]");
    assert_true(responses_read(".", "s", STEP_PROBE, SIZE_MAX, &responses, &error));
    assert_true(responses.outcome[0].retried);
    assert_false(responses.outcome[1].retried);
    assert_int_equal(responses.outcome[1].attempt, INT32_MAX);
    responses_clear(&responses);
}

/* The latest moment there is, and a time of day behind it: days are not counted one by one. */
static void test_a_time_of_day_behind_the_latest_moment_is_placed(void **state)
{
    struct responses responses = {0};
    struct error error = {""};

    (void)state;
    support_write("s_probe.json", "[{\"sent_monotonic_ns\":4e18},{\"start_time\":\"00:00:00\"}]");
    assert_true(responses_read(".", "s", STEP_PROBE, SIZE_MAX, &responses, &error));
    assert_true(responses.outcome[1].sent_ns >= INT64_C(4000000000000000000) - 43200000 * MS);
    assert_true(responses.outcome[1].sent_ns < INT64_C(4000000000000000000) + 43200000 * MS);
    assert_int_equal(responses.outcome[1].sent_ns % (86400000 * MS), 0);
    responses_clear(&responses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_every_figure_comes_back_as_it_was),
        in_folder(test_phases_come_back),
        in_folder(test_what_cannot_be_read_is_named),
        in_folder(test_the_kits_own_files_can_be_read),
        in_folder(test_what_is_no_array_of_objects_is_refused),
        in_folder(test_what_cannot_be_a_moment_or_a_count_is_not_known),
        in_folder(test_an_index_and_an_attempt_may_be_as_high_as_they_are_written),
        in_folder(test_a_time_of_day_behind_the_latest_moment_is_placed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
