/* The OpenAI-compatible dialect of the simulator: what it makes of a body, and what it says. */
#include "exchange.h"

#define PATH          "/v1/chat/completions"
#define TEXT(content) "\"messages\":[{\"role\":\"user\",\"content\":" content "}]"
#define ASK(rest)     "{\"model\":\"one\"," rest "}"

/* --- What is asked ---------------------------------------------------------------------------- */

static void test_questions(void **state)
{
    static const struct {
        const char *body;
        int64_t prompt_tokens, max_tokens, tier;
        bool stream, include_usage;
    } cases[] = {
        {ASK(TEXT("\"a b  c\"") ",\"max_tokens\":5"), 13, 5, 512, false, false},
        {ASK(TEXT("\"a\\tb\\n\"")), 12, QUESTION_DEFAULT_TOKENS, 512, false, false},
        {ASK(TEXT("\"\"") ",\"max_tokens\":502,\"stream\":true"), 10, 502, 512, true, false},
        {ASK(TEXT("\"\"") ",\"max_tokens\":503,\"stream\":null"), 10, 503, 4096, false, false},
        {ASK(TEXT("null") ",\"max_tokens\":4086"), 10, 4086, 4096, false, false},
        {ASK(TEXT("\"a\"") ",\"max_completion_tokens\":7"), 11, 7, 512, false, false},
        {ASK(TEXT("\"a\"") ",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                           "\"ignore_eos\":true"),
         11, QUESTION_DEFAULT_TOKENS, 512, true, true},
        {ASK(TEXT("[{\"type\":\"text\",\"text\":\"a b\"},"
                  "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}]")),
         10 + 2 + 576, QUESTION_DEFAULT_TOKENS, 4096, false, false},
        {ASK("\"messages\":[{\"role\":\"system\",\"content\":\"a b\"},"
             "{\"role\":\"user\",\"content\":\"c\"}]"),
         13, QUESTION_DEFAULT_TOKENS, 512, false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *body = cases[i].body;
        struct question asked;
        struct text text = {0};

        if (exchange_ask(PATH, body, &asked, &text) != ROUTE_ASKS)
            fail_msg("%s: %s", body, text.bytes);
        expect_true(body, asked.dialect == &sim_openai);
        expect_true(body, asked.expert == &exchange_experts[0]);
        expect_true(body, asked.prompt_tokens == cases[i].prompt_tokens);
        expect_true(body, asked.max_tokens == cases[i].max_tokens);
        expect_true(body, asked.tier->tokens == cases[i].tier);
        expect_true(body, asked.stream == cases[i].stream);
        expect_true(body, asked.include_usage == cases[i].include_usage);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *code;
        const char *part; /* of the sentence */
    } cases[] = {
        {"{\"mod", 400, "invalid_json", "not a JSON object"},
        {"[]", 400, "invalid_json", "not a JSON object"},
        {"", 400, "invalid_json", "not a JSON object"},
        {"{}", 400, "invalid_type", "'model' must be a text"},
        {"{\"model\":\"three\"}", 404, "model_not_found", "no model 'three'"},
        {ASK("\"x\":1"), 400, "invalid_type", "'messages' must be a list"},
        {ASK("\"messages\":[]"), 400, "invalid_type", "'messages' must be a list"},
        {ASK("\"messages\":[{\"content\":\"a\"}]"), 400, "invalid_type", "{role, content}"},
        {ASK(TEXT("5")), 400, "invalid_type", "text or parts"},
        {ASK(TEXT("[{\"type\":\"video\"}]")), 400, "invalid_type", "image_url"},
        {ASK(TEXT("\"a\"") ",\"max_tokens\":0"), 400, "invalid_type", "'max_tokens' must be"},
        {ASK(TEXT("\"a\"") ",\"max_tokens\":1.5"), 400, "invalid_type", "'max_tokens' must be"},
        {ASK(TEXT("\"a\"") ",\"max_tokens\":\"9\""), 400, "invalid_type", "'max_tokens' must be"},
        {ASK(TEXT("\"a\"") ",\"stream\":1"), 400, "invalid_type", "'stream' must be"},
        {ASK(TEXT("\"a\"") ",\"max_tokens\":4086"), 400, "context_length_exceeded",
         "The prompt's 11 tokens and the response's 4086 exceed the 4096 tokens of one."},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        exchange_expect_refusal(PATH, cases[i].body, cases[i].status, cases[i].code);
        exchange_expect_refusal(PATH, cases[i].body, cases[i].status, cases[i].part);
    }
}

/* --- What is said ----------------------------------------------------------------------------- */

/* The JSON of the one event said, for the caller to delete. */
static cJSON *parse_event(const struct exchange *exchange)
{
    const char *text = exchange->text.bytes;
    size_t length = exchange->text.length;
    cJSON *json;

    assert_memory_equal(text, "data: {", 7);
    assert_string_equal(text + length - 2, "\n\n");
    assert_ptr_equal(strchr(text, '\n'), text + length - 2);
    json = cJSON_Parse(text + 6);
    assert_non_null(json);
    expect_text("model", cJSON_GetObjectItem(json, "model")->valuestring, "one");
    expect_number("created", cJSON_GetObjectItem(json, "created")->valuedouble, 1700000000);
    return json;
}

static const cJSON *first_choice(const cJSON *json)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(json, "choices"), 0);
}

static void test_a_token_is_an_event(void **state)
{
    struct exchange exchange;
    const cJSON *choice, *delta;
    cJSON *json;

    (void)state;
    exchange_begin(&exchange, &sim_openai, &exchange_experts[0], 3);
    sim_openai.add_tokens(&exchange.text, &exchange.token_text, 2, 1);
    json = parse_event(&exchange);
    choice = first_choice(json);
    delta = cJSON_GetObjectItem(choice, "delta");
    expect_text("role", cJSON_GetObjectItem(delta, "role")->valuestring, "assistant");
    expect_true("a word after a space",
                cJSON_GetObjectItem(delta, "content")->valuestring[0] == ' ');
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(choice, "finish_reason")));
    assert_null(cJSON_GetObjectItem(json, "usage"));
    cJSON_Delete(json);
    text_clear(&exchange.text);
}

/* Says event `k` of the end, and nothing else. */
static bool say_end(struct exchange *exchange, int k)
{
    text_reset(&exchange->text);
    return sim_openai.add_end(&exchange->text, &exchange->token_text, k);
}

static void test_the_end_of_a_stream(void **state)
{
    struct exchange exchange;
    const cJSON *choice;
    cJSON *json;

    (void)state;
    exchange_begin(&exchange, &sim_openai, &exchange_experts[0], 3);
    assert_true(say_end(&exchange, 0));
    json = parse_event(&exchange);
    choice = first_choice(json);
    expect_text("reason", cJSON_GetObjectItem(choice, "finish_reason")->valuestring, "length");
    expect_text("no content",
                cJSON_GetObjectItem(cJSON_GetObjectItem(choice, "delta"), "content")->valuestring,
                "");
    cJSON_Delete(json);
    assert_true(say_end(&exchange, 1));
    json = parse_event(&exchange);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "choices")), 0);
    assert_non_null(cJSON_GetObjectItem(json, "usage"));
    cJSON_Delete(json);
    assert_true(say_end(&exchange, 2));
    assert_string_equal(exchange.text.bytes, "data: [DONE]\n\n");
    assert_false(say_end(&exchange, 3));
    assert_int_equal(exchange.text.length, 0);
    text_clear(&exchange.text);
}

static void test_the_end_without_usage(void **state)
{
    struct exchange exchange;

    (void)state;
    exchange_begin(&exchange, &sim_openai, &exchange_experts[0], 3);
    exchange.question.include_usage = false;
    assert_true(say_end(&exchange, 0));
    expect_part("finish", exchange.text.bytes, "\"finish_reason\":\"length\"");
    assert_true(say_end(&exchange, 1));
    assert_string_equal(exchange.text.bytes, "data: [DONE]\n\n");
    assert_false(say_end(&exchange, 2));
    assert_int_equal(exchange.text.length, 0);
    text_clear(&exchange.text);
}

/* What is said of tokens 2 and 3 of 4 in that manner, for parts to be looked for. */
static void expect_tokens(const struct bundle_behaviour *behaviour, const char *part)
{
    struct exchange exchange;

    exchange_file.behaviour = *behaviour;
    exchange_begin(&exchange, &sim_openai, &exchange_experts[0], 4);
    sim_openai.add_tokens(&exchange.text, &exchange.token_text, 2, 2);
    expect_part(part, exchange.text.bytes, part);
    text_clear(&exchange.text);
    exchange_file.behaviour = (struct bundle_behaviour){0};
}

static void test_tokens_in_other_manners(void **state)
{
    static const struct {
        struct bundle_behaviour behaviour;
        const char *part;
    } cases[] = {
        {{.role_chunk = true}, "\"delta\":{\"content\":\" "},
        {{.reasoning_tokens = 3}, "\"delta\":{\"role\":\"assistant\",\"reasoning\":\" "},
        {{.reasoning_tokens = 3, .reasoning_key = 1}, "\"reasoning_content\":\" "},
        {{.reasoning_tokens = 2}, "\"content\":\" "},
        {{.null_usage = true}, "\"finish_reason\":null}],\"usage\":null}\n\n"},
        {{.usage = BUNDLE_USAGE_EVERY_CHUNK},
         "\"usage\":{\"prompt_tokens\":30,"
         "\"completion_tokens\":4,\"total_tokens\":34,"
         "\"prompt_tokens_details\":{\"cached_tokens\":0}}}"},
        {{.usage = BUNDLE_USAGE_LAST_CONTENT}, "\"time_to_first_token\":1.5"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_tokens(&cases[i].behaviour, cases[i].part);
}

static void expect_usage(struct exchange *exchange, const char *name, double expected)
{
    cJSON *json;
    const cJSON *figure;

    text_reset(&exchange->text);
    sim_openai.add_whole(&exchange->text, &exchange->token_text);
    json = cJSON_Parse(exchange->text.bytes);
    figure = cJSON_GetObjectItem(cJSON_GetObjectItem(json, "usage"), name);
    expect_number(name, figure ? figure->valuedouble : NAN, expected);
    cJSON_Delete(json);
}

static void test_usage(void **state)
{
    static const struct {
        const char *name;
        double of_many, of_one; /* NAN: absent */
    } cases[] = {
        {"prompt_tokens", 30, 30},
        {"completion_tokens", 51, 1},
        {"total_tokens", 81, 31},
        {"time_to_first_token", 1.5, 1.5},
        {"total_latency", 2, 1.5}, /* 50 tokens at 100 a second */
        {"completion_tokens_after_first_per_sec", 100, NAN},
        {"completion_tokens_after_first_per_sec_first_ten", 100, NAN},
        {"completion_tokens_per_sec", 25.5, 1 / 1.5},
        {"total_tokens_per_sec", 40.5, 31 / 1.5},
        {"start_time", 1700000000, 1700000000},
        {"end_time", 1700000002, 1700000001.5},
        {"acceptance_rate", NAN, 2.5},
        {"batch_size_used", NAN, NAN},
    };
    struct exchange many, one;

    (void)state;
    exchange_begin(&many, &sim_openai, &exchange_experts[0], 51);
    exchange_begin(&one, &sim_openai, &exchange_experts[1], 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_usage(&many, cases[i].name, cases[i].of_many);
        expect_usage(&one, cases[i].name, cases[i].of_one);
    }
    exchange_file.bundle.node.reports_batch_size = true;
    expect_usage(&many, "batch_size_used", 2);
    exchange_file.bundle.node.reports_batch_size = false;
    text_clear(&many.text);
    text_clear(&one.text);
}

static void test_an_error_has_its_envelope(void **state)
{
    struct text text = {0};
    struct refusal refusal;

    (void)state;
    assert_false(refuse(&refusal, 404, "model_not_found", "model", "No \"%s\".", "x"));
    sim_openai.add_refusal(&text, &refusal);
    expect_text("error", text.bytes,
                "{\"error\":{\"message\":\"No \\\"x\\\".\",\"type\":\"invalid_request_error\","
                "\"param\":\"model\",\"code\":\"model_not_found\"}}");
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_a_token_is_an_event),
        cmocka_unit_test(test_the_end_of_a_stream),
        cmocka_unit_test(test_the_end_without_usage),
        cmocka_unit_test(test_tokens_in_other_manners),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_an_error_has_its_envelope),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
