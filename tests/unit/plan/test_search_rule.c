/* search in a config.yaml: what it is read into, which loads it covers, and what is none. */
#include "plan/search_rule.h"

#include "plan/settings.h"
#include "support.h"

#define NEEDED                                                                                     \
    "model_configs_path: rows.csv\nllm_api: sncloud\noutput_files_dir: runs\n"                     \
    "consolidated_results_dir: books\n"

static void read_text(const char *yaml, struct settings *settings, struct faults *faults)
{
    char *text = memory_printf("%s%s", NEEDED, yaml);

    support_write("config.yaml", text);
    settings_read("config.yaml", NULL, 0, settings, faults);
    free(text);
}

static void test_a_rule_is_read_with_its_defaults(void **state)
{
    static const struct {
        const char *yaml;
        bool asked, confirm;
        double goodput_share, resolution, budget_s;
        size_t range;
    } cases[] = {
        {"", false, true, 0.95, 0.05, 1200, 0},
        {"search:\n", false, true, 0.95, 0.05, 1200, 0},
        {"search: {}\n", true, true, 0.95, 0.05, 1200, 0},
        {"search: {goodput_share: 0.9, range: [0.5, 200], resolution: 0.1, budget_s: 60, "
         "confirm: false}\n",
         true, false, 0.9, 0.1, 60, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings = {0};
        struct faults faults = {0};
        const struct search_rule *rule = &settings.search;

        read_text(cases[i].yaml, &settings, &faults);
        expect_faults(cases[i].yaml, &faults, NULL);
        expect_true(cases[i].yaml, rule->asked == cases[i].asked);
        expect_true(cases[i].yaml, rule->confirm == cases[i].confirm);
        expect_number(cases[i].yaml, rule->goodput_share, cases[i].goodput_share);
        expect_number(cases[i].yaml, rule->resolution, cases[i].resolution);
        expect_number(cases[i].yaml, rule->budget_s, cases[i].budget_s);
        expect_true(cases[i].yaml, rule->range.count == cases[i].range);
        settings_clear(&settings);
    }
}

/* Behind NEEDED, so the first line of `yaml` is line 5. */
static void test_each_fault_is_one_sentence_with_its_line(void **state)
{
    static const struct {
        const char *yaml, *fault;
    } cases[] = {
        {"search: {range: [2, 1]}\n", "config.yaml:5: search.range: is not two loads"},
        {"search: {range: [1]}\n", "config.yaml:5: search.range: is not two loads"},
        {"search: {range: [1, 2, 3]}\n", "config.yaml:5: search.range: is not two loads"},
        {"search: {range: [0, 2]}\n", "config.yaml:5"},
        {"search: {goodput_share: 1}\n", "goodput_share: '1' is not a number from 0.5"},
        {"search: {budget: 3}\n", "unknown key 'budget'; did you mean 'budget_s'?"},
        {"concurrency_enabled: true\nsearch: {}\n", "config.yaml:6: search: needs rows one after"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings = {0};
        struct faults faults = {0};

        read_text(cases[i].yaml, &settings, &faults);
        expect_true(cases[i].yaml, faults.count > 0);
        expect_part(cases[i].yaml, faults.text[0], cases[i].fault);
        faults_clear(&faults);
        settings_clear(&settings);
    }
}

static void test_the_loads_of_a_row(void **state)
{
    double loads[] = {0.5, 20.5}, low, high;
    const struct search_rule free = {0}, bound = {.range = {loads, 2}};
    const struct row rate = {.qps = 3}, closed = {.concurrent_requests = 8};

    (void)state;
    search_rule_range(&free, &rate, &low, &high);
    expect_number("low", low, 3.0 / SEARCH_REACH);
    expect_number("high", high, 3.0 * SEARCH_REACH);
    search_rule_range(&free, &closed, &low, &high);
    expect_number("whole, and one at least", low, 1);
    expect_number("high", high, 512);
    search_rule_range(&bound, &rate, &low, &high);
    expect_true("as given", low == 0.5 && high == 20.5);
    search_rule_range(&bound, &closed, &low, &high);
    expect_true("whole", low == 1 && high == 20);
}

static void test_a_step_is_the_row_at_another_load(void **state)
{
    const struct row rate = {.qps = 3, .num_requests = 7, .duration_s = 9, .cooldown_requests = 2};
    const struct row closed = {.concurrent_requests = 8, .num_requests = 7};
    struct row step = search_rule_row(&rate, 4.5, 100, 20);

    (void)state;
    assert_true(step.qps == 4.5 && step.concurrent_requests == 0 && step.num_requests == 100);
    assert_true(step.warmup_requests == 20 && step.cooldown_requests == 0 && step.duration_s == 0);
    step = search_rule_row(&closed, 6, 100, 20);
    assert_true(step.qps == 0 && step.concurrent_requests == 6);
    expect_number("its own", search_rule_load(&closed), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_rule_is_read_with_its_defaults),
        in_folder(test_each_fault_is_one_sentence_with_its_line),
        cmocka_unit_test(test_the_loads_of_a_row),
        cmocka_unit_test(test_a_step_is_the_row_at_another_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
