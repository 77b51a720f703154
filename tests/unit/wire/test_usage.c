/* What a server says it measured, under all its names (formats.md, section 4a). */
#include "wire/usage.h"

#include <cjson/cJSON.h>

#include "support.h"

#define AT(field) offsetof(struct usage, field)

static double field_of(const struct usage *usage, size_t offset)
{
    return *(const double *)((const char *)usage + offset);
}

static struct usage read_text(const char *json)
{
    cJSON *object = cJSON_Parse(json);
    struct usage usage;

    if (!object)
        fail_msg("not JSON: %s", json);
    usage = usage_read(object);
    cJSON_Delete(object);
    return usage;
}

static void test_each_measurement_has_its_names_in_order(void **state)
{
    static const struct {
        size_t offset;
        const char *name[3];
    } cases[] = {
        {AT(input_tokens), {"prompt_tokens_count", "prompt_tokens"}},
        {AT(output_tokens), {"completion_tokens_count", "completion_tokens"}},
        {AT(total_tokens), {"total_tokens_count", "total_tokens"}},
        {AT(ttft_s), {"time_to_first_token", "time_to_first_response"}},
        {AT(end_to_end_latency_s), {"total_latency", "model_execution_time"}},
        {AT(output_token_per_s),
         {"completion_tokens_after_first_per_sec", "completion_tokens_per_sec_after_first_response",
          "throughput_after_first_token"}},
        {AT(total_tokens_per_s), {"total_tokens_per_sec"}},
        {AT(output_token_first_ten_per_s), {"completion_tokens_after_first_per_sec_first_ten"}},
        {AT(batch_size_used), {"batch_size_used"}},
        {AT(acceptance_rate), {"acceptance_rate"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int k = 0; k < 3 && cases[i].name[k]; k++) {
            /* This name is 1.5; the ones before are null, the ones behind 9, and stand first. */
            struct text json = {0};
            struct usage usage;

            for (int n = 2; n >= 0; n--) {
                if (cases[i].name[n])
                    text_printf(&json, "%s\"%s\":%s", json.length ? "," : "{", cases[i].name[n],
                                n < k    ? "null"
                                : n == k ? "1.5"
                                         : "9");
            }
            text_add_char(&json, '}');
            usage = read_text(json.bytes);
            expect_number(json.bytes, field_of(&usage, cases[i].offset), 1.5);
            text_clear(&json);
        }
    }
}

static void test_what_is_no_measurement_is_unknown(void **state)
{
    static const struct {
        const char *json;
        double input_tokens;
    } cases[] = {
        {"{}", NAN},
        {"{\"prompt_tokens\":73}", 73},
        {"{\"prompt_tokens\":73.0}", 73},
        {"{\"prompt_tokens\":\"73\"}", 73},
        {"{\"prompt_tokens\":0}", 0},
        {"{\"prompt_tokens\":null}", NAN},
        {"{\"prompt_tokens\":true}", NAN},
        {"{\"prompt_tokens\":-1}", NAN},
        {"{\"prompt_tokens\":1e999}", NAN},
        {"{\"prompt_tokens\":\"many\"}", NAN},
        {"{\"prompt_tokens\":[73]}", NAN},
        {"{\"Prompt_Tokens\":73}", NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct usage usage = read_text(cases[i].json);

        expect_number(cases[i].json, usage.input_tokens, cases[i].input_tokens);
        expect_number(cases[i].json, usage.output_tokens, NAN);
    }
}

static void test_cached_tokens_stand_among_the_details(void **state)
{
    static const struct {
        const char *json;
        double cached;
    } cases[] = {
        {"{\"prompt_tokens_details\":{\"cached_tokens\":64}}", 64},
        {"{\"prompt_tokens_details\":{\"cached_tokens\":0}}", 0},
        {"{\"prompt_tokens_details\":{}}", NAN},
        {"{\"prompt_tokens_details\":null}", NAN},
        {"{\"prompt_tokens_details\":5}", NAN},
        {"{\"cached_tokens\":64}", NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_number(cases[i].json, read_text(cases[i].json).cached_tokens, cases[i].cached);
}

/* The usage of a real SN40L answer (science.md, 1.4). */
static void test_a_recorded_usage(void **state)
{
    struct usage usage = read_text(
        "{\"completion_tokens\":128,\"completion_tokens_after_first_per_sec\":281.82,"
        "\"completion_tokens_after_first_per_sec_first_ten\":282.27,"
        "\"completion_tokens_after_first_per_sec_graph\":282.27,\"completion_tokens_per_sec\":"
        "208.65,\"end_time\":1764022114.350265,\"is_last_response\":true,\"prompt_tokens\":73,"
        "\"prompt_tokens_details\":{\"cached_tokens\":0},\"start_time\":1764022113.7367868,"
        "\"stop_reason\":\"length\",\"time_to_first_token\":0.16283941,\"total_latency\":"
        "0.61347818,\"total_tokens\":201,\"total_tokens_per_sec\":327.64}");
    const struct usage wanted = {73,     128,    201, 0.16283941, 0.61347818, 281.82,
                                 327.64, 282.27, NAN, NAN,        0};

    (void)state;
    for (size_t at = 0; at < sizeof usage; at += sizeof(double))
        expect_number("recorded", field_of(&usage, at), field_of(&wanted, at));
}

static void test_an_unknown_usage_knows_nothing(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof(struct usage); at += sizeof(double))
        assert_true(isnan(field_of(&usage_unknown, at)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_measurement_has_its_names_in_order),
        cmocka_unit_test(test_what_is_no_measurement_is_unknown),
        cmocka_unit_test(test_cached_tokens_stand_among_the_details),
        cmocka_unit_test(test_a_recorded_usage),
        cmocka_unit_test(test_an_unknown_usage_knows_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
