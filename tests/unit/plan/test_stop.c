/* stop_when in a config.yaml: what it is read into, and what cannot stand beside it. */
#include "plan/stop.h"

#include "plan/settings.h"
#include "support.h"

#define NEEDED                                                                                     \
    "model_configs_path: rows.csv\nllm_api: sncloud\noutput_files_dir: runs\n"                     \
    "consolidated_results_dir: books\n"

static bool read_text(const char *yaml, const struct settings_override *overrides, size_t count,
                      struct settings *settings, struct faults *faults)
{
    char *text = memory_printf("%s%s", NEEDED, yaml);
    bool done;

    support_write("config.yaml", text);
    done = settings_read("config.yaml", overrides, count, settings, faults);
    free(text);
    return done;
}

static void test_a_rule_is_read_with_its_defaults(void **state)
{
    static const struct {
        const char *yaml;
        bool asked;
        double half_width;
        int64_t at_most_passes;
        int of;
        int64_t passes; /* that a run is planned with */
    } cases[] = {
        {"", false, 0, 12, STOP_ROWS, 1},
        {"passes: 5\n", false, 0, 12, STOP_ROWS, 5},
        {"passes: 5\nstop_when:\n", false, 0, 12, STOP_ROWS, 5},
        {"stop_when: {}\n", true, 0.1, 12, STOP_ROWS, 12},
        {"stop_when: {half_width: 0.25, at_most_passes: 4, of: pairs}\n", true, 0.25, 4, STOP_PAIRS,
         4},
        {"passes:\nstop_when: {of: rows}\n", true, 0.1, 12, STOP_ROWS, 12},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings = {0};
        struct faults faults = {0};
        const struct stop_rule *rule = &settings.stop_when;

        read_text(cases[i].yaml, NULL, 0, &settings, &faults);
        expect_faults(cases[i].yaml, &faults, NULL);
        expect_true(cases[i].yaml, stop_asked(rule) == cases[i].asked);
        expect_number(cases[i].yaml, rule->half_width, cases[i].half_width);
        expect_true(cases[i].yaml, rule->at_most_passes == cases[i].at_most_passes);
        expect_true(cases[i].yaml, rule->of == cases[i].of);
        expect_true(cases[i].yaml, stop_passes(rule, settings.passes) == cases[i].passes);
        settings_clear(&settings);
    }
}

/* Behind NEEDED, so the first line of `yaml` is line 5. */
static void test_each_fault_is_one_sentence_with_its_line(void **state)
{
    static const struct {
        const char *yaml, *fault;
    } cases[] = {
        {"stop_when: {half_width: 0}\n", "config.yaml:5: half_width: '0' is not a number from"},
        {"stop_when: {half_width: 1}\n", "config.yaml:5: half_width: '1' is not a number from"},
        {"stop_when:\n  half_width: -0.1\n", "config.yaml:6: half_width: '-0.1' is not a number"},
        {"stop_when: {at_most_passes: 1}\n",
         "config.yaml:5: at_most_passes: '1' is not a whole number from 2"},
        {"stop_when: {of: row}\n", "config.yaml:5: of: 'row' is not one of"},
        {"stop_when: {half_widht: 0.1}\n", "unknown key 'half_widht'; did you mean 'half_width'?"},
        {"stop_when: 3\n", "config.yaml:5: expected 'key: value' lines here"},
        {"passes: 3\nstop_when: {}\n",
         "config.yaml:5: passes: cannot be set together with stop_when; leave it out, and set "
         "stop_when.at_most_passes"},
        {"concurrency_enabled: true\nstop_when: {}\n",
         "config.yaml:6: stop_when: needs rows one after another; leave out concurrency_enabled"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings = {0};
        struct faults faults = {0};

        expect_true(cases[i].yaml, !read_text(cases[i].yaml, NULL, 0, &settings, &faults));
        expect_faults(cases[i].yaml, &faults, cases[i].fault);
        faults_clear(&faults);
        settings_clear(&settings);
    }
}

static void test_the_command_line_asks_for_it_and_is_held_against_it(void **state)
{
    static const struct settings_override rule[] = {{"--set", "stop_when.half_width=0.2"}};
    static const struct settings_override both[] = {{"--set", "stop_when.half_width=0.2"},
                                                    {"--passes", "passes=3"}};
    struct settings settings = {0};
    struct faults faults = {0};

    (void)state;
    assert_true(read_text("", rule, 1, &settings, &faults));
    expect_number("half width", settings.stop_when.half_width, 0.2);
    settings_clear(&settings);
    assert_false(read_text("", both, 2, &settings, &faults));
    expect_faults("both", &faults, "--passes: passes: cannot be set together with stop_when");
    faults_clear(&faults);
    settings_clear(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_rule_is_read_with_its_defaults),
        in_folder(test_each_fault_is_one_sentence_with_its_line),
        in_folder(test_the_command_line_asks_for_it_and_is_held_against_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
