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
        const char *name[4];
    } cases[] = {
        {AT(input_tokens),
         {"prompt_tokens_count", "prompt_tokens", "prompt_eval_count", "input_length"}},
        {AT(output_tokens),
         {"completion_tokens_count", "completion_tokens", "eval_count", "generated_tokens"}},
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
        {AT(reasoning_tokens), {"reasoning_tokens"}},
        {AT(prompt_s), {"prompt_time"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int k = 0; k < 4 && cases[i].name[k]; k++) {
            /* This name is 1.5; the ones before are null, the ones behind 9, and stand first. */
            struct text json = {0};
            struct usage usage;

            for (int n = 3; n >= 0; n--) {
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
    const struct usage wanted = {73,     128, 201, 0.16283941, 0.61347818, 281.82, 327.64,
                                 282.27, NAN, NAN, 0,          NAN,        NAN,    NAN};

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

/* Times come in the server's unit, and are seconds here; a load is never part of a prefill. */
static void test_times_of_prompt_and_load(void **state)
{
    static const struct {
        const char *json;
        double prompt_s, load_s;
    } cases[] = {
        {"{\"prompt_eval_duration\":250000000,\"load_duration\":1500000000}", 0.25, 1.5},
        {"{\"prompt_time\":0.25,\"prompt_eval_duration\":9}", 0.25, NAN},
        {"{\"prompt_time\":0}", 0, NAN},
        {"{\"load_duration\":0}", NAN, 0},
        {"{\"prompt_time\":\"slow\",\"load_duration\":-1}", NAN, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct usage usage = read_text(cases[i].json);

        expect_number(cases[i].json, usage.prompt_s, cases[i].prompt_s);
        expect_number(cases[i].json, usage.load_s, cases[i].load_s);
        expect_number(cases[i].json, usage.ttft_s, NAN);
    }
}

static void test_reasoning_tokens(void **state)
{
    static const struct {
        const char *json;
        double tokens;
    } cases[] = {
        {"{\"completion_tokens_details\":{\"reasoning_tokens\":64}}", 64},
        {"{\"completion_tokens_details\":{\"reasoning_tokens\":0},\"reasoning_tokens\":5}", 0},
        {"{\"completion_tokens_details\":null,\"reasoning_tokens\":5}", 5},
        {"{\"completion_tokens_details\":{\"reasoning_tokens\":null},\"reasoning_tokens\":5}", 5},
        {"{\"completion_tokens\":64}", NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_number(cases[i].json, read_text(cases[i].json).reasoning_tokens, cases[i].tokens);
}

/* Input, output, cached tokens, prompt and load time of a chunk. */
static void test_where_a_chunk_reports(void **state)
{
    static const struct {
        const char *json;
        bool told;
        double value[5];
    } cases[] = {
        {"{\"id\":\"a\",\"choices\":[]}", false, {0}},
        {"{\"usage\":null,\"x_groq\":{\"id\":\"r\"},\"timings\":{},\"details\":[]}", false, {0}},
        {"{\"usage\":{}}", true, {NAN, NAN, NAN, NAN, NAN}},
        {"{\"usage\":{\"prompt_tokens\":40,\"completion_tokens\":8}}",
         true,
         {40, 8, NAN, NAN, NAN}},
        {"{\"x_groq\":{\"usage\":{\"prompt_tokens\":40,\"completion_tokens\":8,\"queue_time\":0.1,"
         "\"prompt_time\":0.25}}}",
         true,
         {40, 8, NAN, 0.25, NAN}},
        {"{\"timings\":{\"prompt_n\":40,\"prompt_ms\":250,\"predicted_n\":8,\"predicted_ms\":9}}",
         true,
         {40, 8, NAN, 0.25, NAN}},
        {"{\"timings\":{\"cache_n\":30,\"prompt_n\":10,\"prompt_ms\":250}}",
         true,
         {40, NAN, 30, 0.25, NAN}},
        {"{\"timings\":{\"cache_n\":30,\"prompt_n\":10},\"usage\":{\"prompt_tokens\":41}}",
         true,
         {41, NAN, 30, NAN, NAN}},
        {"{\"timings\":{\"prompt_n\":40},\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}",
         true,
         {40, 0, NAN, NAN, NAN}},
        {"{\"done\":true,\"prompt_eval_count\":40,\"eval_count\":8,\"prompt_eval_duration\":"
         "250000000,"
         "\"load_duration\":500000000,\"total_duration\":9}",
         true,
         {40, 8, NAN, 0.25, 0.5}},
        {"{\"prompt_tokens\":40,\"prompt_eval_duration\":9}", false, {0}},
        {"{\"details\":{\"finish_reason\":\"length\",\"generated_tokens\":8,\"input_length\":40}}",
         true,
         {40, 8, NAN, NAN, NAN}},
    };
    static const size_t fields[] = {AT(input_tokens), AT(output_tokens), AT(cached_tokens),
                                    AT(prompt_s), AT(load_s)};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cJSON *chunk = cJSON_Parse(cases[i].json);
        struct usage usage;
        bool told = usage_read_chunk(chunk, &usage);

        expect_true(cases[i].json, told == cases[i].told);
        for (size_t f = 0; told && f < COUNT_OF(fields); f++)
            expect_number(cases[i].json, field_of(&usage, fields[f]), cases[i].value[f]);
        if (told)
            expect_number(cases[i].json, usage.ttft_s, NAN);
        cJSON_Delete(chunk);
    }
}

/* llama.cpp's: the first token ends the prompt's time, so what follows it came in predicted_ms. */
static void test_speeds_of_timings(void **state)
{
    static const struct {
        const char *json;
        double per_s, accepted;
    } cases[] = {
        {"{\"predicted_n\":9,\"predicted_ms\":400}", 20, NAN},
        {"{\"predicted_n\":1,\"predicted_ms\":0.001}", NAN, NAN},
        {"{\"predicted_n\":9,\"predicted_ms\":0}", NAN, NAN},
        {"{\"predicted_n\":9}", NAN, NAN},
        {"{\"predicted_ms\":400}", NAN, NAN},
        {"{\"predicted_n\":9,\"predicted_ms\":\"slow\"}", NAN, NAN},
        {"{\"predicted_n\":9,\"predicted_ms\":400,\"draft_n\":8,\"draft_n_accepted\":6}", 20, 0.75},
        {"{\"draft_n\":8,\"draft_n_accepted\":0}", NAN, 0},
        {"{\"draft_n\":0,\"draft_n_accepted\":0}", NAN, NAN},
        {"{\"draft_n\":8}", NAN, NAN},
        {"{\"draft_n\":8,\"draft_n_accepted\":9}", NAN, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cJSON *chunk = cJSON_CreateObject();
        struct usage usage = usage_unknown;

        cJSON_AddItemToObject(chunk, "timings", cJSON_Parse(cases[i].json));
        usage_read_chunk(chunk, &usage);
        expect_number(cases[i].json, usage.output_token_per_s, cases[i].per_s);
        expect_number(cases[i].json, usage.acceptance_rate, cases[i].accepted);
        expect_number(cases[i].json, usage.end_to_end_latency_s, NAN);
        cJSON_Delete(chunk);
    }
}

/* Reports one after another, and what is known at the end: of input, output, total, cached and
 * reasoning tokens, and TTFT. */
static void test_reports_are_merged(void **state)
{
    static const struct {
        const char *name, *report[3];
        bool no_chunks;
        double value[6];
    } cases[] = {
        {"zeros behind counts",
         {"{\"prompt_tokens\":40,\"completion_tokens\":8,\"total_tokens\":48}",
          "{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}"},
         false,
         {40, 8, 48, NAN, NAN, NAN}},
        {"nothing behind counts",
         {"{\"prompt_tokens\":40,\"completion_tokens\":8}", "{}"},
         false,
         {40, 8, NAN, NAN, NAN, NAN}},
        {"a plain report behind a full one",
         {"{\"prompt_tokens\":40,\"completion_tokens\":8,\"time_to_first_token\":0.25}",
          "{\"prompt_tokens\":40,\"completion_tokens\":9}"},
         false,
         {40, 9, NAN, NAN, NAN, 0.25}},
        {"counts that grow",
         {"{\"prompt_tokens\":40,\"completion_tokens\":0}", "{\"completion_tokens\":1}",
          "{\"completion_tokens\":2}"},
         false,
         {40, 2, NAN, NAN, NAN, NAN}},
        {"zeros alone",
         {"{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}"},
         false,
         {NAN, NAN, NAN, NAN, NAN, NAN}},
        {"zeros without chunks",
         {"{\"prompt_tokens\":40,\"completion_tokens\":0}"},
         true,
         {40, 0, NAN, NAN, NAN, NAN}},
        {"no cached tokens is a value",
         {"{\"prompt_tokens_details\":{\"cached_tokens\":32}}",
          "{\"prompt_tokens_details\":{\"cached_tokens\":0}}"},
         false,
         {NAN, NAN, NAN, 0, NAN, NAN}},
        {"all is reasoning",
         {"{\"prompt_tokens\":40,\"completion_tokens\":0,\"total_tokens\":48,\"reasoning_tokens\":"
          "8}"},
         false,
         {40, 0, 48, NAN, 8, NAN}},
        {"not all is reasoning",
         {"{\"prompt_tokens\":40,\"completion_tokens\":0,\"total_tokens\":49,\"reasoning_tokens\":"
          "8}"},
         false,
         {40, NAN, 49, NAN, 8, NAN}},
    };
    static const size_t fields[] = {AT(input_tokens),  AT(output_tokens),    AT(total_tokens),
                                    AT(cached_tokens), AT(reasoning_tokens), AT(ttft_s)};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct usage usage = usage_unknown;

        for (size_t k = 0; k < COUNT_OF(cases[i].report) && cases[i].report[k]; k++) {
            struct usage report = read_text(cases[i].report[k]);

            usage_add(&usage, &report);
        }
        usage_conclude(&usage, !cases[i].no_chunks);
        for (size_t f = 0; f < COUNT_OF(fields); f++)
            expect_number(cases[i].name, field_of(&usage, fields[f]), cases[i].value[f]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_measurement_has_its_names_in_order),
        cmocka_unit_test(test_what_is_no_measurement_is_unknown),
        cmocka_unit_test(test_cached_tokens_stand_among_the_details),
        cmocka_unit_test(test_a_recorded_usage),
        cmocka_unit_test(test_an_unknown_usage_knows_nothing),
        cmocka_unit_test(test_times_of_prompt_and_load),
        cmocka_unit_test(test_reasoning_tokens),
        cmocka_unit_test(test_speeds_of_timings),
        cmocka_unit_test(test_where_a_chunk_reports),
        cmocka_unit_test(test_reports_are_merged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
