/* The summary of a step: its keys, and the way there and back (formats.md, sections 6 and 10). */
#include "store/summary_file.h"

#include <cjson/cJSON.h>

#include "core/memory.h"

#include "records.h"
#include "support.h"

/* A step with two metrics, two error kinds and a switch. */
static struct step measured(bool open_loop)
{
    struct step step = {
        .index = 2,
        .name = memory_text("synthetic_0_m_1_2_4_stream_u"),
        .row = {.model_name = memory_text("vendor/m \"x\""),
                .input_tokens = 100,
                .output_tokens = 20,
                .num_requests = 7,
                .concurrent_requests = open_loop ? 0 : 4,
                .qps = open_loop ? 0.5 : 0,
                .qps_distribution = open_loop ? ROW_EXPONENTIAL : ROW_CONSTANT,
                .multimodal_img_size = open_loop ? ROW_SMALL : ROW_NO_IMAGE},
        .timestamp_s = 1772409599,
        .end = STEP_TIMED_OUT,
        .connections_opened_ahead = 4,
        .journal_wait_s = 0.25,
        .journal_fill_most = 17,
        .started = 7,
        .completed = 4,
        .errors = 3,
        .error = memory_new(2, sizeof *step.error),
        .error_kinds = 2,
        .wall_s = 12.5,
        .client_total_output_throughput = 1.0 / 3,
        .mean_output_throughput = 17,
        .completed_per_min = 19.2,
        .batch = memory_new(2, sizeof *step.batch),
        .batches = 2,
        .batches_from_server = true,
        .representative_batch_size = 4,
        .switching = {SWITCHING_FOUND, 0.75, true},
        .switching_time_largest_batch_s = 0.375,
    };

    step.error[0] = (struct error_count){.code = "429", .is_status = true, .count = 2};
    step.error[1] = (struct error_count){.code = "timeout", .count = 1};
    step.batch[0] = (struct batch_count){1, 1};
    step.batch[1] = (struct batch_count){4, 3};
    step.metric[METRIC_CLIENT_TTFT_S] =
        (struct metric_summary){4, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, 0.35, 0.05, 0.75, 0.125};
    step.metric[METRIC_SERVER_TTFT_S] =
        (struct metric_summary){1, {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 0.1, 0.1, 0.1, NAN};
    step.metric[METRIC_NUMBER_TOTAL_TOKENS] = (struct metric_summary){
        4, {1, 1, 1, 1, 1, 1, 1}, 1, 1, 1, 0}; /* has no summary in the file */
    return step;
}

static char *written(const struct step *step, const char *sampling_params)
{
    struct text json = {0};

    summary_file_add_json(step, sampling_params, &json);
    return text_take(&json);
}

#define TTFT   "results_client_ttft_s_"
#define SERVER "results_server_ttft_s_"

static void test_keys_stand_in_their_documented_order(void **state)
{
    static const char *const keys[] = {"name",
                                       "model",
                                       "num_concurrent_requests",
                                       TTFT "quantiles_p5",
                                       TTFT "quantiles_p25",
                                       TTFT "quantiles_p50",
                                       TTFT "quantiles_p75",
                                       TTFT "quantiles_p90",
                                       TTFT "quantiles_p95",
                                       TTFT "quantiles_p99",
                                       TTFT "mean",
                                       TTFT "min",
                                       TTFT "max",
                                       TTFT "stddev",
                                       SERVER "quantiles_p5",
                                       SERVER "quantiles_p25",
                                       SERVER "quantiles_p50",
                                       SERVER "quantiles_p75",
                                       SERVER "quantiles_p90",
                                       SERVER "quantiles_p95",
                                       SERVER "quantiles_p99",
                                       SERVER "mean",
                                       SERVER "min",
                                       SERVER "max",
                                       SERVER "stddev",
                                       "results_num_requests_started",
                                       "results_error_rate",
                                       "results_number_errors",
                                       "results_error_code_frequency",
                                       "results_client_total_output_throughput",
                                       "results_mean_output_throughput_token_per_s",
                                       "results_num_completed_requests",
                                       "results_num_completed_requests_per_min",
                                       "num_input_tokens",
                                       "num_output_tokens",
                                       "additional_sampling_params_temperature",
                                       "additional_sampling_params_a_b",
                                       "additional_sampling_params_stop",
                                       "model_idx",
                                       "timestamp"};
    struct step step = measured(false);
    char *json = written(&step, "{\"temperature\":0,\"a\":{\"b\":null},\"stop\":[\"x\"]}");
    cJSON *object = cJSON_Parse(json);
    const cJSON *item = object ? object->child : NULL;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++, item = item->next)
        expect_text(keys[i], item ? item->string : "no more keys", keys[i]);
    for (item = object->child; item; item = item->next) {
        expect_true(item->string, !cJSON_IsObject(item)); /* flat */
        for (const cJSON *other = item->next; other; other = other->next)
            expect_true(item->string, strcmp(item->string, other->string) != 0);
    }
    cJSON_Delete(object);
    free(json);
    step_clear(&step);
}

static void test_values_as_they_are_printed(void **state)
{
    static const char *const closed[] = {
        "\"name\":\t\"synthetic_0_m_1_2_4_stream_u_summary\"",
        "\"model\":\t\"vendor/m \\\"x\\\"\"",
        "\"num_concurrent_requests\":\t4,",
        "\"" TTFT "quantiles_p50\":\t0.3,",
        "\"" TTFT "min\":\t0.05,",
        "\"" SERVER "stddev\":\tnull,",
        "\"results_error_rate\":\t0.42857142857142855,",
        "\"results_error_code_frequency\":\t\"{429: 2, 'timeout': 1}\"",
        "\"results_num_completed_requests_per_min\":\t19.2,",
        "\"timestamp\":\t1772409599,",
        "\"multimodal_img_size\":\t\"na\"",
        "\"request_batching_frequencies\":\t\"{1: 1, 4: 3}\"",
        "\"journal_wait_s\":\t0.25,",
        "\"journal_fill_most\":\t17,",
        "\"representative_batch_size\":\t4,",
        "\"switching_time_documented_s\":\t0.75,",
        "\"switching_time_largest_batch_s\":\t0.375,",
    };
    static const char *const open_loop[] = {"\"qps\":\t0.5,\n",
                                            "\"qps_distribution\":\t\"exponential\"",
                                            "\"multimodal_img_size\":\t\"small\""};
    struct step step = measured(false);
    struct step other = measured(true);
    char *json = written(&step, "{}");
    char *other_json = written(&other, "{}");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(closed); i++)
        expect_part("closed loop", json, closed[i]);
    assert_null(strstr(json, "\"qps"));
    for (size_t i = 0; i < COUNT_OF(open_loop); i++)
        expect_part("open loop", other_json, open_loop[i]);
    assert_null(strstr(other_json, "num_concurrent_requests"));
    free(json);
    free(other_json);
    step_clear(&step);
    step_clear(&other);
}

static void expect_same_metric(const char *key, const struct metric_summary *a,
                               const struct metric_summary *b)
{
    expect_true(key, (a->count == 0) == (b->count == 0));
    if (b->count == 0)
        return;
    for (int i = 0; i < METRIC_QUANTILES; i++)
        expect_number(key, a->quantile[i], b->quantile[i]);
    expect_number(key, a->mean, b->mean);
    expect_number(key, a->least, b->least);
    expect_number(key, a->most, b->most);
    expect_number(key, a->stddev, b->stddev);
}

static void test_a_step_comes_back_as_it_was(void **state)
{
    for (int open_loop = 0; open_loop < 2; open_loop++) {
        struct step step = measured(open_loop), again = {0};
        struct error error = {""};
        char *json = written(&step, "{\"top_k\":1}"), *second;

        support_write("x.json", json);
        if (!summary_file_read("x.json", &again, &error))
            fail_msg("%s", error.text);
        for (int i = 0; i < METRIC_COUNT; i++) {
            if (metric_table[i].summarised)
                expect_same_metric(metric_table[i].key, &again.metric[i], &step.metric[i]);
        }
        assert_string_equal(again.name, step.name);
        assert_int_equal(again.end, STEP_TIMED_OUT);
        assert_int_equal(again.switching.verdict, SWITCHING_FOUND);
        assert_true(again.switching.from_server && again.batches_from_server);
        second = written(&again, "{\"top_k\":1}"); /* and all the rest */
        assert_string_equal(second, json);
        free(json);
        free(second);
        step_clear(&step);
        step_clear(&again);
    }
    (void)state;
}

static void test_ranks_come_back_as_they_were(void **state)
{
    struct step step = measured(false), again = {0};
    struct error error = {""};
    char *json, *second;

    (void)state;
    step.ranks = 2;
    step.rank = memory_new(2, sizeof *step.rank);
    step.rank[0] = (struct step_rank){.requests = 7, .health = health_unknown};
    step.rank[1] = (struct step_rank){
        .requests = 6,
        .journal_wait_s = 0.5,
        .health = {.clock_uncertainty_s = 0.002, .verdict = MEASUREMENT_DEGRADED, .reason = "why"}};
    json = written(&step, "{}");
    expect_part("one each", json, "\"requests\":\t6,");
    support_write("x.json", json);
    if (!summary_file_read("x.json", &again, &error))
        fail_msg("%s", error.text);
    assert_int_equal(again.ranks, 2);
    assert_int_equal(again.rank[0].requests, 7);
    expect_number("not known", again.rank[0].health.read_lateness_p99_s, NAN);
    assert_int_equal(again.rank[1].health.verdict, MEASUREMENT_DEGRADED);
    expect_number("wait", again.rank[1].journal_wait_s, 0.5);
    second = written(&again, "{}"); /* and all the rest */
    assert_string_equal(second, json);
    free(json);
    free(second);
    step_clear(&step);
    step_clear(&again);
}

static void test_what_is_no_summary_is_reported(void **state)
{
    static const char *const cases[] = {"", "[]", "{\"name\":", "5"};
    struct error error = {""};
    struct step step = {0};

    (void)state;
    assert_false(summary_file_read("missing.json", &step, &error));
    expect_part("missing", error.text, "'missing.json' cannot be opened");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        support_write("x.json", cases[i]);
        expect_true(cases[i], !summary_file_read("x.json", &step, &error));
        expect_part(cases[i], error.text, "x.json: is not a summary: not a JSON object");
    }
    step_clear(&step);
}

/* What the starter kit writes has none of our keys. */
static void test_the_kits_own_summary_leaves_figures_unknown(void **state)
{
    struct error error = {""};
    struct step step = {0};

    (void)state;
    support_write("x.json", "{\"name\":\"n_summary\",\"model\":\"m\",\"num_concurrent_requests\":2,"
                            "\"results_client_ttft_s_mean\":0.5,\"num_input_tokens\":10,"
                            "\"results_number_errors\":0,\"results_error_code_frequency\":\"{}\","
                            "\"timestamp\":1700000000}");
    assert_true(summary_file_read("x.json", &step, &error));
    assert_string_equal(step.name, "n");
    assert_int_equal(step.row.concurrent_requests, 2);
    assert_int_equal(step.metric[METRIC_CLIENT_TTFT_S].count, 1);
    expect_number("mean", step.metric[METRIC_CLIENT_TTFT_S].mean, 0.5);
    assert_true(isnan(step.metric[METRIC_CLIENT_TTFT_S].quantile[2]));
    assert_int_equal(step.metric[METRIC_SERVER_TTFT_S].count, 0);
    assert_true(isnan(step.wall_s) && isnan(step.switching.time_s));
    assert_int_equal(step.batches, 0);
    step_clear(&step);
}

/* Numbers too large for a double, and such as no row asks for. */
static void test_what_cannot_be_is_not_known(void **state)
{
    struct error error = {""};
    struct step step = {0};

    (void)state;
    support_write("x.json", "{\"name\":\"n_summary\",\"qps\":-1,\"row_line\":1e14,"
                            "\"num_requests\":1e999,\"wall_time_s\":1e999,"
                            "\"results_client_ttft_s_mean\":-1e999,"
                            "\"results_error_code_frequency\":\"{429: -1}\"}");
    assert_true(summary_file_read("x.json", &step, &error));
    expect_number("qps", step.row.qps, 0);
    assert_int_equal(step.row.line, INT32_MAX);
    assert_int_equal(step.row.num_requests, 0);
    assert_true(isnan(step.wall_s));
    assert_int_equal(step.metric[METRIC_CLIENT_TTFT_S].count, 0);
    assert_int_equal(step.error_kinds, 0);
    step_clear(&step);
}

/* 0.1.0 wrote another name, and the kit's files have neither. */
static void test_the_switching_time_is_read_under_either_name(void **state)
{
    static const struct {
        const char *json;
        double time_s;
    } cases[] = {
        {"{\"name\":\"s_summary\",\"switching_time\":0.5}", 0.5},
        {"{\"name\":\"s_summary\",\"switching_time_documented_s\":0.25}", 0.25},
        {"{\"name\":\"s_summary\",\"switching_time_documented_s\":0.25,\"switching_time\":0.5}",
         0.25},
        {"{\"name\":\"s_summary\",\"switching_time\":null}", NAN},
        {"{\"name\":\"s_summary\"}", NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step = {0};
        struct error error = {""};

        support_write("s_summary.json", cases[i].json);
        expect_true(cases[i].json, summary_file_read("s_summary.json", &step, &error));
        expect_number(cases[i].json, step.switching.time_s, cases[i].time_s);
        step_clear(&step);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(test_the_switching_time_is_read_under_either_name),
        cmocka_unit_test(test_keys_stand_in_their_documented_order),
        cmocka_unit_test(test_values_as_they_are_printed),
        in_folder(test_a_step_comes_back_as_it_was),
        in_folder(test_ranks_come_back_as_they_were),
        in_folder(test_what_is_no_summary_is_reported),
        in_folder(test_the_kits_own_summary_leaves_figures_unknown),
        in_folder(test_what_cannot_be_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
