/* What a run tells of itself: what is counted where, line by line. */
#include "telemetry/meters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static const struct meters_about about = {
    .endpoint = "http://h/v1", .operation = "chat", .provider = "openai", .steps = 2};

static char name[] = "a\"b\\c\nd";
static struct row row = {.model_name = name, .input_tokens = 10, .output_tokens = 3};

static struct figures figures_of_nothing(void)
{
    struct figures figures;

    for (int i = 0; i < METRIC_COUNT; i++)
        figures.value[i] = NAN;
    return figures;
}

static struct text page_of(struct meters *meters)
{
    struct text page = {0};

    meters_write(meters, &page);
    return page;
}

/* Whether a whole line of the page is this one. */
static bool has_line(const struct text *page, const char *line)
{
    const char *at = page->bytes;
    size_t length = strlen(line);

    for (; (at = strstr(at, line)) != NULL; at++) {
        if ((at == page->bytes || at[-1] == '\n') && at[length] == '\n')
            return true;
    }
    return false;
}

static void assert_line(const struct text *page, const char *line)
{
    if (!has_line(page, line))
        fail_msg("no line is %s, of\n%s", line, page->bytes);
}

#define LABELS                                                                                     \
    "{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\","                             \
    "gen_ai_request_model=\"a\\\"b\\\\c\\nd\",coebench_part=\"load\""

static void test_a_value_is_in_the_buckets_from_its_bound_on(void **state)
{
    static const double ttft[] = {0.001, 0.0010001, 10, 11};
    struct meters *meters = meters_new(&about);
    struct metered_step *step = meters_begin_step(meters, &row, 0);
    const struct request request = {.end = REQUEST_COMPLETED};
    struct text page;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct figures figures = figures_of_nothing();

        figures.value[METRIC_CLIENT_TTFT_S] = ttft[i];
        meters_take(step, "load", &request, &figures);
    }
    page = page_of(meters);
    assert_line(&page,
                "gen_ai_server_time_to_first_token_seconds_bucket" LABELS ",le=\"0.001\"} 1");
    assert_line(&page,
                "gen_ai_server_time_to_first_token_seconds_bucket" LABELS ",le=\"0.005\"} 2");
    assert_line(&page, "gen_ai_server_time_to_first_token_seconds_bucket" LABELS ",le=\"7.5\"} 2");
    assert_line(&page, "gen_ai_server_time_to_first_token_seconds_bucket" LABELS ",le=\"10\"} 3");
    assert_line(&page, "gen_ai_server_time_to_first_token_seconds_bucket" LABELS ",le=\"+Inf\"} 4");
    assert_line(&page, "gen_ai_server_time_to_first_token_seconds_count" LABELS "} 4");
    assert_null(strstr(page.bytes, "gen_ai_client_token_usage_count"));
    assert_null(strstr(page.bytes, "nan"));
    text_clear(&page);
    meters_free(meters);
}

static void test_failed_requests_have_a_duration_by_their_code_and_no_more(void **state)
{
    static const struct {
        struct request request;
        double latency_s;
        const char *line;
    } cases[] = {
        {{.end = REQUEST_HTTP_ERROR, .http_status = 429, .started_ns = 0, .done_ns = 4000000000},
         0.5,
         "gen_ai_client_operation_duration_seconds_sum" LABELS ",error_type=\"429\"} 0.5"},
        {{.end = REQUEST_CONNECTION_REFUSED, .started_ns = 0, .done_ns = 4000000000},
         NAN,
         "gen_ai_client_operation_duration_seconds_sum" LABELS
         ",error_type=\"connection_refused\"} 4"},
    };
    struct meters *meters = meters_new(&about);
    struct metered_step *step = meters_begin_step(meters, &row, 0);
    struct text page;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct figures figures = figures_of_nothing();

        figures.value[METRIC_CLIENT_END_TO_END_LATENCY_S] = cases[i].latency_s;
        figures.value[METRIC_NUMBER_INPUT_TOKENS] = 10;
        meters_take(step, "load", &cases[i].request, &figures);
    }
    page = page_of(meters);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_line(&page, cases[i].line);
    assert_null(strstr(page.bytes, "gen_ai_client_token_usage_count"));
    text_clear(&page);
    meters_free(meters);
}

static void test_steps_come_and_go_and_leave_their_switch(void **state)
{
    static const char in_flight[] =
        "coebench_requests_in_flight{step=\"2\",gen_ai_request_model=\"a\\\"b\\\\c\\nd\","
        "input_tokens=\"10\",output_tokens=\"3\"} 7";
    struct meters *meters = meters_new(&about);
    struct metered_step *first = meters_begin_step(meters, &row, 0);
    struct metered_step *second = meters_begin_step(meters, &row, 1);
    struct text page;

    (void)state;
    meters_name_run(meters, "r");
    meters_show(second, 7, 1.5);
    meters_end_step(first, 0.25);
    page = page_of(meters);
    assert_line(&page,
                "coebench_run_info{run=\"r\",endpoint=\"http://h/v1\",version=\"" COEBENCH_VERSION
                "\"} 1");
    assert_line(&page, "coebench_steps_ended_total 1");
    assert_line(&page, in_flight);
    assert_null(strstr(page.bytes, "step=\"1\""));
    text_clear(&page);
    meters_end_step(second, NAN); /* it tells of none: the one before stays */
    page = page_of(meters);
    assert_false(has_line(&page, in_flight));
    assert_line(&page, "coebench_switching_time_seconds{gen_ai_request_model=\"a\\\"b\\\\c\\nd\"} "
                       "0.25");
    text_clear(&page);
    meters_free(meters);
}

static void test_nobody_watches(void **state)
{
    const struct request request = {.end = REQUEST_COMPLETED};
    const struct figures figures = figures_of_nothing();
    struct text page = {0};

    (void)state;
    assert_null(meters_begin_step(NULL, &row, 0));
    meters_take(NULL, "load", &request, &figures);
    meters_show(NULL, 1, 1);
    meters_end_step(NULL, 1);
    meters_name_run(NULL, "r");
    meters_write(NULL, &page);
    assert_int_equal(page.length, 0);
    meters_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_value_is_in_the_buckets_from_its_bound_on),
        cmocka_unit_test(test_failed_requests_have_a_duration_by_their_code_and_no_more),
        cmocka_unit_test(test_steps_come_and_go_and_leave_their_switch),
        cmocka_unit_test(test_nobody_watches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
