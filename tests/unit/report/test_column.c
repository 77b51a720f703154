/* The columns of the consolidated table (formats.md, sections 8 and 10). */
#include "report/column.h"

#include "records.h"
#include "support.h"

static const char *const documented[] = {"name",
                                         "model",
                                         "num_input_tokens",
                                         "num_output_tokens",
                                         "num_concurrent_requests",
                                         "qps",
                                         "qps_distribution",
                                         "multimodal_img_size",
                                         "server_ttft_s_min",
                                         "server_ttft_s_mean",
                                         "server_ttft_s_p50",
                                         "server_ttft_s_max",
                                         "server_end_to_end_latency_s_min",
                                         "server_end_to_end_latency_s_mean",
                                         "server_end_to_end_latency_s_p50",
                                         "server_end_to_end_latency_s_max",
                                         "server_output_token_per_s_min",
                                         "server_output_token_per_s_mean",
                                         "server_output_token_per_s_p50",
                                         "server_output_token_per_s_max",
                                         "acceptance_rate_min",
                                         "acceptance_rate_p50",
                                         "acceptance_rate_max",
                                         "server_number_input_tokens_p50",
                                         "server_number_output_tokens_p50",
                                         "client_ttft_s_min",
                                         "client_ttft_s_mean",
                                         "client_ttft_s_p50",
                                         "client_ttft_s_max",
                                         "client_end_to_end_latency_s_min",
                                         "client_end_to_end_latency_s_mean",
                                         "client_end_to_end_latency_s_p50",
                                         "client_end_to_end_latency_s_max",
                                         "client_output_token_per_s_min",
                                         "client_output_token_per_s_mean",
                                         "client_output_token_per_s_p50",
                                         "client_output_token_per_s_max",
                                         "client_total_output_throughput",
                                         "num_requests_started",
                                         "num_completed_requests",
                                         "num_completed_requests_per_min",
                                         "number_errors",
                                         "error_code_frequency",
                                         "switching_time",
                                         "request_batching_frequencies",
                                         "representative_batch_size"};

static void test_the_documented_columns_come_first_and_in_order(void **state)
{
    char name[128];

    (void)state;
    assert_true(column_count() > COUNT_OF(documented));
    for (size_t i = 0; i < COUNT_OF(documented); i++) {
        column_name(i, name, sizeof name);
        expect_text(documented[i], name, documented[i]);
        expect_true(name, column_always(i) == (i >= COUNT_OF(documented) - 3));
    }
}

static void test_every_column_has_a_name_of_its_own(void **state)
{
    char name[128], other[128];

    (void)state;
    for (size_t i = 0; i < column_count(); i++) {
        column_name(i, name, sizeof name);
        for (size_t k = 0; k < i; k++) {
            column_name(k, other, sizeof other);
            expect_true(name, strcmp(name, other) != 0);
        }
    }
}

static struct cell cell_of(const char *column, const struct step *step)
{
    char name[128];

    for (size_t i = 0; i < column_count(); i++) {
        column_name(i, name, sizeof name);
        if (strcmp(name, column) == 0)
            return column_cell(i, step);
    }
    fail_msg("no column %s", column);
    return (struct cell){0};
}

/* A step in which nothing is known but what was asked. */
static struct step asked(void)
{
    static char name[] = "n", model[] = "=1+1";

    return (struct step){
        .name = name,
        .row = {.model_name = model, .input_tokens = 100, .output_tokens = 20, .num_requests = 5},
        .wall_s = NAN,
        .client_total_output_throughput = NAN,
        .mean_output_throughput = NAN,
        .completed_per_min = NAN,
        .representative_batch_size = NAN,
        .switching = {SWITCHING_TOO_FEW, NAN, false},
        .switching_time_largest_batch_s = NAN,
        .measurement.batch_size = NAN,
    };
}

static void expect_cell(const char *column, const struct step *step, const char *text)
{
    struct cell cell = cell_of(column, step);
    struct text printed = {0};

    if (cell.kind == CELL_NUMBER)
        text_add_number(&printed, cell.number);
    else if (cell.kind == CELL_TEXT)
        text_printf(&printed, "'%s'", cell.text);
    else
        text_add_string(&printed, "empty");
    expect_text(column, printed.bytes, text);
    text_clear(&printed);
}

static void test_cells_are_numbers_texts_or_empty(void **state)
{
    static const char *const unknown[] = {"qps_distribution",
                                          "num_concurrent_requests",
                                          "multimodal_img_size",
                                          "server_ttft_s_min",
                                          "acceptance_rate_p50",
                                          "client_ttft_s_max",
                                          "client_total_output_throughput",
                                          "num_completed_requests_per_min",
                                          "switching_time",
                                          "switching_time_largest_batch_s",
                                          "representative_batch_size",
                                          "wall_time_s",
                                          "request_batching_source"};
    struct step step = asked();

    (void)state;
    step.row.concurrent_requests = 4;
    expect_cell("name", &step, "'n_summary'");
    expect_cell("model", &step, "'=1+1'"); /* a text, never a formula */
    expect_cell("num_input_tokens", &step, "100");
    expect_cell("num_output_tokens", &step, "20");
    expect_cell("num_concurrent_requests", &step, "4");
    expect_cell("qps", &step, "empty");
    expect_cell("num_requests_started", &step, "0");
    expect_cell("number_errors", &step, "0");
    expect_cell("error_code_frequency", &step, "'{}'");
    expect_cell("request_batching_frequencies", &step, "'{}'");
    expect_cell("switching_verdict", &step, "'too few requests'");
    step.row.concurrent_requests = 0;
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        if (strcmp(unknown[i], "qps_distribution") != 0)
            expect_cell(unknown[i], &step, "empty");
    }
    step.row.qps = 0.5;
    step.row.qps_distribution = ROW_UNIFORM;
    step.row.multimodal_img_size = ROW_LARGE;
    expect_cell("qps", &step, "0.5");
    expect_cell("qps_distribution", &step, "'uniform'");
    expect_cell("multimodal_img_size", &step, "'large'");
}

static void test_statistics_come_from_the_metrics(void **state)
{
    struct error_count errors[] = {{.code = "429", .is_status = true, .count = 2},
                                   {.code = "timeout", .count = 1}};
    struct batch_count batches[] = {{1, 2}, {16, 32}};
    struct step step = asked();

    (void)state;
    step.metric[METRIC_CLIENT_OUTPUT_TOKEN_PER_S] =
        (struct metric_summary){4, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, 0.35, 0.05, 0.75, 0.125};
    expect_cell("client_output_token_per_s_min", &step, "0.05");
    expect_cell("client_output_token_per_s_mean", &step, "0.35");
    expect_cell("client_output_token_per_s_p50", &step, "0.3");
    expect_cell("client_output_token_per_s_max", &step, "0.75");
    expect_cell("server_output_token_per_s_max", &step, "empty");
    step.error = errors;
    step.error_kinds = 2;
    step.batch = batches;
    step.batches = 2;
    step.switching = (struct switching){SWITCHING_FOUND, 0.75, true};
    step.representative_batch_size = 16;
    step.batches_from_server = true;
    expect_cell("error_code_frequency", &step, "'{429: 2, 'timeout': 1}'");
    expect_cell("request_batching_frequencies", &step, "'{1: 2, 16: 32}'");
    expect_cell("representative_batch_size", &step, "16");
    expect_cell("request_batching_source", &step, "'server'");
    expect_cell("switching_time", &step, "0.75");
    expect_cell("switching_verdict", &step, "'found'");
    expect_cell("switching_source", &step, "'server'");
    step.switching_time_largest_batch_s = 0.25;
    expect_cell("switching_time_largest_batch_s", &step, "0.25");
}

static void test_switches_by_batch_size_are_there_where_any_was_judged(void **state)
{
    struct step step = asked();

    (void)state;
    step.estimate = (struct switch_estimate){.verdict = SWITCH_DETECTED, .value_s = 0.05};
    expect_cell("switch_by_batch_size", &step, "empty");
    step.measurement.batch_size = 4;
    expect_cell("switch_by_batch_size", &step, "'{4: 0.0500}'");
    step.estimate.verdict = SWITCH_NOT_MEASURABLE;
    expect_cell("switch_by_batch_size", &step, "empty");
    step.measurement.insides = 1;
    step.measurement.inside[0] = (struct switch_inside){.batch_size = 1};
    expect_cell("switch_by_batch_size", &step, "'{1: None}'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_documented_columns_come_first_and_in_order),
        cmocka_unit_test(test_every_column_has_a_name_of_its_own),
        cmocka_unit_test(test_cells_are_numbers_texts_or_empty),
        cmocka_unit_test(test_statistics_come_from_the_metrics),
        cmocka_unit_test(test_switches_by_batch_size_are_there_where_any_was_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
