/* One request as an object of the individual responses (formats.md, sections 5 and 10). */
#include "store/response.h"

#include <cjson/cJSON.h>
#include <time.h>

#include "records.h"
#include "stats/figures.h"
#include "support.h"

/* 2026-03-01 23:59:59.000000 UTC. */
static const int64_t wall_ns = INT64_C(1772409599000000000);

static struct chunk chunks[] = {{120 * MS, false, true, 0, 0, 0},
                                {130 * MS, false, true, 0, 0, 0},
                                {130 * MS, true, true, 0, 0, 0},
                                {220 * MS, false, true, 0, 0, 0}};

static struct request measured(void)
{
    struct request request = request_begun();

    request.index = 3;
    request.sent_ns = 20 * MS;
    request.first_content_ns = 120 * MS;
    request.last_chunk_ns = 220 * MS;
    request.done_ns = 220 * MS;
    request.wall_at_ns = wall_ns;
    request.asked.input_tokens = 50;
    request.asked.output_tokens = 40;
    request.asked.estimated_tokens = 51;
    request.asked.words = 47;
    request.chunks = chunks;
    request.chunk_count = COUNT_OF(chunks);
    request.http_status = 200;
    snprintf(request.finish_reason, sizeof request.finish_reason, "length");
    return request;
}

static cJSON *written(const struct request *request)
{
    struct figures figures = figures_of(request, LATENCY_FROM_SENT);
    struct text json = {0};
    cJSON *object;

    response_add_json(request, &figures, &json);
    object = cJSON_ParseWithOpts(json.bytes, NULL, true);
    if (!object)
        fail_msg("not JSON: %s", json.bytes);
    text_clear(&json);
    return object;
}

static void test_keys_stand_in_their_documented_order(void **state)
{
    static const char *const keys[] = {
        "error_code",
        "error_msg",
        "prompt_name",
        "start_time",
        "end_time",
        "server_number_input_tokens",
        "server_number_output_tokens",
        "server_number_total_tokens",
        "server_ttft_s",
        "server_end_to_end_latency_s",
        "server_output_token_per_s_per_request",
        "server_total_tokens_per_s_per_request",
        "server_output_token_after_first_per_s_first_ten_per_request",
        "batch_size_used",
        "acceptance_rate",
        "number_input_tokens",
        "number_output_tokens",
        "number_total_tokens",
        "client_ttft_s",
        "client_end_to_end_latency_s",
        "client_output_token_per_s_per_request",
        "client_total_tokens_per_s_per_request",
        "client_inter_token_latencies_s",
        "client_mean_inter_token_latency_s"};
    static const char *const ours[] = {"request_index",
                                       "attempt",
                                       "http_status",
                                       "finish_reason",
                                       "client_time_per_output_token_s",
                                       "client_request_output_token_per_s",
                                       "client_connect_s",
                                       "client_schedule_delay_s",
                                       "client_ttft_from_sent_s",
                                       "client_ttft_from_intended_s",
                                       "client_end_to_end_latency_from_sent_s",
                                       "client_end_to_end_latency_from_intended_s",
                                       "client_time_to_first_byte_s",
                                       "client_ttft_content_s",
                                       "cached_tokens",
                                       "server_prompt_s",
                                       "server_load_s"};
    struct request request = measured();
    cJSON *object = written(&request);
    const cJSON *item = object->child;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++, item = item->next)
        expect_text(keys[i], item->string, keys[i]);
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        expect_true(ours[i], cJSON_HasObjectItem(object, ours[i]));
    for (item = object->child; item; item = item->next) {
        for (const cJSON *other = item->next; other; other = other->next)
            expect_true(item->string, strcmp(item->string, other->string) != 0);
    }
    cJSON_Delete(object);
}

/* Each value as it is printed. */
static void expect_values(const cJSON *object, const char *const wanted[][2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, wanted[i][0]);
        char *printed = cJSON_PrintUnformatted(item);

        expect_text(wanted[i][0], printed, wanted[i][1]);
        cJSON_free(printed);
    }
}

static void test_values_of_a_completed_request(void **state)
{
    static const char *const wanted[][2] = {
        {"error_code", "null"},
        {"error_msg", "\"\""},
        {"start_time", "\"01:59:59.020000\""},
        {"end_time", "\"01:59:59.220000\""},
        {"start_timestamp_utc", "\"2026-03-01T23:59:59.020000Z\""},
        {"end_timestamp_utc", "\"2026-03-01T23:59:59.220000Z\""},
        {"intended_timestamp_utc", "\"2026-03-01T23:59:59.000000Z\""},
        {"server_ttft_s", "null"},
        {"batch_size_used", "null"},
        {"number_input_tokens", "50"},
        {"number_input_tokens_source", "\"asked\""},
        {"number_output_tokens", "4"},
        {"number_output_tokens_source", "\"events\""},
        {"number_total_tokens", "54"},
        {"client_ttft_s", "0.1"},
        {"client_end_to_end_latency_s", "0.2"},
        {"client_output_token_per_s_per_request", "40"},
        {"client_total_tokens_per_s_per_request", "270"},
        {"client_request_output_token_per_s", "20"},
        {"client_inter_token_latencies_s", "[0.1,0.01,0,0.09]"},
        {"client_coalesced_chunks", "[2]"},
        {"client_chunk_output_tokens", "null"},
        {"request_index", "3"},
        {"http_status", "200"},
        {"finish_reason", "\"length\""},
        {"asked_input_tokens", "50"},
        {"asked_output_tokens", "40"},
        {"estimated_input_tokens", "51"},
        {"prompt_words", "47"},
        {"new_connection", "false"},
        {"client_connect_s", "0"},
    };
    struct request request = measured();
    cJSON *object;

    (void)state;
    setenv("TZ", "UTC-2", 1); /* POSIX: two hours ahead of UTC */
    tzset();
    object = written(&request);
    expect_values(object, wanted, COUNT_OF(wanted));
    cJSON_Delete(object);
}

static void test_values_that_the_server_gave(void **state)
{
    static const char *const wanted[][2] = {
        {"server_number_input_tokens", "73"},
        {"number_input_tokens", "73"},
        {"number_input_tokens_source", "\"server\""},
        {"number_output_tokens_source", "\"server\""},
        {"server_number_output_tokens", "128"},
        {"server_ttft_s", "0.05"},
        {"server_prompt_s", "0.04"},
        {"server_load_s", "1.5"},
    };
    static const char *const apart[][2] = {
        {"number_output_tokens_source", "\"server+reasoning\""},
        {"number_output_tokens", "144"},
        {"server_number_output_tokens", "128"},
    };
    struct request request = measured();
    cJSON *object;

    (void)state;
    request.usage.input_tokens = 73;
    request.usage.output_tokens = 128;
    request.usage.ttft_s = 0.05;
    request.usage.prompt_s = 0.04;
    request.usage.load_s = 1.5;
    object = written(&request);
    expect_values(object, wanted, COUNT_OF(wanted));
    cJSON_Delete(object);
    request.usage.reasoning_tokens = 16;
    request.usage.total_tokens = 73 + 128 + 16;
    object = written(&request);
    expect_values(object, apart, COUNT_OF(apart));
    cJSON_Delete(object);
}

/* By the counts so far of four chunks. */
static void test_tokens_of_each_chunk(void **state)
{
    static const struct {
        uint32_t so_far[4];
        const char *printed;
    } cases[] = {
        {{1, 4, 5, 9}, "[1,3,1,4]"},       {{0, 0, 0, 0}, "null"},
        {{1, 0, 5, 9}, "[1,null,null,4]"}, {{0, 0, 0, 9}, "[null,null,null,null]"},
        {{2, 2, 1, 9}, "[2,0,null,8]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const wanted[][2] = {{"client_chunk_output_tokens", cases[i].printed}};
        struct chunk counted[COUNT_OF(chunks)];
        struct request request = measured();
        cJSON *object;

        memcpy(counted, chunks, sizeof chunks);
        for (size_t k = 0; k < COUNT_OF(chunks); k++)
            counted[k].tokens_so_far = cases[i].so_far[k];
        request.chunks = counted;
        object = written(&request);
        expect_values(object, wanted, 1);
        cJSON_Delete(object);
    }
}

/* The third chunk came with the fourth, not before the second and not after the fourth. */
static void test_gaps_that_are_not_known_have_bounds(void **state)
{
    static const char *const exact[][2] = {{"client_gap_bounds_s", "[]"}};
    static const char *const late[][2] = {
        {"client_gap_bounds_s", "[[2,0,0.1],[3,0,0.1]]"},
        {"client_mean_inter_token_latency_s_low", "0.0033333333333333335"},
        {"client_mean_inter_token_latency_s_high", "0.036666666666666667"},
        {"client_mean_inter_token_latency_s", "null"}};
    struct request request = measured();
    struct chunk wide[COUNT_OF(chunks)];
    cJSON *object = written(&request);

    (void)state;
    expect_values(object, exact, 1);
    cJSON_Delete(object);
    memcpy(wide, chunks, sizeof chunks);
    wide[2].early_ns = 0;
    wide[2].late_ns = 100 * MS;
    wide[3].early_ns = 90 * MS;
    wide[3].late_ns = 10 * MS;
    request.chunks = wide;
    object = written(&request);
    expect_values(object, late, COUNT_OF(late));
    cJSON_Delete(object);
}

static void test_values_of_failed_requests(void **state)
{
    static const struct {
        enum request_end end;
        int status;
        const char *code, *printed_status;
    } cases[] = {
        {REQUEST_HTTP_ERROR, 429, "429", "429"},
        {REQUEST_STREAM_ERROR, 200, "\"stream_error\"", "200"},
        {REQUEST_CONNECTION_REFUSED, 0, "\"connection_refused\"", "null"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const wanted[][2] = {
            {"error_code", cases[i].code},
            {"error_msg", "\"say \\\"no\\\"\""},
            {"http_status", cases[i].printed_status},
            {"start_time", "\"01:59:59.000000\""}, /* never sent: when it was taken up */
            {"end_time", "\"01:59:59.007000\""},
            {"client_ttft_s", "null"},
            {"client_end_to_end_latency_s", "null"},
            {"client_inter_token_latencies_s", "[]"},
            {"client_coalesced_chunks", "[]"},
            {"client_mean_inter_token_latency_s", "null"},
            {"finish_reason", "null"},
        };
        struct request request = request_begun();
        cJSON *object;

        request.wall_at_ns = wall_ns;
        request.done_ns = 7 * MS;
        request.end = cases[i].end;
        request.http_status = cases[i].status;
        snprintf(request.message, sizeof request.message, "say \"no\"");
        object = written(&request);
        expect_values(object, wanted, COUNT_OF(wanted));
        cJSON_Delete(object);
    }
}

static void test_a_switching_time_is_put_in_its_place(void **state)
{
    struct request request = measured();
    struct figures figures = figures_of(&request, LATENCY_FROM_SENT);
    struct text json = {0};
    struct error error = {""};
    size_t before;

    (void)state;
    snprintf(request.message, sizeof request.message, "\"switching_time\":null"); /* not this one */
    response_add_json(&request, &figures, &json);
    before = json.length;
    assert_null(strstr(json.bytes, "\"switching_time\":n"));
    assert_true(response_set_switching_time(&json, 0.25, &error));
    expect_part("set", json.bytes, "\"server_ttft_s\":null,\"switching_time\":0.25,\"server_end");
    expect_part("left", json.bytes, "\"error_msg\":\"\\\"switching_time\\\":null\"");
    assert_int_equal(json.length, before + strlen("\"switching_time\":0.25,"));
    assert_int_equal(json.length, strlen(json.bytes));
    text_reset(&json);
    response_add_json(&request, &figures, &json);
    assert_true(response_set_switching_time(&json, NAN, &error));
    expect_part("none", json.bytes, ",\"switching_time\":null,\"server_end");
    text_reset(&json);
    text_add_string(&json, "{\"half\":");
    assert_false(response_set_switching_time(&json, 0.25, &error));
    text_clear(&json);
}

/* Counted once the row has ended: what is known stands in the place of its null, and nothing else
 * moves, not even where a server's text has the key. */
static void test_counts_of_a_tokenizer_are_put_in_their_places(void **state)
{
    static const struct {
        const char *name;
        double input, output;
        const char *part;
    } cases[] = {
        {"both", 12, 7,
         "\"tokenizer_number_input_tokens\":12,\"tokenizer_number_output_tokens\":7,"},
        {"the prompt alone", 12, NAN,
         "\"tokenizer_number_input_tokens\":12,\"tokenizer_number_output_tokens\":null,"},
        {"neither", NAN, NAN,
         "\"tokenizer_number_input_tokens\":null,\"tokenizer_number_output_tokens\":null,"},
        {"none is a count", 0, 0,
         "\"tokenizer_number_input_tokens\":0,\"tokenizer_number_output_tokens\":0,"},
    };
    struct request request = measured();
    struct error error;

    (void)state;
    snprintf(request.message, sizeof request.message, "%s",
             "\"tokenizer_number_input_tokens\":null");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct figures figures = figures_of(&request, LATENCY_FROM_SENT);
        struct text json = {0};
        cJSON *object;

        response_add_json(&request, &figures, &json);
        figures.value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] = cases[i].input;
        figures.value[METRIC_TOKENIZER_NUMBER_OUTPUT_TOKENS] = cases[i].output;
        expect_true(cases[i].name, response_set_tokens(&json, &figures, &error));
        expect_part(cases[i].name, json.bytes, cases[i].part);
        expect_part(cases[i].name, json.bytes,
                    "\"error_msg\":\"\\\"tokenizer_number_input_tokens\\\":null\"");
        object = cJSON_ParseWithOpts(json.bytes, NULL, true);
        expect_true(cases[i].name, object != NULL && strlen(json.bytes) == json.length);
        cJSON_Delete(object);
        text_clear(&json);
    }
}

static void test_counts_are_put_into_a_response_alone(void **state)
{
    struct request request = measured();
    struct figures figures = figures_of(&request, LATENCY_FROM_SENT);
    struct text json = {0};
    struct error error;

    (void)state;
    figures.value[METRIC_TOKENIZER_NUMBER_INPUT_TOKENS] = 1;
    text_add_string(&json, "{\"half\":");
    assert_false(response_set_tokens(&json, &figures, &error));
    text_clear(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_stand_in_their_documented_order),
        cmocka_unit_test(test_values_of_a_completed_request),
        cmocka_unit_test(test_values_that_the_server_gave),
        cmocka_unit_test(test_tokens_of_each_chunk),
        cmocka_unit_test(test_gaps_that_are_not_known_have_bounds),
        cmocka_unit_test(test_values_of_failed_requests),
        cmocka_unit_test(test_a_switching_time_is_put_in_its_place),
        cmocka_unit_test(test_counts_of_a_tokenizer_are_put_in_their_places),
        cmocka_unit_test(test_counts_are_put_into_a_response_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
