/* Words for people in the place of codes and keys. */
#include "report/failure_words.h"
#include "report/measure_words.h"
#include "support.h"

static void test_failures_have_words(void **state)
{
    static const struct {
        const char *code;
        struct failure_facts facts;
        const char *text;
    } cases[] = {
        {"401",
         {"http://node/v1", "OPENAI_API_KEY (environment)", NULL},
         "401: the endpoint refuses the key from OPENAI_API_KEY"},
        {"401", {NULL, NULL, NULL}, "401: the endpoint refuses the key from the environment"},
        {"403",
         {NULL, "nowhere: OPENAI_API_KEY is not set, and 'none' is sent", NULL},
         "403: the endpoint forbids this to the key 'none': OPENAI_API_KEY is not set"},
        {"connect_timeout",
         {"http://node/v1", NULL, NULL},
         "connect_timeout: no connection to http://node/v1 within connect_timeout"},
        {"connection_refused",
         {NULL, NULL, NULL},
         "connection_refused: nothing listens at the endpoint"},
        {"418", {NULL, NULL, "HTTP 418: a teapot"}, "418: HTTP 418: a teapot"},
        {"418", {NULL, NULL, ""}, "418"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        failure_words_add(cases[i].code, &cases[i].facts, &text);
        expect_text(cases[i].code, text.bytes, cases[i].text);
        text_clear(&text);
    }
}

static void test_measures_have_names(void **state)
{
    static const struct {
        const char *key, *text;
    } cases[] = {
        {"client_ttft_s_p50", "TTFT p50"},
        {"client_ttft_s", "TTFT"},
        {"client_ttft_from_sent_s_p99", "TTFT from sent p99"},
        {"server_output_token_per_s_per_request_mean", "Server output speed mean"},
        {"client_mean_inter_token_latency_s_p50", "Inter-token time, per event p50"},
        {"client_time_per_output_token_s_p50", "Inter-token time, per token p50"},
        {"client_request_output_token_per_s_p50", "Output speed over the request p50"},
        {"switch_s", "Switching cost"},
        {"switch_s_per_visit", "Switching per visit"},
        {"error_rate", "Failure rate"},
        {"num_input_tokens", "Input"},
        {"client_ttft_series", "client ttft series"},
        {"some_new_key", "some new key"},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_text(cases[i].key, measure_words(cases[i].key, text, sizeof text), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failures_have_words),
        cmocka_unit_test(test_measures_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
