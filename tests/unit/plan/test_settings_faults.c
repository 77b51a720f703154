/* What is wrong with a config.yaml, told with its line (formats.md, sections 1 and 10). */
#include "plan/settings.h"

#include "support.h"

#define NEEDED                                                                                     \
    "model_configs_path: rows.csv\nllm_api: sncloud\noutput_files_dir: runs\n"                     \
    "consolidated_results_dir: books\n"

static bool read_text(const char *yaml, struct settings *settings, struct faults *faults)
{
    support_write("config.yaml", yaml);
    return settings_read("config.yaml", NULL, 0, settings, faults);
}

/* Behind NEEDED, so the first line of `yaml` is line 5. */
static const struct {
    const char *yaml, *fault;
} faulty[] = {
    {"timeuot: 60\n", "config.yaml:5: unknown key 'timeuot'; did you mean 'timeout'?"},
    {"qwertz: 1\n", "config.yaml:5: unknown key 'qwertz'; nothing known here is like it"},
    {"timeout: 60\n\ntimeout: 70\n",
     "config.yaml:7: 'timeout' appears here again, first in line 5; keep one"},
    {"llm_api: openai\n", "config.yaml:5: 'llm_api' appears here again, first in line 2"},
    {"timeout: 10 minutes\n", "config.yaml:5: timeout: '10 minutes' is not a number from 0.001"},
    {"timeout: 0\n", "config.yaml:5: timeout: '0' is not a number from 0.001"},
    {"timeout: -5\n", "config.yaml:5: timeout: '-5' is not a number"},
    {"timeout: [60]\n", "config.yaml:5: timeout: 'a list' is not a number"},
    {"time_delay: 1e9\n", "config.yaml:5: time_delay: '1e9' is not a number from 0 to 86400 (s)"},
    {"use_multiple_prompts: 1\n", "config.yaml:5: use_multiple_prompts: '1' is not true or false"},
    {"max_workers: 0\n", "config.yaml:5: max_workers: '0' is not a whole number from 1 to 1000"},
    {"max_workers: 2.5\n", "config.yaml:5: max_workers: '2.5' is not a whole number"},
    {"seed: x\n", "config.yaml:5: seed: 'x' is not a whole number"},
    {"sampling_params: 5\n", "config.yaml:5: sampling_params: '5' is not a mapping"},
    {"sampling_params:\n  temperature: 0\n  max_tokens: 5\n",
     "config.yaml:7: sampling_params: 'max_tokens' is set by the program; leave it out here"},
    {"output_tokens_as: max_completion_tokens\nsampling_params: {max_completion_tokens: 3}\n",
     "config.yaml:6: sampling_params: 'max_completion_tokens' is set by the program"},
    {"sampling_params: {messages: []}\n", "config.yaml:5: sampling_params: 'messages' is set by"},
    {"run_name: a/b\n", "config.yaml:5: run_name: 'a/b' cannot name a folder"},
    {"run_name: ''\n", "config.yaml:5: run_name: '' cannot name a folder"},
    {"run_name: ..\n", "config.yaml:5: run_name: '..' cannot name a folder"},
    {"run_name: my_summary\n", "config.yaml:5: run_name: 'my_summary' holds a word by which tools"},
    {"run_name: x_individual_responses\n",
     "config.yaml:5: run_name: 'x_individual_responses' holds"},
    {"connection: no\n", "config.yaml:5: expected 'key: value' lines here"},
    {"connection:\n  preconect: no\n",
     "config.yaml:6: unknown key 'preconect'; did you mean 'preconnect'?"},
    {"connection:\n  idle_timeout: 0\n", "config.yaml:6: idle_timeout: '0' is not a number from"},
    {"use_multiple_prompts: yes\nprompt: {source: sonnets}\n",
     "config.yaml:5: use_multiple_prompts: belongs to prompt.source prompts, and that is sonnets"},
    {"prompt: {file: a.yaml, dataset: b.jsonl}\n",
     "config.yaml:5: prompt.dataset: belongs to prompt.source dataset, and that is prompts"},
    {"prompt: {source: word}\n", "config.yaml:5: source: 'word' is not one of"},
    {"prompt: {tolerance: -1}\n", "config.yaml:5: tolerance: '-1' is not a number from"},
    {"slo: {client_ttft: 1}\n", "config.yaml:5: slo: 'client_ttft' is not a metric (did you mean"},
    {"slo: {client_ttft_s_p99: 1}\n", "config.yaml:5: slo: 'client_ttft_s_p99' is a limit for a"},
    {"slo:\n  client_ttft_s: 0\n",
     "config.yaml:6: slo: the limit of 'client_ttft_s' is not a number"},
    {"slo: {cached_tokens: 5}\n", "config.yaml:5: slo: 'cached_tokens' is neither better higher"},
    {"slo: {preset: mlperf-llama}\n", "config.yaml:5: slo: there is no preset 'mlperf-llama'"},
    {"labels: {release: [1]}\n", "config.yaml:5: labels: 'release' is not a text"},
};

static void test_each_fault_is_one_sentence_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faulty); i++) {
        struct settings settings = {0};
        struct faults faults = {0};
        char *yaml = memory_printf("%s%s", NEEDED, faulty[i].yaml);

        expect_true(faulty[i].yaml, !read_text(yaml, &settings, &faults));
        expect_faults(faulty[i].yaml, &faults, faulty[i].fault);
        faults_clear(&faults);
        settings_clear(&settings);
        free(yaml);
    }
}

static void test_every_missing_key_is_reported(void **state)
{
    static const char *const parts[] = {
        "config.yaml:1: 'model_configs_path' is missing: the CSV of rows to run",
        "config.yaml:2: 'llm_api' is missing: which kind of endpoint",
        "config.yaml:1: 'output_files_dir' is missing",
        "config.yaml:1: 'consolidated_results_dir' is missing",
    };
    struct settings settings = {0};
    struct faults faults = {0};

    (void)state;
    assert_false(read_text("timeout: 5\nllm_api:\n", &settings, &faults));
    assert_int_equal(faults.count, COUNT_OF(parts));
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        expect_part(parts[i], faults.text[i], parts[i]);
    assert_int_equal(settings.llm_api, API_UNKNOWN);
    faults_clear(&faults);
    settings_clear(&settings);
}

static void test_a_file_that_is_no_settings_file_is_reported(void **state)
{
    static const struct {
        const char *yaml, *part;
    } cases[] = {
        {NEEDED "timeout: [\n", "config.yaml:6: is not YAML"},
        {"hello\n", "config.yaml:1: is plain text"},
        {"", "config.yaml:1: 'model_configs_path' is missing"},
    };
    struct settings settings = {0};
    struct faults faults = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_true(cases[i].yaml, !read_text(cases[i].yaml, &settings, &faults));
        expect_part(cases[i].yaml, faults.text[0], cases[i].part);
        faults_clear(&faults);
        settings_clear(&settings);
    }
    assert_false(settings_read("missing.yaml", NULL, 0, &settings, &faults));
    expect_faults("missing", &faults, "'missing.yaml' cannot be opened");
    faults_clear(&faults);
    settings_clear(&settings);
}

static void test_what_is_no_mapping_is_one_fault_whatever_lies_on_top(void **state)
{
    static const struct {
        const char *yaml, *fault;
    } cases[] = {
        {"- a\n- b\n", "config.yaml:1: is a list; write lines KEY: VALUE"},
        {"\nnothing but words\n", "config.yaml:2: is plain text; write lines KEY: VALUE"},
        {"---\n", "is empty; write lines KEY: VALUE"},
    };
    static const struct settings_override override = {"--set", "timeout=5"};
    struct settings settings = {0};
    struct faults faults = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        support_write("config.yaml", cases[i].yaml);
        assert_false(settings_read("config.yaml", &override, 1, &settings, &faults));
        expect_faults(cases[i].yaml, &faults, cases[i].fault);
        faults_clear(&faults);
        settings_clear(&settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_each_fault_is_one_sentence_with_its_line),
        in_folder(test_every_missing_key_is_reported),
        in_folder(test_a_file_that_is_no_settings_file_is_reported),
        in_folder(test_what_is_no_mapping_is_one_fault_whatever_lies_on_top),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
