/* The table of metrics and the words that files and people read. */
#include "record/metric.h"

#include "record/request.h"
#include "record/row.h"
#include "record/step.h"
#include "support.h"

static void test_every_metric_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_about *about = &metric_table[i];

        assert_non_null(about->key);
        assert_non_null(about->unit);
        expect_true(about->key, (int)metric_find(about->key) == i);
        expect_true(about->key,
                    strspn(about->key, "abcdefghijklmnopqrstuvwxyz_") == strlen(about->key));
    }
    assert_int_equal(metric_find("client_ttft"), METRIC_COUNT);
    assert_int_equal(metric_find(""), METRIC_COUNT);
}

/* formats.md, section 6, and section 10's own that have quantiles. */
static void test_the_documented_metrics_are_summarised(void **state)
{
    static const char *const keys[] = {
        "client_ttft_s",
        "client_end_to_end_latency_s",
        "client_output_token_per_s_per_request",
        "number_input_tokens",
        "number_output_tokens",
        "client_mean_inter_token_latency_s",
        "server_ttft_s",
        "server_end_to_end_latency_s",
        "server_output_token_per_s_per_request",
        "server_output_token_after_first_per_s_first_ten_per_request",
        "server_number_input_tokens",
        "server_number_output_tokens",
        "acceptance_rate",
        "client_time_per_output_token_s",
        "client_request_output_token_per_s",
        "client_connect_s",
        "client_schedule_delay_s",
        "client_held_s",
        "client_ttft_from_sent_s",
        "client_ttft_from_intended_s",
        "client_end_to_end_latency_from_sent_s",
        "client_end_to_end_latency_from_intended_s",
        "client_time_to_first_byte_s",
        "client_ttft_content_s",
        "client_body_end_s",
        "cached_tokens",
        "tokenizer_number_input_tokens",
        "tokenizer_number_output_tokens",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        enum metric metric = metric_find(keys[i]);

        expect_true(keys[i], metric == (enum metric)i); /* and in this order */
        expect_true(keys[i], metric_table[metric].summarised);
    }
    for (int i = COUNT_OF(keys); i < METRIC_COUNT; i++)
        expect_true(metric_table[i].key, !metric_table[i].summarised);
}

static void test_latencies_are_better_low_and_rates_high(void **state)
{
    (void)state;
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_about *about = &metric_table[i];
        enum direction wanted = strcmp(about->unit, "s") == 0          ? LOWER_IS_BETTER
                                : strcmp(about->unit, "tokens/s") == 0 ? HIGHER_IS_BETTER
                                : i == METRIC_ACCEPTANCE_RATE          ? HIGHER_IS_BETTER
                                                                       : DIRECTION_NONE;

        expect_true(about->key, about->direction == wanted);
    }
}

static void test_a_failed_request_ends_in_one_word_of_the_closed_list(void **state)
{
    static const char *const words[] = {
        "",
        "http_error",
        "timeout",
        "idle_timeout",
        "connect_timeout",
        "dns_error",
        "connection_refused",
        "connection_reset",
        "tls_error",
        "bad_stream",
        "truncated",
        "stream_error",
        "empty_answer",
        "too_large",
        "local_ports",
        "local_files",
        "local_network",
        "local_buffers",
        "cancelled",
    };

    (void)state;
    assert_int_equal(COUNT_OF(words), REQUEST_ENDS);
    for (int i = 0; i < REQUEST_ENDS; i++)
        assert_string_equal(request_end_words[i], words[i]);
}

static void test_clearing_takes_zeroed_records_and_copies_stand_alone(void **state)
{
    struct step step = {0};
    struct row row = {.model_name = memory_text("m"), .input_tokens = 7};
    struct row copy = row_copy(&row);

    (void)state;
    step_clear(&step);
    row_clear(&row);
    row_clear(&row);
    assert_null(row.model_name);
    assert_string_equal(copy.model_name, "m");
    assert_int_equal(copy.input_tokens, 7);
    row_clear(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_metric_has_a_name_of_its_own),
        cmocka_unit_test(test_the_documented_metrics_are_summarised),
        cmocka_unit_test(test_latencies_are_better_low_and_rates_high),
        cmocka_unit_test(test_a_failed_request_ends_in_one_word_of_the_closed_list),
        cmocka_unit_test(test_clearing_takes_zeroed_records_and_copies_stand_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
