/* A run as LLMPerf writes it: how its files are called, what they hold, and which comes last. */
#include "export/llmperf.h"

#include <sys/stat.h>

#include "support.h"

#define RESPONSE                                                                                   \
    "{\"error_code\":null,\"error_msg\":\"\",\"client_ttft_s\":0.5,"                               \
    "\"client_end_to_end_latency_s\":2,\"number_input_tokens\":40,\"number_output_tokens\":4,"     \
    "\"number_total_tokens\":44,\"client_inter_token_latencies_s\":[0.5,0.5],"                     \
    "\"request_index\":0}"
#define SENT_AGAIN "{\"error_code\":429,\"error_msg\":\"\",\"request_index\":1,\"attempt\":1}"
#define FAILED                                                                                     \
    "{\"error_code\":\"timeout\",\"error_msg\":\"say \\\"no\\\"\",\"request_index\":1,"            \
    "\"attempt\":2,\"number_input_tokens\":40,\"client_inter_token_latencies_s\":[]}"
#define SUMMARY "{\"name\":\"s_summary\",\"additional_sampling_params_top_p\":0.30}"

static void enter(const char *name)
{
    assert_int_equal(mkdir(name, 0777), 0);
    assert_int_equal(chdir(name), 0);
    assert_int_equal(mkdir("from", 0777), 0);
    assert_int_equal(mkdir("to", 0777), 0);
}

static bool write_steps(struct step *steps, size_t count, struct manifest_fact *facts,
                        size_t fact_count, struct error *error)
{
    struct results run = {.folder = (char *)"from",
                          .name = (char *)"r",
                          .manifest = {.fact = facts, .facts = fact_count},
                          .step = steps,
                          .count = count};

    return llmperf_write(&run, "to", error);
}

static bool is_there(const char *stem, const char *ending)
{
    char *path = memory_printf("to/%s%s", stem, ending);
    bool there = file_exists(path);

    free(path);
    return there;
}

/* LLMPerf: re.sub(r"[^\w\d-]+", "-"), then re.sub(r"-{2,}", "-"). */
static void test_files_are_called_as_llmperf_calls_them(void **state)
{
    static const struct {
        const char *model;
        int64_t input, output;
        const char *stem;
    } cases[] = {
        {"m", 550, 150, "m_550_150"},
        {"meta-llama/Llama-2-7b-chat-hf", 550, 150, "meta-llama-Llama-2-7b-chat-hf_550_150"},
        {"a_b.c 3.3", 1, 2, "a_b-c-3-3_1_2"},
        {"../../x", 1, 2, "-x_1_2"},
        {"a--b//-c", 1, 2, "a-b-c_1_2"},
        {"mod\xc3\xa8le", 1, 2, "mod\xc3\xa8le_1_2"},
        {"of a data set", 0, 0, "of-a-data-set_40_4"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {.name = (char *)"s",
                            .row = {.model_name = (char *)cases[i].model,
                                    .input_tokens = cases[i].input,
                                    .output_tokens = cases[i].output}};
        struct error error = {""};
        char *folder = memory_printf("case %zu", i);

        enter(folder);
        support_write("from/s_summary.json", SUMMARY);
        support_write("from/s_individual_responses.json", "[" RESPONSE "]");
        expect_true(cases[i].model, write_steps(&step, 1, NULL, 0, &error));
        expect_true(cases[i].stem, is_there(cases[i].stem, "_summary.json"));
        expect_true(cases[i].stem, is_there(cases[i].stem, "_individual_responses.json"));
        assert_int_equal(chdir(".."), 0);
        free(folder);
    }
}

static void test_steps_of_one_name_do_not_write_over_each_other(void **state)
{
    struct step steps[3];
    struct error error = {""};

    (void)state;
    enter("run");
    support_write("from/s_summary.json", SUMMARY);
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        steps[i] = (struct step){
            .name = (char *)"s",
            .row = {.model_name = (char *)"m", .input_tokens = 5, .output_tokens = 7}};
    assert_true(write_steps(steps, COUNT_OF(steps), NULL, 0, &error));
    assert_true(is_there("m_5_7", "_summary.json"));
    assert_true(is_there("m_5_7-2", "_summary.json"));
    assert_true(is_there("m_5_7-3", "_summary.json"));
    assert_false(is_there("m_5_7", "_individual_responses.json"));
}

static void test_labels_are_its_users_metadata(void **state)
{
    struct manifest_fact facts[] = {
        {(char *)"settings.llm_api", (char *)"openai"},
        {(char *)"settings.labels.release", (char *)"1 \"a\""},
        {(char *)"settings.labels.name", (char *)"foo"},
    };
    struct step step = {.name = (char *)"s",
                        .row = {.model_name = (char *)"m",
                                .input_tokens = 5,
                                .output_tokens = 7,
                                .stddev_input_tokens = 1.5,
                                .qps = 2},
                        .timestamp_s = 1700000000};
    struct error error = {""};
    char *summary;

    (void)state;
    enter("run");
    support_write("from/s_summary.json", SUMMARY);
    assert_true(write_steps(&step, 1, facts, COUNT_OF(facts), &error));
    summary = support_read("to/m_5_7_summary.json");
    expect_part("asked", summary,
                "{\n    \"version\": \"2023-08-31\",\n    \"name\": \"foo\",\n"
                "    \"model\": \"m\",\n    \"mean_input_tokens\": 5,\n"
                "    \"stddev_input_tokens\": 1.5,\n    \"mean_output_tokens\": 7,\n"
                "    \"stddev_output_tokens\": 0,\n    \"num_concurrent_requests\": null,\n"
                "    \"qps\": 2.0,\n    \"qps_distribution\": \"constant\",\n"
                "    \"additional_sampling_params_top_p\":0.30,\n    \"results_inter_token");
    expect_part("end", summary,
                ",\n    \"release\": \"1 \\\"a\\\"\",\n    \"timestamp\": 1700000000\n}\n");
    free(summary);
}

static void test_responses_have_llmperfs_keys(void **state)
{
    static const char wanted[] = "[\n"
                                 "    {\n"
                                 "        \"error_code\": null,\n"
                                 "        \"error_msg\": \"\",\n"
                                 "        \"inter_token_latency_s\": 0.25,\n"
                                 "        \"ttft_s\": 0.5,\n"
                                 "        \"end_to_end_latency_s\": 2.0,\n"
                                 "        \"request_output_throughput_token_per_s\": 2.0,\n"
                                 "        \"number_total_tokens\": 44,\n"
                                 "        \"number_output_tokens\": 4,\n"
                                 "        \"number_input_tokens\": 40\n"
                                 "    },\n"
                                 "    {\n"
                                 "        \"error_code\": \"timeout\",\n"
                                 "        \"error_msg\": \"say \\\"no\\\"\",\n"
                                 "        \"inter_token_latency_s\": null,\n"
                                 "        \"ttft_s\": null,\n"
                                 "        \"end_to_end_latency_s\": null,\n"
                                 "        \"request_output_throughput_token_per_s\": null,\n"
                                 "        \"number_total_tokens\": null,\n"
                                 "        \"number_output_tokens\": null,\n"
                                 "        \"number_input_tokens\": 40\n"
                                 "    }\n"
                                 "]\n";
    struct step step = {.name = (char *)"s",
                        .row = {.model_name = (char *)"m", .input_tokens = 5, .output_tokens = 7}};
    struct error error = {""};
    char *responses;

    (void)state;
    enter("run");
    support_write("from/s_summary.json", SUMMARY);
    support_write("from/s_individual_responses.json", "[" SENT_AGAIN "," RESPONSE "," FAILED "]");
    assert_true(write_steps(&step, 1, NULL, 0, &error));
    responses = support_read("to/m_5_7_individual_responses.json");
    expect_text("responses", responses, wanted);
    free(responses);
}

/* A row's summary is written last: where there is one, all that belongs to it is there. */
static void test_what_cannot_be_read_is_reported(void **state)
{
    static const struct {
        const char *name, *responses, *summary, *sentence;
    } cases[] = {
        {"responses that are cut off", "[{\"error_code\":null,", SUMMARY, "holds no responses"},
        {"a summary that is none", "[" RESPONSE "]", "[]", "is not a summary"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {
            .name = (char *)"s",
            .row = {.model_name = (char *)"m", .input_tokens = 5, .output_tokens = 7}};
        struct error error = {""};

        enter(cases[i].name);
        support_write("from/s_summary.json", cases[i].summary);
        support_write("from/s_individual_responses.json", cases[i].responses);
        expect_true(cases[i].name, !write_steps(&step, 1, NULL, 0, &error));
        expect_part(cases[i].name, error.text, cases[i].sentence);
        expect_true(cases[i].name, !is_there("m_5_7", "_summary.json"));
        assert_int_equal(chdir(".."), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_files_are_called_as_llmperf_calls_them),
        in_folder(test_steps_of_one_name_do_not_write_over_each_other),
        in_folder(test_labels_are_its_users_metadata),
        in_folder(test_responses_have_llmperfs_keys),
        in_folder(test_what_cannot_be_read_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
