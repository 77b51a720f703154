/* One pass over the bytes finds what cJSON finds, or leaves the object to that. */
#include "store/response_scan.h"

#include <string.h>

#include "records.h"
#include "stats/figures.h"
#include "store/json.h"
#include "store/response.h"
#include "support.h"

enum { DRAWS = 20000 };

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_member(const struct response_member *a, const struct response_member *b)
{
    return a->kind == b->kind && (a->kind != RESPONSE_NUMBER || a->number == b->number) &&
           (a->kind != RESPONSE_TEXT ||
            (a->length == b->length && memcmp(a->text, b->text, a->length) == 0));
}

static bool same(const struct response_members *a, const struct response_members *b)
{
    bool alike = a->chunks == b->chunks && same_number(a->chunks_s, b->chunks_s);

    for (int i = 0; i < RESPONSE_KEYS; i++)
        alike = alike && same_member(&a->member[i], &b->member[i]);
    for (int i = 0; i < METRIC_COUNT; i++)
        alike = alike && same_number(a->metric[i], b->metric[i]);
    return alike;
}

/* Whether it is read at once; then cJSON must find the same in as many bytes. */
static bool is_scanned(struct response_scan *scan, const char *json)
{
    struct response_members scanned, read;
    const char *end = response_scan_object(scan, json, &scanned);
    cJSON *object;

    if (!end)
        return false;
    object = json_parse(json, (size_t)(end - json));
    if (!object)
        fail_msg("%s: cJSON reads none of it", json);
    response_members_of(object, &read);
    if (!same(&scanned, &read))
        fail_msg("%s: cJSON reads something else", json);
    cJSON_Delete(object);
    return true;
}

/* All that the program writes itself, and a failure whose message has no escapes. */
static void test_our_own_are_read_at_once(void **state)
{
    struct response_scan *scan = response_scan_new();
    struct chunk chunks[] = {{3 * MS, false, true, 0, 0, 0}, {5 * MS, true, true, 0, MS, MS}};
    struct request requests[] = {request_begun(), request_begun(), request_begun()};

    (void)state;
    requests[0].first_content_ns = 3 * MS;
    requests[0].last_chunk_ns = 5 * MS;
    requests[0].done_ns = 7 * MS;
    requests[0].chunks = chunks;
    requests[0].chunk_count = COUNT_OF(chunks);
    requests[0].usage.output_tokens = 2;
    requests[1].end = REQUEST_HTTP_ERROR;
    requests[1].http_status = 429;
    snprintf(requests[1].message, sizeof requests[1].message, "too many requests");
    snprintf(requests[1].error_body, sizeof requests[1].error_body, "{\"error\":\"busy\"}\n");
    requests[2].end = REQUEST_TIMEOUT;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct figures figures = figures_of(&requests[i], LATENCY_FROM_SENT);
        struct text json = {0};

        response_add_json(&requests[i], &figures, &json);
        expect_true(json.bytes, is_scanned(scan, json.bytes));
        text_clear(&json);
    }
    response_scan_free(scan);
}

static void test_what_json_allows_is_read_at_once(void **state)
{
    static const char *const cases[] = {
        "{}",
        "{ }",
        "{\"\":1}",
        "{\"error_code\":null,\"error_msg\":\"\",\"attempt\":2}",
        "{\n\t\"attempt\" :\r 3 , \"turn\" : \"4.0\" }",
        "{\"server_ttft_s\":\"0.25\",\"client_ttft_s\":\"x\",\"cached_tokens\":true}",
        "{\"server_ttft_s\":1e999,\"client_ttft_s\":[1],\"cached_tokens\":{}}",
        "{\"error_code\":429,\"phase\":\"warmup\"}",
        "{\"other\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001F\"}",
        "{\"error_code\":false,\"error_msg\":[],\"session\":{}}",
        "{\"client_inter_token_latencies_s\":[]}",
        "{\"client_inter_token_latencies_s\":[ 0.5 , 1e-3,0 ]}",
        "{\"client_inter_token_latencies_s\":[0.5,null]}",
        "{\"client_inter_token_latencies_s\":null}",
        "{\"client_inter_token_latencies_s\":NaN}",
        "{\"server_ttft_s\":NaN,\"client_ttft_s\":-Infinity,\"turn\":Infinity}",
        "{\"deep\":[[],{},[{\"a\":[1,-2.5e3,\"]\",null,true,false]}]],\"turn\":1}",
        "{\"start_time\":\"23:59:59.5\",\"end_time\":\"00:00:00\"}",
    };
    struct response_scan *scan = response_scan_new();

    (void)state;
    for (int round = 0; round < 2; round++) { /* keys in other places, then in the same */
        for (size_t i = 0; i < COUNT_OF(cases); i++)
            expect_true(cases[i], is_scanned(scan, cases[i]));
    }
    response_scan_free(scan);
}

/* cJSON takes some of these, and refuses others. */
static void test_what_is_not_sure_is_left(void **state)
{
    static const char *const cases[] = {
        "",
        "[",
        "{",
        "{\"turn\"",
        "{\"turn\":",
        "{\"turn\":1",
        "{\"turn\":1,",
        "{\"turn\":1,}",
        "{\"turn\" 1}",
        "{turn:1}",
        "{\"turn\":01}",
        "{\"turn\":.5}",
        "{\"turn\":1.}",
        "{\"turn\":nul}",
        "\"turn\":1}}",
        "{\"turn\":1,\"turn\":2}",
        "{\"server_ttft_s\":1,\"server_ttft_s\":null}",
        "{\"error_msg\":\"a\\nb\"}",
        "{\"error_code\":\"\\u0041\"}",
        "{\"other\":\"\\u0141\"}",
        "{\"other\":\"\\u004g\"}",
        "{\"other\":\"\\u004\"}",
        "{\"other\":\"\\u",
        "{\"other\":\"\\x\"}",
        "{\"other\":\"a\nb\"}",
        "{\"\\u0074urn\":1}",
        "{\"other\":[1,2}",
        "{\"other\":[1 2]}",
        "{\"other\":{\"a\"}}",
        "{\"other\":[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]}",
        "{\"client_inter_token_latencies_s\":{}}",
        "{\"client_inter_token_latencies_s\":[\"1\"]}",
        "{\"client_inter_token_latencies_s\":[1,]}",
        "{\"turn\":1000000000000000000000000000000000000000000000000000000000000000000}",
    };
    struct response_scan *scan = response_scan_new();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_true(cases[i], !is_scanned(scan, cases[i]));
    response_scan_free(scan);
}

/* Bytes of it changed, left out and put in, wherever that is. */
static void test_what_is_drawn_is_read_as_by_cjson(void **state)
{
    static const char sound[] =
        "{\"error_code\": null,\"attempt\":1,\"client_inter_token_latencies_s\":[0.5,1e-3],"
        "\"phase\":\"warmup\",\"server_ttft_s\":\"0.25\",\"a\":{\"b\":[1,\"\\\"\"]},\"turn\":NaN}";
    static const char bytes[] = "{}[]\",:\\0129.eE+-ntu NIa\x01\xc3";
    struct response_scan *scan = response_scan_new();
    uint64_t seed = 35;
    size_t scanned = 0;

    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        char json[sizeof sound + 1];
        size_t at, length = strlen(sound);

        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        at = (size_t)(seed >> 33) % length;
        strcpy(json, sound);
        if ((seed >> 20) % 3 == 0)
            memmove(json + at, json + at + 1, length - at);
        else if ((seed >> 20) % 3 == 1)
            memmove(json + at + 1, json + at, length - at + 1);
        json[at] = json[at] ? bytes[(seed >> 25) % (sizeof bytes - 1)] : '\0';
        scanned += is_scanned(scan, json);
    }
    assert_true(scanned > DRAWS / 20 && scanned < DRAWS);
    response_scan_free(scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_our_own_are_read_at_once),
        cmocka_unit_test(test_what_json_allows_is_read_at_once),
        cmocka_unit_test(test_what_is_not_sure_is_left),
        cmocka_unit_test(test_what_is_drawn_is_read_as_by_cjson),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
