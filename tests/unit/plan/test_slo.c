/* Service level objectives from a config's mapping. */
#include "plan/slo.h"

#include "support.h"

static struct objectives read_text(const char *yaml, size_t *fault_count)
{
    struct faults faults = {0};
    struct objectives objectives;
    struct error error;
    struct yaml *root = yaml_parse(yaml, strlen(yaml), "test", &error);

    slo_read(root, &objectives, &faults);
    *fault_count = faults.count;
    faults_clear(&faults);
    yaml_delete(root);
    return objectives;
}

static double limit_of(const struct objectives *objectives, enum metric metric)
{
    for (size_t i = 0; i < objectives->count; i++) {
        if (objectives->one[i].metric == metric)
            return objectives->one[i].limit;
    }
    return NAN;
}

static void test_limits_are_read_by_their_metrics(void **state)
{
    size_t faults;
    struct objectives objectives =
        read_text("client_ttft_s: 2.0\nclient_output_token_per_s_per_request: 20\n", &faults);

    (void)state;
    assert_int_equal(faults, 0);
    assert_int_equal(objectives.count, 2);
    expect_number("ttft", limit_of(&objectives, METRIC_CLIENT_TTFT_S), 2);
    expect_number("speed", limit_of(&objectives, METRIC_CLIENT_OUTPUT_TOKEN_PER_S), 20);
}

/* mlperf.conf: llama2-70b interactive 450 ms and 40 ms; what stands beside it replaces it. */
static void test_a_preset_gives_limits_that_others_replace(void **state)
{
    size_t faults;
    struct objectives objectives = read_text(
        "client_ttft_s: 0.3\npreset: mlperf-llama2-70b-interactive\nserver_ttft_s: 1\n", &faults);

    (void)state;
    assert_int_equal(faults, 0);
    assert_int_equal(objectives.count, 3);
    expect_number("ttft", limit_of(&objectives, METRIC_CLIENT_TTFT_S), 0.3);
    expect_number("tpot", limit_of(&objectives, METRIC_CLIENT_TIME_PER_OUTPUT_TOKEN_S), 0.04);
    expect_number("server", limit_of(&objectives, METRIC_SERVER_TTFT_S), 1);
}

static void test_every_preset_has_both_limits(void **state)
{
    (void)state;
    for (const struct slo_preset *preset = slo_presets; preset->name; preset++) {
        assert_true(preset->ttft_s > preset->time_per_output_token_s);
        assert_true(preset->time_per_output_token_s > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_are_read_by_their_metrics),
        cmocka_unit_test(test_a_preset_gives_limits_that_others_replace),
        cmocka_unit_test(test_every_preset_has_both_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
