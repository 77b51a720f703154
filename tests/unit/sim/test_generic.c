/* SambaStudio's generic APIs, versions 1 and 2, as the simulator speaks them. */
#include "exchange.h"

#define V2                       "/api/v2/predict/generic/p/e"
#define V2_STREAM                "/api/v2/predict/generic/stream/p/e"
#define V1                       "/api/predict/generic/p/e"
#define V1_STREAM                "/api/predict/generic/stream/p/e"
#define ITEM(members)            "{\"items\":[{" members "}]"
#define ITEM1(value)             ITEM("\"id\":\"item1\",\"value\":" value)
#define PARAMS(list)             ",\"params\":{" list "}}"
#define INSTANCE(v)              "{\"instance\":" v
#define INSTANCES(v)             "{\"instances\":" v
#define TYPED(name, type, value) "\"" name "\":{\"type\":\"" type "\",\"value\":\"" value "\"}"
#define TALK                                                                                       \
    "\"{\\\"conversation_id\\\":\\\"c\\\",\\\"messages\\\":["                                      \
    "{\\\"message_id\\\":0,\\\"role\\\":\\\"system\\\",\\\"content\\\":\\\"a b\\\"},"              \
    "{\\\"message_id\\\":1,\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"c\\\"}]}\""
#define MESSAGES(list) "\"{\\\"messages\\\":" list "}\""

enum { DEFAULT = QUESTION_DEFAULT_TOKENS };

/* --- What is asked ---------------------------------------------------------------------------- */

static void test_questions(void **state)
{
    static const struct {
        const char *path, *body;
        int expert;
        int64_t prompt_tokens, max_tokens, tier;
        bool stream;
        const char *item;
    } cases[] = {
        /* Version 2: prompts, tokens, tiers. */
        {V2_STREAM, ITEM1("\"a b c\"") "}", 0, 13, DEFAULT, 512, true, "item1"},
        {V2, ITEM1("\"a b c\"") "}", 0, 13, DEFAULT, 512, false, "item1"},
        {V2, ITEM1("\"a\"") PARAMS("\"max_tokens_to_generate\":501"), 0, 11, 501, 512, false,
         "item1"},
        {V2, ITEM1("\"a\"") PARAMS("\"max_tokens_to_generate\":502"), 0, 11, 502, 4096, false,
         "item1"},
        {V2, ITEM1("\"a\"") PARAMS("\"max_tokens_to_generate\":null"), 0, 11, DEFAULT, 512, false,
         "item1"},
        {V2, ITEM1("\"a\"") ",\"params\":null}", 0, 11, DEFAULT, 512, false, "item1"},
        /* Experts, and what the template adds. */
        {V2, ITEM1("\"a\"") PARAMS("\"select_expert\":\"two\""), 1, 1, DEFAULT, 512, false,
         "item1"},
        {V2, ITEM1("\"a\"") PARAMS("\"process_prompt\":true,\"top_k\":1,\"do_sample\":false"), 0,
         11, DEFAULT, 512, false, "item1"},
        {V2, ITEM1("\"a\"") PARAMS("\"process_prompt\":false"), 0, 1, DEFAULT, 512, false, "item1"},
        /* Conversations, and what only looks like one. */
        {V2, ITEM1(TALK) "}", 0, 13, DEFAULT, 512, false, "item1"},
        {V2, ITEM1(TALK) PARAMS("\"process_prompt\":false"), 0, 3, DEFAULT, 512, false, "item1"},
        {V2, ITEM1(MESSAGES("\\\"a b\\\"")) "}", 0, 12, DEFAULT, 512, false, "item1"},
        {V2, ITEM1("\"[1, 2]\"") "}", 0, 12, DEFAULT, 512, false, "item1"},
        {V2, ITEM1("\"{\\\"messages\\\": [] } and more\"") "}", 0, 15, DEFAULT, 512, false,
         "item1"},
        /* Ids. */
        {V2, ITEM("\"value\":\"a\"") "}", 0, 11, DEFAULT, 512, false, "0"},
        {V2, ITEM("\"id\":\"x \\\"y\\\"\",\"value\":\"a\"") "}", 0, 11, DEFAULT, 512, false,
         "x \"y\""},
        /* Version 1. */
        {V1_STREAM, INSTANCE("\"a b c\"") "}", 0, 13, DEFAULT, 512, true, ""},
        {V1, INSTANCES("[\"a b c\"]") "}", 0, 13, DEFAULT, 512, false, ""},
        {V1_STREAM,
         INSTANCE("\"a\"") PARAMS(TYPED("max_tokens_to_generate", "int", "128") "," TYPED(
             "select_expert", "str", "two") "," TYPED("process_prompt", "bool", "False")),
         1, 1, 128, 512, true, ""},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS(TYPED("process_prompt", "bool", "False")), 0, 1,
         DEFAULT, 512, true, ""},
        {V1_STREAM,
         INSTANCE("\"a\"") PARAMS(
             TYPED("process_prompt", "bool", "True") "," TYPED("top_p", "float", "1e-1") "," TYPED(
                 "temperature", "float", "0.7") "," TYPED("repetition_penalty", "float",
                                                          "1") "," TYPED("seed", "int", "-5")),
         0, 11, DEFAULT, 512, true, ""},
        {V1, INSTANCES("[" TALK "]") PARAMS(TYPED("stop_sequences", "str", "")), 0, 13, DEFAULT,
         512, false, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *body = cases[i].body;
        struct question asked;
        struct text text = {0};

        if (exchange_ask(cases[i].path, body, &asked, &text) != ROUTE_ASKS)
            fail_msg("%s: %s", body, text.bytes);
        expect_true(body, asked.expert == &exchange_experts[cases[i].expert]);
        expect_true(body, asked.prompt_tokens == cases[i].prompt_tokens);
        expect_true(body, asked.max_tokens == cases[i].max_tokens);
        expect_true(body, asked.tier->tokens == cases[i].tier);
        expect_true(body, asked.stream == cases[i].stream);
        expect_text(body, asked.item, cases[i].item);
    }
}

#define ID_63 "123456789012345678901234567890123456789012345678901234567890123"

/* An item's id has its room, no more. */
static void test_a_long_id(void **state)
{
    struct question asked;
    struct text text = {0};

    (void)state;
    assert_int_equal(
        exchange_ask(V2, ITEM("\"id\":\"" ID_63 "\",\"value\":\"a\"") "}", &asked, &text),
        ROUTE_ASKS);
    expect_text("id", asked.item, ID_63);
    exchange_expect_refusal(V2, ITEM("\"id\":\"" ID_63 "4\",\"value\":\"a\"") "}", 400,
                            "a text of less than 64 bytes");
}

static void test_refusals_of_version_2(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *part;
    } cases[] = {
        {"{\"items\"", 400, "{\"error\":{\"code\":\"invalid_json\",\"message\":\"The body is not"},
        {"{}", 400, "'items' must be a list of one {id, value}"},
        {"{\"items\":[]}", 400, "'items' must be a list of one {id, value}"},
        {"{\"items\":{\"id\":\"item1\",\"value\":\"a\"}}", 400, "'items' must be a list of one"},
        {"{\"items\":[\"a\"]}", 400, "'items' must be a list of one {id, value}"},
        {"{\"items\":[{\"id\":\"a\",\"value\":\"b\"},{\"id\":\"b\",\"value\":\"b\"}]}", 400,
         "'items' must be a list of one {id, value}"},
        {"{\"instance\":\"a\"}", 400, "'items' must be a list"},
        {ITEM("\"id\":\"item#1\",\"value\":\"a\"") "}", 400,
         "{\"code\":\"invalid_id\",\"message\":\"The item's id 'item#1' holds a '#'"},
        {ITEM("\"id\":1,\"value\":\"a\"") "}", 400, "'id' must be a text"},
        {ITEM("\"id\":\"item1\"") "}", 400, "'value' must be a text"},
        {ITEM1("[{\"type\":\"image_url\"}]") "}", 400, "'value' must be a text"},
        {ITEM1(MESSAGES("[]")) "}", 400, "the JSON of a conversation"},
        {ITEM1(MESSAGES("[{\\\"role\\\":\\\"user\\\"}]")) "}", 400, "the JSON of a conversation"},
        {ITEM1(MESSAGES("[{\\\"content\\\":\\\"a\\\"}]")) "}", 400, "the JSON of a conversation"},
        {ITEM1("\"a\"") ",\"params\":[]}", 400, "'params' must be an object"},
        {ITEM1("\"a\"") PARAMS("\"select_expert\":\"three\""), 404,
         "{\"error\":{\"code\":\"model_not_found\",\"message\":\"There is no model 'three' here"},
        {ITEM1("\"a\"") PARAMS("\"select_expert\":5"), 400, "\"details\":[\"select_expert\"]"},
        {ITEM1("\"a\"") PARAMS("\"max_tokens_to_generate\":\"128\""), 400,
         "'max_tokens_to_generate' must be a whole number"},
        {ITEM1("\"a\"") PARAMS(TYPED("max_tokens_to_generate", "int", "128")), 400,
         "'max_tokens_to_generate' must be a whole number"},
        {ITEM1("\"a\"") PARAMS("\"max_tokens_to_generate\":0"), 400, "at least 1"},
        {ITEM1("\"a\"") PARAMS("\"process_prompt\":\"False\""), 400,
         "'process_prompt' must be true or false"},
        {ITEM1("\"a\"") PARAMS("\"max_tokens_to_generate\":4086"), 400,
         "The prompt's 11 tokens and the response's 4086 exceed the 4096 tokens of one."},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        exchange_expect_refusal(V2, cases[i].body, cases[i].status, cases[i].part);
        exchange_expect_refusal(V2_STREAM, cases[i].body, cases[i].status, cases[i].part);
    }
}

#define ONE_PARAM(type, value) INSTANCE("\"a\"") PARAMS(TYPED("x", type, value))

static void test_refusals_of_version_1(void **state)
{
    static const struct {
        const char *path, *body;
        int status;
        const char *part;
    } cases[] = {
        {V1_STREAM, "nothing", 400, "{\"error\":{\"code\":\"invalid_json\""},
        {V1_STREAM, "{}", 400, "'instance' must be a text"},
        {V1_STREAM, INSTANCE("[\"a\"]") "}", 400, "'instance' must be a text"},
        {V1_STREAM, INSTANCES("[\"a\"]") "}", 400, "'instance' must be a text"},
        {V1, INSTANCE("\"a\"") "}", 400, "'instances' must be a list of one text"},
        {V1, INSTANCES("\"a\"") "}", 400, "'instances' must be a list of one text"},
        {V1, INSTANCES("[]") "}", 400, "'instances' must be a list of one text"},
        {V1, INSTANCES("[\"a\",\"b\"]") "}", 400, "'instances' must be a list of one text"},
        {V1, INSTANCES("[5]") "}", 400, "'instances' must be a list of one text"},
        {V1_STREAM, ITEM1("\"a\"") "}", 400, "'instance' must be a text"},
        {V1_STREAM, INSTANCE("\"a\"") ",\"params\":[]}", 400, "'params' must be an object"},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS("\"x\":5"), 400, "'x' must be {type, value}"},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS("\"x\":{\"type\":\"int\",\"value\":5}"), 400,
         "'x' must be {type, value}, both of them texts"},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS("\"x\":{\"value\":\"5\"}"), 400, "'x' must be {type"},
        {V1_STREAM, ONE_PARAM("integer", "5"), 400,
         "The type of 'x' must be int, float, bool or str, not 'integer'."},
        {V1_STREAM, ONE_PARAM("", "5"), 400, "must be int, float, bool or str, not ''."},
        {V1_STREAM, ONE_PARAM("int", "5.0"), 400, "'x' is no int: '5.0'."},
        {V1_STREAM, ONE_PARAM("int", ""), 400, "'x' is no int: ''."},
        {V1_STREAM, ONE_PARAM("int", "-"), 400, "'x' is no int: '-'."},
        {V1_STREAM, ONE_PARAM("int", " 5"), 400, "'x' is no int: ' 5'."},
        {V1_STREAM, ONE_PARAM("int", "5 "), 400, "'x' is no int: '5 '."},
        {V1_STREAM, ONE_PARAM("int", "0x5"), 400, "'x' is no int: '0x5'."},
        {V1_STREAM, ONE_PARAM("int", "1e2"), 400, "'x' is no int: '1e2'."},
        {V1_STREAM, ONE_PARAM("float", "nan"), 400, "'x' is no float: 'nan'."},
        {V1_STREAM, ONE_PARAM("float", "1e999"), 400, "'x' is no float: '1e999'."},
        {V1_STREAM, ONE_PARAM("float", "1,5"), 400, "'x' is no float: '1,5'."},
        {V1_STREAM, ONE_PARAM("float", "1.5.5"), 400, "'x' is no float: '1.5.5'."},
        {V1_STREAM, ONE_PARAM("bool", "true"), 400, "'x' is no bool: 'true'."},
        {V1_STREAM, ONE_PARAM("bool", "1"), 400, "'x' is no bool: '1'."},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS(TYPED("max_tokens_to_generate", "int", "0")), 400,
         "'max_tokens_to_generate' must be a whole number, at least 1"},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS(TYPED("max_tokens_to_generate", "str", "9")), 400,
         "'max_tokens_to_generate' must be a whole number, at least 1"},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS(TYPED("process_prompt", "str", "True")), 400,
         "'process_prompt' must be true or false"},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS(TYPED("select_expert", "int", "5")), 400,
         "'select_expert' must be a text"},
        {V1_STREAM, INSTANCE("\"a\"") PARAMS(TYPED("select_expert", "str", "three")), 404,
         "no model 'three'"},
        {V1, INSTANCES("[\"a\"]") PARAMS(TYPED("max_tokens_to_generate", "int", "4086")), 400,
         "{\"error\":{\"code\":\"context_length_exceeded\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        exchange_expect_refusal(cases[i].path, cases[i].body, cases[i].status, cases[i].part);
}

/* --- What is said ----------------------------------------------------------------------------- */

/* Where a version puts a value, in a stream and at once. */
static const struct version {
    const struct sim_dialect *dialect;
    const char *line_head, *line_tail;
    const char *whole_head, *whole_tail;
} versions[] = {
    {&sim_generic_v2, "{\"result\":{\"items\":[{\"id\":\"item1\",\"value\":", "}]}}\n",
     "{\"items\":[{\"id\":\"item1\",\"value\":", "}]}"},
    {&sim_generic_v1, "{\"result\":{\"responses\":[", "]}}\n", "{\"predictions\":[", "]}"},
};

/* The value between head and tail, for the caller to delete. */
static cJSON *parse_value(const struct exchange *exchange, const char *head, const char *tail)
{
    const char *text = exchange->text.bytes;
    size_t length = exchange->text.length, around = strlen(head) + strlen(tail);
    cJSON *value;

    assert_true(length > around);
    assert_memory_equal(text, head, strlen(head));
    assert_string_equal(text + length - strlen(tail), tail);
    value = cJSON_ParseWithLength(text + strlen(head), length - around);
    assert_non_null(value);
    return value;
}

static void test_a_token_is_a_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        const struct version *version = &versions[i];
        struct exchange exchange;
        struct text word = {0};
        cJSON *value;

        exchange_begin(&exchange, version->dialect, &exchange_experts[0], 3);
        version->dialect->add_tokens(&exchange.text, &exchange.token_text, 2, 1);
        token_text_add_word(&word, &exchange.token_text, 2);
        value = parse_value(&exchange, version->line_head, version->line_tail);
        assert_int_equal(cJSON_GetArraySize(value), 2);
        assert_true(cJSON_IsFalse(cJSON_GetObjectItem(value, "is_last_response")));
        expect_text("token", cJSON_GetObjectItem(value, "stream_token")->valuestring, word.bytes);
        cJSON_Delete(value);
        text_clear(&word);
        text_clear(&exchange.text);
    }
}

/* The figures of an answer of 51 tokens and of one of 1, by hand; NAN: absent. */
static void expect_last(const cJSON *value, bool many)
{
    static const struct {
        const char *name;
        double of_many, of_one;
    } cases[] = {
        {"prompt_tokens_count", 30, 30},
        {"completion_tokens_count", 51, 1},
        {"total_tokens_count", 81, 31},
        {"time_to_first_token", 1.5, 1.5},
        {"model_execution_time", 2, 1.5}, /* 50 tokens at 100 a second */
        {"throughput_after_first_token", 100, NAN},
        {"start_time", 1700000000, 1700000000},
        {"end_time", 1700000002, 1700000001.5},
        {"batch_size_used", 2, 2},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const cJSON *figure = cJSON_GetObjectItem(value, cases[i].name);

        expect_number(cases[i].name, figure ? cJSON_GetNumberValue(figure) : NAN,
                      many ? cases[i].of_many : cases[i].of_one);
    }
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(value, "is_last_response")));
    expect_text("token", cJSON_GetObjectItem(value, "stream_token")->valuestring, "");
    expect_text("reason", cJSON_GetObjectItem(value, "stop_reason")->valuestring,
                "max_len_reached");
}

static void expect_completion(const cJSON *value, const struct token_text *token_text)
{
    struct text words = {0};

    token_text_add_words(&words, token_text);
    expect_text("completion", cJSON_GetObjectItem(value, "completion")->valuestring, words.bytes);
    text_clear(&words);
}

/* The last line of a stream, and the answer at once. */
static void expect_end(const struct version *version, bool many)
{
    struct exchange exchange;
    cJSON *value;

    exchange_begin(&exchange, version->dialect, &exchange_experts[many ? 0 : 1], many ? 51 : 1);
    assert_true(version->dialect->add_end(&exchange.text, &exchange.token_text, 0));
    value = parse_value(&exchange, version->line_head, version->line_tail);
    expect_last(value, many);
    expect_completion(value, &exchange.token_text);
    cJSON_Delete(value);
    text_reset(&exchange.text);
    assert_false(version->dialect->add_end(&exchange.text, &exchange.token_text, 1));
    assert_int_equal(exchange.text.length, 0);
    version->dialect->add_whole(&exchange.text, &exchange.token_text);
    value = parse_value(&exchange, version->whole_head, version->whole_tail);
    expect_last(value, many);
    expect_completion(value, &exchange.token_text);
    cJSON_Delete(value);
    text_clear(&exchange.text);
}

static void test_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        expect_end(&versions[i], true);
        expect_end(&versions[i], false);
    }
}

static void test_an_error_has_its_envelope(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        struct text text = {0};
        struct refusal refusal;

        refuse(&refusal, 404, "model_not_found", "select_expert", "No \"%s\".", "x");
        versions[i].dialect->add_refusal(&text, &refusal);
        expect_text("error", text.bytes,
                    "{\"error\":{\"code\":\"model_not_found\",\"message\":\"No \\\"x\\\".\","
                    "\"details\":[\"select_expert\"]}}");
        text_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_a_long_id),
        cmocka_unit_test(test_refusals_of_version_2),
        cmocka_unit_test(test_refusals_of_version_1),
        cmocka_unit_test(test_a_token_is_a_line),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_an_error_has_its_envelope),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
