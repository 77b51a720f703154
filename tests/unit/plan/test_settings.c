/* config.yaml (formats.md, sections 1 and 10). */
#include "plan/settings.h"

#include <sys/stat.h>

#include "support.h"

#define NEEDED                                                                                     \
    "model_configs_path: rows.csv\nllm_api: sncloud\noutput_files_dir: runs\n"                     \
    "consolidated_results_dir: books\n"

static bool read_text(const char *yaml, struct settings *settings, struct faults *faults)
{
    support_write("config.yaml", yaml);
    return settings_read("config.yaml", NULL, 0, settings, faults);
}

static void test_what_is_not_given_has_its_default(void **state)
{
    struct settings settings = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(NEEDED, &settings, &faults));
    assert_string_equal(settings.model_configs_path, "rows.csv");
    assert_int_equal(settings.llm_api, API_SNCLOUD);
    assert_string_equal(settings.output_files_dir, "runs");
    assert_string_equal(settings.consolidated_results_dir, "books");
    assert_true(settings.timeout_s == 600);
    assert_true(settings.time_delay_s == 0);
    assert_true(settings.stop_grace_s == 5);
    assert_false(settings.use_multiple_prompts);
    assert_false(settings.save_llm_responses);
    assert_false(settings.concurrency_enabled);
    assert_int_equal(settings.max_workers, 4);
    assert_null(settings.run_name);
    assert_string_equal(settings.sampling_params, "{}");
    assert_true(settings.connection.preconnect);
    assert_true(settings.connection.connect_timeout_s == 10);
    assert_true(settings.connection.idle_timeout_s == 300);
    assert_null(settings.connection.ca_file);
    settings_clear(&settings);
    settings_clear(&settings);
}

static void test_what_is_given_is_read(void **state)
{
    struct settings settings = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text(NEEDED "timeout: 60\ntime_delay: 1.5\nuse_multiple_prompts: False\n"
                                 "concurrency_enabled: OFF\nmax_workers: 2\nrun_name: my_run-1.0\n"
                                 "seed: 42\nstop_grace: 0\nsave_llm_responses: True\n"
                                 "sampling_params: {temperature: 0, stop: [END]}\n"
                                 "connection: {preconnect: no, connect_timeout: 0.5}\n",
                          &settings, &faults));
    assert_true(settings.timeout_s == 60 && settings.time_delay_s == 1.5);
    assert_int_equal(settings.max_workers, 2);
    assert_string_equal(settings.run_name, "my_run-1.0");
    assert_true(settings.seed == 42 && settings.seed_given);
    assert_true(settings.stop_grace_s == 0);
    assert_true(settings.save_llm_responses);
    assert_string_equal(settings.sampling_params, "{\"temperature\":0,\"stop\":[\"END\"]}");
    assert_false(settings.connection.preconnect);
    assert_true(settings.connection.connect_timeout_s == 0.5);
    settings_clear(&settings);
}

static void test_a_seed_is_drawn_fresh_where_none_is_given(void **state)
{
    static const char *const cases[] = {NEEDED, NEEDED "seed:\n", NEEDED "seed: ~\n"};
    int64_t last = -1;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings = {0};
        struct faults faults = {0};

        expect_true(cases[i], read_text(cases[i], &settings, &faults));
        expect_true(cases[i], !settings.seed_given && settings.seed != last);
        expect_true(cases[i], settings.seed >= 0 && settings.seed < INT64_C(1) << 53);
        last = settings.seed;
        settings_clear(&settings);
    }
}

static void test_ignore_eos_is_the_clouds_default_alone(void **state)
{
    static const struct {
        const char *name, *yaml;
        bool ignore_eos;
    } cases[] = {
        {"sncloud", "llm_api: sncloud\n", true},
        {"letter case", "llm_api: SnCloud\n", true},
        {"openai", "llm_api: openai\n", false},
        {"sambastudio", "llm_api: sambastudio\n", false},
        {"said otherwise", "llm_api: sncloud\nignore_eos: no\n", false},
        {"asked for", "llm_api: openai\nignore_eos: True\n", true},
        {"empty", "llm_api: sncloud\nignore_eos:\n", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings = {0};
        struct faults faults = {0};
        char *yaml = memory_printf("model_configs_path: x\noutput_files_dir: x\n"
                                   "consolidated_results_dir: x\n%s",
                                   cases[i].yaml);

        expect_true(cases[i].name, read_text(yaml, &settings, &faults));
        expect_true(cases[i].name, settings.ignore_eos == cases[i].ignore_eos);
        free(yaml);
        settings_clear(&settings);
    }
}

static void test_overrides_lie_on_top_of_the_file(void **state)
{
    static const struct settings_override overrides[] = {{"--set", "timeout=60"},
                                                         {"--set", "connection.preconnect=off"},
                                                         {"--set", "sampling_params.top_k=5"},
                                                         {"--name", "run_name=x=y"}};
    static const struct {
        const char *override, *fault;
    } cases[] = {
        {"timeout", "--set timeout: write KEY=VALUE, such as --set timeout=60"},
        {"=5", "--set =5: write KEY=VALUE"},
        {"timeout=[", "--set timeout=[: the value cannot be read"},
        {"timeout.x=5", "--set timeout.x=5: 'timeout.x' leads through a setting that has no"},
        {"timeout=soon", "timeout: 'soon' is not a number"},
        {"timeuot=5", "unknown key 'timeuot'; did you mean 'timeout'?"},
        {"connection.idle=3", "--set: unknown key 'idle'; did you mean 'idle_timeout'?"},
        {"seed=-1", "--set: seed: '-1' is not a whole number from 0 to 9007199254740992"},
        {"seed=9007199254740993", "seed: '9007199254740993' is not a whole number from 0 to"},
    };
    struct settings settings = {0};
    struct faults faults = {0};

    (void)state;
    support_write("config.yaml", NEEDED "timeout: 5\nsampling_params: {top_p: 1}\n");
    assert_true(settings_read("config.yaml", overrides, 3, &settings, &faults));
    assert_true(settings.timeout_s == 60);
    assert_false(settings.connection.preconnect);
    assert_string_equal(settings.sampling_params, "{\"top_p\":1,\"top_k\":5}");
    settings_clear(&settings);
    assert_false(settings_read("config.yaml", overrides + 3, 1, &settings, &faults));
    expect_faults("a second =", &faults, "--name: run_name: 'x=y' cannot name a folder");
    faults_clear(&faults);
    settings_clear(&settings);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings_override given = {"--set", cases[i].override};

        expect_true(cases[i].override,
                    !settings_read("config.yaml", &given, 1, &settings, &faults));
        expect_faults(cases[i].override, &faults, cases[i].fault);
        faults_clear(&faults);
        settings_clear(&settings);
    }
}

/* Input paths: the working directory first, then the config's folder; output paths: as given. */
static void test_paths_are_found_and_home_is_expanded(void **state)
{
    static const struct {
        const char *given, *found;
    } cases[] = {
        {"here.csv", "here.csv"},     {"beside.csv", "folder/beside.csv"},
        {"both.csv", "both.csv"},     {"nowhere.csv", "nowhere.csv"},
        {"/abs/x.csv", "/abs/x.csv"}, {"~/x.csv", "/home/me/x.csv"},
    };

    (void)state;
    setenv("HOME", "/home/me", 1);
    mkdir("folder", 0777);
    support_write("here.csv", "");
    support_write("both.csv", "");
    support_write("folder/both.csv", "");
    support_write("folder/beside.csv", "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings = {0};
        struct faults faults = {0};
        char *yaml = memory_printf("model_configs_path: %s\nllm_api: openai\noutput_files_dir: ~/o"
                                   "\nconsolidated_results_dir: beside.csv\n"
                                   "connection: {ca_file: %s}\n",
                                   cases[i].given, cases[i].given);

        support_write("folder/config.yaml", yaml);
        expect_true(cases[i].given,
                    settings_read("folder/config.yaml", NULL, 0, &settings, &faults));
        expect_text(cases[i].given, settings.model_configs_path, cases[i].found);
        expect_text(cases[i].given, settings.connection.ca_file, cases[i].found);
        expect_text(cases[i].given, settings.output_files_dir, "/home/me/o");
        expect_text(cases[i].given, settings.consolidated_results_dir, "beside.csv");
        free(yaml);
        settings_clear(&settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_what_is_not_given_has_its_default),
        in_folder(test_what_is_given_is_read),
        in_folder(test_a_seed_is_drawn_fresh_where_none_is_given),
        in_folder(test_ignore_eos_is_the_clouds_default_alone),
        in_folder(test_overrides_lie_on_top_of_the_file),
        in_folder(test_paths_are_found_and_home_is_expanded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
