/* LLMPerf's summary as it prints it, from responses whose figures are known. */
#include "export/llmperf_text.h"

#include <math.h>
#include <sys/stat.h>

#include "support.h"

/* (0.5 + 0.25 + 0.25) s ÷ 4 tokens, 4 tokens in 1 s; 1 s ÷ 2 tokens, 2 tokens in 2 s; two that
 * failed, of which one was sent again. */
#define RESPONSES                                                                                  \
    "[{\"error_code\":null,\"error_msg\":\"\",\"request_index\":0,\"attempt\":1,"                  \
    "\"client_ttft_s\":0.5,\"client_end_to_end_latency_s\":1,\"number_input_tokens\":40,"          \
    "\"number_output_tokens\":4,\"client_inter_token_latencies_s\":[0.5,0.25,0.25]},"              \
    "{\"error_code\":429,\"error_msg\":\"later\",\"request_index\":1,\"attempt\":1,"               \
    "\"number_input_tokens\":9000,\"client_inter_token_latencies_s\":[]},"                         \
    "{\"error_code\":null,\"error_msg\":\"\",\"request_index\":1,\"attempt\":2,"                   \
    "\"client_ttft_s\":1,\"client_end_to_end_latency_s\":2,\"number_input_tokens\":50,"            \
    "\"number_output_tokens\":2,\"client_inter_token_latencies_s\":[1]},"                          \
    "{\"error_code\":\"timeout\",\"error_msg\":\"\",\"request_index\":2,\"attempt\":1,"            \
    "\"client_ttft_s\":7,\"number_input_tokens\":9000,\"client_inter_token_latencies_s\":[7]}]"

#define METRIC(name, p25, p50, p75, p90, p95, p99, mean, min, max, stddev)                         \
    name "\n    p25 = " p25 "\n    p50 = " p50 "\n    p75 = " p75 "\n    p90 = " p90               \
         "\n    p95 = " p95 "\n    p99 = " p99 "\n    mean = " mean "\n    min = " min             \
         "\n    max = " max "\n    stddev = " stddev "\n"
#define NONE(name)                                                                                 \
    METRIC(name, "nan", "nan", "nan", "nan", "nan", "nan", "nan", "nan", "nan", "nan")

static const char heading[] = "Results for token benchmark for m queried with the openai api.";

static struct error_count timeouts = {.code = "timeout", .count = 1};

static struct step step_of(void)
{
    return (struct step){.name = (char *)"s",
                         .row = {.model_name = (char *)"m",
                                 .input_tokens = 45,
                                 .output_tokens = 4,
                                 .concurrent_requests = 2},
                         .started = 3,
                         .completed = 2,
                         .errors = 1,
                         .error = &timeouts,
                         .error_kinds = 1,
                         .client_total_output_throughput = 2,
                         .completed_per_min = 40.5};
}

static char *printed(struct step *step, size_t steps)
{
    struct results run = {.folder = (char *)".", .name = (char *)"r", .step = step, .count = steps};
    struct error error = {""};
    struct text text = {0};

    expect_true(error.text, llmperf_text_add_run(&run, &text, &error));
    return text_take(&text);
}

static void test_names_order_and_numbers_are_llmperfs(void **state)
{
    static const char wanted[] =
        METRIC("inter_token_latency_s", "0.3125", "0.375", "0.4375", "0.475", "0.4875", "0.4975",
               "0.375", "0.25", "0.5", "0.1767766952966369")
            METRIC("ttft_s", "0.625", "0.75", "0.875", "0.95", "0.975", "0.995", "0.75", "0.5",
                   "1.0", "0.3535533905932738") METRIC("end_to_end_latency_s", "1.25", "1.5",
                                                       "1.75", "1.9", "1.95", "1.99", "1.5", "1.0",
                                                       "2.0", "0.7071067811865476")
                METRIC("request_output_throughput_token_per_s", "1.75", "2.5", "3.25", "3.7",
                       "3.8499999999999996", "3.9699999999999998", "2.5", "1.0", "4.0",
                       "2.1213203435596424") METRIC("number_input_tokens", "42.5", "45.0", "47.5",
                                                    "49.0", "49.5", "49.9", "45.0", "40", "50",
                                                    "7.0710678118654755")
                    METRIC("number_output_tokens", "2.5", "3.0", "3.5", "3.8", "3.9", "3.98", "3.0",
                           "2", "4", "1.4142135623730951") "Number Of Errored Requests: 1\n"
                                                           "Error Code Frequency\n"
                                                           "{'timeout': 1}\n"
                                                           "Overall Output Throughput: 2.0\n"
                                                           "Number Of Completed Requests: 2\n"
                                                           "Completed Requests Per Minute: 40.5\n";
    struct step step = step_of();
    char *text;

    (void)state;
    support_write("s_individual_responses.json", RESPONSES);
    text = printed(&step, 1);
    assert_memory_equal(text, heading, strlen(heading));
    expect_text("block", text + strlen(heading) + 2, wanted);
    free(text);
}

static void test_rows_are_told_apart_by_their_loads(void **state)
{
    struct step steps[] = {step_of(), step_of()};
    char *text;

    (void)state;
    support_write("s_individual_responses.json", RESPONSES);
    steps[1].row.concurrent_requests = 0;
    steps[1].row.qps = 0.5;
    text = printed(steps, 2);
    expect_part("first", text, "with the openai api. (45→4 c=2)\n\ninter_token_latency_s\n");
    expect_part("second", text,
                "40.5\n\nResults for token benchmark for m queried with the openai "
                "api. (45→4 0.5/s");
    free(text);
}

static void test_what_is_not_known_is_nan(void **state)
{
    struct step step = step_of();
    char *text;

    (void)state;
    step.errors = 0;
    step.metric[METRIC_CLIENT_TTFT_S] =
        (struct metric_summary){1, {1, 1, 1, 1, 1, 1, 1}, 1, 1, 1, NAN};
    step.client_total_output_throughput = NAN;
    text = printed(&step, 1); /* its responses are not there */
    expect_part("inter-token time", text, NONE("inter_token_latency_s") "ttft_s\n    p25 = 1.0\n");
    expect_part("one value", text,
                "    max = 1.0\n    stddev = nan\n" NONE("end_to_end_latency_s"));
    expect_part("totals", text,
                "Number Of Errored Requests: 0\nOverall Output Throughput: nan\nNumber Of ");
    free(text);
}

static void test_a_broken_file_is_reported(void **state)
{
    struct step step = step_of();
    struct results run = {.folder = (char *)".", .name = (char *)"r", .step = &step, .count = 1};
    struct error error = {""};
    struct text text = {0};

    (void)state;
    support_write("s_individual_responses.json", "[{\"error_code\":");
    assert_false(llmperf_text_add_run(&run, &text, &error));
    expect_part("sentence", error.text, "s_individual_responses.json: holds no responses");
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_names_order_and_numbers_are_llmperfs),
        in_folder(test_rows_are_told_apart_by_their_loads),
        in_folder(test_what_is_not_known_is_nan),
        in_folder(test_a_broken_file_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
