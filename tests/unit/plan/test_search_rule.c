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
    search_rule_range(&free, &rate, 1, &low, &high);
    expect_number("low", low, 3.0 / SEARCH_REACH);
    expect_number("high", high, 3.0 * SEARCH_REACH);
    search_rule_range(&free, &closed, 1, &low, &high);
    expect_number("whole, and one at least", low, 1);
    expect_number("high", high, 512);
    search_rule_range(&bound, &rate, 1, &low, &high);
    expect_true("as given", low == 0.5 && high == 20.5);
    search_rule_range(&bound, &closed, 1, &low, &high);
    expect_true("whole", low == 1 && high == 20);
}

static void test_a_step_is_the_row_at_another_load(void **state)
{
    const struct row rate = {.qps = 3, .num_requests = 7, .duration_s = 9, .cooldown_requests = 2};
    const struct row closed = {.concurrent_requests = 8, .num_requests = 7};
    struct row step;

    (void)state;
    search_rule_rows(&rate, 1, 4.7, 100, 20, &step);
    assert_true(step.qps == 4.7 && step.concurrent_requests == 0 && step.num_requests == 100);
    assert_true(step.warmup_requests == 20 && step.cooldown_requests == 0 && step.duration_s == 0);
    search_rule_rows(&closed, 1, 6, 100, 20, &step);
    assert_true(step.qps == 0 && step.concurrent_requests == 6);
    expect_number("its own", search_rule_load(&closed, 1), 8);
    assert_true(search_rule_by(&rate) == SEARCH_BY_QPS);
    assert_true(search_rule_by(&closed) == SEARCH_BY_CONCURRENCY);
    assert_true(search_rule_lines(&rate, 1) == SIZE_MAX && isnan(search_rule_trace_qps(&rate, 1)));
}

/* --- Mixes ------------------------------------------------------------------------------------ */

static char day[] = "day";

static void test_rates_of_a_mix_are_scaled_together(void **state)
{
    const struct row mix[] = {{.mix = day, .qps = 2, .num_requests = 7},
                              {.mix = day, .qps = 6, .num_requests = 7}};
    const struct search_rule free = {0};
    struct row step[2];
    double low, high;

    (void)state;
    expect_number("all of it", search_rule_load(mix, 2), 8);
    search_rule_range(&free, mix, 2, &low, &high);
    assert_true(low == 8.0 / SEARCH_REACH && high == 8.0 * SEARCH_REACH);
    search_rule_rows(mix, 2, 12, 300, 40, step);
    assert_true(step[0].qps == 3 && step[1].qps == 9);
    expect_number("all end together", step[0].duration_s, 25);
    expect_number("by the clock alone", (double)step[0].num_requests, 0);
    assert_true(step[0].warmup_requests == 10 && step[1].warmup_requests == 30);
}

static void test_places_of_a_mix_keep_their_ratio(void **state)
{
    static const struct {
        int64_t own[3];
        double load;
        int64_t places[3];
    } cases[] = {
        {{4, 2, 2}, 16, {8, 4, 4}}, {{4, 2, 2}, 8, {4, 2, 2}},         {{4, 2, 2}, 4, {2, 1, 1}},
        {{4, 2, 2}, 3, {1, 1, 1}},  {{10, 1, 1}, 6, {4, 1, 1}},        {{2, 2, 2}, 7, {3, 2, 2}},
        {{98, 1, 1}, 5, {3, 1, 1}}, {{1, 1, 1}, 300, {100, 100, 100}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct row mix[3] = {{0}}, step[3];

        for (int k = 0; k < 3; k++)
            mix[k] = (struct row){.mix = day, .concurrent_requests = cases[i].own[k]};
        search_rule_rows(mix, 3, cases[i].load, 100, 12, step);
        for (int k = 0; k < 3; k++)
            expect_number("places", (double)step[k].concurrent_requests,
                          (double)cases[i].places[k]);
        expect_number("whoever is faster sends more", (double)step[2].num_requests, 100);
        expect_number("all of them", search_rule_load(step, 3), cases[i].load);
    }
}

static void test_a_mix_needs_a_place_for_each_row(void **state)
{
    const struct row own[] = {{.mix = day, .concurrent_requests = 8},
                              {.mix = day, .concurrent_requests = 1}};
    const struct row shared[] = {{.mix = day, .concurrent_requests = 9, .share = 0.75},
                                 {.mix = day, .concurrent_requests = 9, .share = 0.25}};
    const struct search_rule free = {0};
    struct row step[2];
    double low, high;

    (void)state;
    search_rule_range(&free, own, 2, &low, &high);
    expect_number("two rows", low, 2);
    search_rule_range(&free, shared, 2, &low, &high);
    expect_number("shared", low, 1);
    expect_number("counted once", search_rule_load(shared, 2), 9);
    search_rule_rows(shared, 2, 5, 100, 20, step);
    assert_true(step[0].concurrent_requests == 5 && step[1].concurrent_requests == 5);
    expect_number("those in front among them", (double)step[0].mix_requests, 120);
    expect_number("none of their own", (double)step[0].warmup_requests, 0);
}

static void test_a_trace_is_sent_faster(void **state)
{
    char path[] = "trace.jsonl";
    const struct row mix[] = {
        {.mix = day, .trace = path, .trace_speed = 2, .qps = 6, .num_requests = 300},
        {.mix = day, .trace = path, .trace_speed = 2, .qps = 2, .num_requests = 100}};
    struct row step[2];

    (void)state;
    assert_true(search_rule_by(mix) == SEARCH_BY_TRACE_SPEED);
    expect_number("its speed", search_rule_load(mix, 2), 2);
    expect_number("at speed 1", search_rule_trace_qps(mix, 2), 4);
    expect_number("lines", (double)search_rule_lines(mix, 2), 400);
    search_rule_rows(mix, 2, 3, 200, 40, step);
    assert_true(step[0].trace_speed == 3 && step[0].qps == 9 && step[1].qps == 3);
    assert_true(step[0].warmup_requests == 30 && step[1].warmup_requests == 10);
    assert_true(step[0].num_requests == 270 && step[1].num_requests == 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_a_rule_is_read_with_its_defaults),
        in_folder(test_each_fault_is_one_sentence_with_its_line),
        cmocka_unit_test(test_the_loads_of_a_row),
        cmocka_unit_test(test_a_step_is_the_row_at_another_load),
        cmocka_unit_test(test_rates_of_a_mix_are_scaled_together),
        cmocka_unit_test(test_places_of_a_mix_keep_their_ratio),
        cmocka_unit_test(test_a_mix_needs_a_place_for_each_row),
        cmocka_unit_test(test_a_trace_is_sent_faster),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
