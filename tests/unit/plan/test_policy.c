/* The policy of a release qualification. */
#include "plan/policy.h"

#include "support.h"

static bool parse(const char *yaml, struct policy *policy, struct faults *faults)
{
    return policy_parse(yaml, "p.yaml", policy, faults);
}

/* A policy of one check with these limits, behind `head`. */
static char *policy_of(const char *head, const char *limits)
{
    return memory_printf("%schecks:\n  - rows: '*70B*'\n    limits: %s\n", head, limits);
}

static void test_a_limit_is_read_by_the_name_of_its_measure(void **state)
{
    static const struct {
        const char *limits;
        enum measure_kind kind;
        enum metric metric;
        double quantile;
        bool lower_is_better, in_points;
        const char *unit;
        double margin, least, most;
    } cases[] = {
        {"{client_ttft_s_p99: {margin: 0.05, max: 2}}", MEASURE_METRIC, METRIC_CLIENT_TTFT_S, 0.99,
         true, false, "s", 0.05, NAN, 2},
        {"{client_ttft_s_p5: {max: 2}}", MEASURE_METRIC, METRIC_CLIENT_TTFT_S, 0.05, true, false,
         "s", NAN, NAN, 2},
        {"{client_ttft_s_mean: {max: 2}}", MEASURE_METRIC, METRIC_CLIENT_TTFT_S, NAN, true, false,
         "s", NAN, NAN, 2},
        {"{client_output_token_per_s_p50: {min: 20, max: 90}}", MEASURE_METRIC,
         METRIC_CLIENT_OUTPUT_TOKEN_PER_S, 0.5, false, false, "tokens/s", NAN, 20, 90},
        {"{error_rate: {max: 0.01}}", MEASURE_ERROR_RATE, 0, NAN, true, false, "share", NAN, NAN,
         0.01},
        {"{client_total_output_throughput: {margin: 0.1}}", MEASURE_THROUGHPUT, 0, NAN, false,
         false, "tokens/s", 0.1, NAN, NAN},
        {"{switch_s: {max: 3}}", MEASURE_SWITCH, 0, NAN, true, false, "s", NAN, NAN, 3},
        {"{switch_paid_share: {margin: 0.1}}", MEASURE_SWITCH_SHARE, 0, NAN, true, true, "share",
         0.1, NAN, NAN},
        {"{max_qps: {margin: 0.1}}", MEASURE_MAX_QPS, 0, NAN, false, false, "requests/s", 0.1, NAN,
         NAN},
        {"{max_concurrent_requests: {min: 4}}", MEASURE_MAX_AT_ONCE, 0, NAN, false, false,
         "requests", NAN, 4, NAN},
        {"{switch_s_per_visit: {margin: 0}}", MEASURE_SWITCH_VISIT, 0, NAN, true, false, "s", 0,
         NAN, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *yaml = policy_of("", cases[i].limits);
        struct faults faults = {0};
        struct policy policy;
        const struct policy_limit *limit;

        expect_true(yaml, parse(yaml, &policy, &faults));
        expect_true(yaml, policy.limits == 1);
        limit = policy.limit;
        expect_true(yaml, limit->measure.kind == cases[i].kind);
        expect_true(yaml, limit->measure.metric == cases[i].metric);
        expect_number(yaml, limit->measure.quantile, cases[i].quantile);
        expect_true(yaml, limit->measure.lower_is_better == cases[i].lower_is_better);
        expect_true(yaml, limit->measure.margin_in_points == cases[i].in_points);
        expect_text(yaml, limit->measure.unit, cases[i].unit);
        expect_text(yaml, limit->rows, "*70B*");
        expect_number(yaml, limit->margin, cases[i].margin);
        expect_number(yaml, limit->least, cases[i].least);
        expect_number(yaml, limit->most, cases[i].most);
        policy_clear(&policy);
        free(yaml);
    }
}

static void test_what_is_not_given_has_its_fallback(void **state)
{
    struct faults faults = {0};
    struct policy policy;

    (void)state;
    assert_true(parse("checks:\n  - limits: {error_rate: {max: 0}}\n", &policy, &faults));
    assert_int_equal(policy.min_requests, 20);
    assert_int_equal(policy.min_runs, 2);
    expect_number("confidence", policy.confidence, 0.95);
    assert_int_equal(policy.resamples, 2000);
    assert_true(policy.require_valid);
    expect_text("rows", policy.limit[0].rows, "*");
    expect_text("a model", policy_model(&policy, "m"), "m");
    policy_clear(&policy);
}

static void test_a_model_may_have_another_name_in_the_candidate(void **state)
{
    char *yaml = policy_of("models: {m: m-2, n: {o: p}}\n", "{error_rate: {max: 0}}");
    struct faults faults = {0};
    struct policy policy;

    (void)state;
    assert_true(parse(yaml, &policy, &faults));
    expect_text("renamed", policy_model(&policy, "m"), "m-2");
    expect_text("as it is", policy_model(&policy, "m-2"), "m-2");
    expect_text("no name", policy_model(&policy, "n"), "n");
    policy_clear(&policy);
    free(yaml);
}

static void test_goodput_counts_by_the_policys_own_objectives(void **state)
{
    static const char *const limits[] = {"{goodput_share: {min: 0.9}}",
                                         "{goodput_requests_per_s: {margin: 0.1}}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        char *without = policy_of("", limits[i]);
        char *with = policy_of("slo: {client_ttft_s: 2}\n", limits[i]);
        struct faults faults = {0};
        struct policy policy;

        expect_true(without, !parse(without, &policy, &faults));
        expect_faults(without, &faults, "p.yaml:1: slo: is missing, and 'goodput_");
        policy_clear(&policy);
        faults_clear(&faults);
        expect_true(with, parse(with, &policy, &faults));
        expect_number(with, policy.objectives.one[0].limit, 2);
        policy_clear(&policy);
        free(without);
        free(with);
    }
}

static void test_faults_say_where_and_what_to_do(void **state)
{
    static const struct {
        const char *head, *limits, *says;
    } cases[] = {
        {"", "{client_ttft: {max: 1}}", "p.yaml:3: checks: 'client_ttft' cannot be checked"},
        {"", "{client_ttft_s_p98: {max: 1}}", "'client_ttft_s_p98' cannot be checked"},
        {"", "{client_ttft_s: {max: 1}}", "a metric is named with its statistic"},
        {"", "{number_input_tokens_p50: {max: 1}}", "cannot be checked"},
        {"", "{eror_rate: {max: 1}}", "did you mean 'error_rate'?"},
        {"", "{client_ttft_s_p50: 3}", "the limits of 'client_ttft_s_p50' are not a mapping"},
        {"", "{client_ttft_s_p50: {}}", "'client_ttft_s_p50' has no limit; give margin, max or"},
        {"", "{client_ttft_s_p50: {margin: -1}}", "margin: '-1' is not a number"},
        {"", "{client_ttft_s_p50: {most: 1}}", "'most'"},
        {"", "{error_rate: {margin: 0.1}}", "'error_rate' has no ratio where nothing fails"},
        {"", "{}", "checks: names nothing that must hold"},
        {"min_runs: 0\n", "{error_rate: {max: 0}}", "min_runs: '0' is not"},
        {"confidence: 1\n", "{error_rate: {max: 0}}", "confidence: '1' is not"},
        {"slo: {client_ttft_s: 0}\n", "{error_rate: {max: 0}}", "the limit of 'client_ttft_s'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *yaml = policy_of(cases[i].head, cases[i].limits);
        struct faults faults = {0};
        struct policy policy;

        expect_true(yaml, !parse(yaml, &policy, &faults));
        expect_faults(yaml, &faults, cases[i].says);
        policy_clear(&policy);
        faults_clear(&faults);
        free(yaml);
    }
}

static void test_a_file_that_is_not_there_is_reported(void **state)
{
    struct faults faults = {0};
    struct policy policy;

    (void)state;
    assert_false(policy_read("nowhere.yaml", &policy, &faults));
    expect_faults("no file", &faults, "nowhere.yaml");
    policy_clear(&policy);
    faults_clear(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_limit_is_read_by_the_name_of_its_measure),
        cmocka_unit_test(test_what_is_not_given_has_its_fallback),
        cmocka_unit_test(test_a_model_may_have_another_name_in_the_candidate),
        cmocka_unit_test(test_goodput_counts_by_the_policys_own_objectives),
        cmocka_unit_test(test_faults_say_where_and_what_to_do),
        in_folder(test_a_file_that_is_not_there_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
