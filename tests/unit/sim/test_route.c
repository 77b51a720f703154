/* Which path leads where, and which key opens it. */
#include "exchange.h"

#define V2 "/api/v2/predict/generic"
#define V1 "/api/predict/generic"

static void test_paths(void **state)
{
    static const struct {
        const char *path;
        const struct sim_dialect *dialect;
        bool stream; /* says the path */
    } cases[] = {
        {"/v1/chat/completions", &sim_openai, false},
        {"/v1/chat/completions/", NULL, false},
        {"/v1/completions", &sim_completions, false},
        {"/v1/responses", &sim_responses, false},
        {"/v1/messages", &sim_anthropic, false},
        {"/api/chat", &sim_ollama, false},
        {"/generate", &sim_tgi, false},
        {"/generate_stream", &sim_tgi, true},
        {"/v1/messages/", NULL, false},
        {V2 "/p/e", &sim_generic_v2, false},
        {V2 "/stream/p/e", &sim_generic_v2, true},
        {"/any/prefix" V2 "/stream/p/e", &sim_generic_v2, true},
        {V2 "/p", NULL, false},
        {V2 "/p/", NULL, false},
        {V2 "//e", NULL, false},
        {V2 "/p/e/", NULL, false},
        {V2 "/p/e/f", NULL, false},
        {V2 "/stream/p", NULL, false},
        {V2 "/streams/e", &sim_generic_v2, false},
        {V2, NULL, false},
        {V1 "/p/e", &sim_generic_v1, false},
        {V1 "/stream/p/e", &sim_generic_v1, true},
        {"/any/prefix" V1 "/stream/p/e", &sim_generic_v1, true},
        {V1 "/stream/p", NULL, false},
        {"/api/v3/predict/generic/p/e", NULL, false},
        {"/api/v2/predict/nlp/p/e", NULL, false},
        {"/", NULL, false},
        {"", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool stream = true;

        expect_true(cases[i].path, sim_dialect_find(cases[i].path, &stream) == cases[i].dialect);
        expect_true(cases[i].path, stream == cases[i].stream);
    }
}

static void test_routes(void **state)
{
    static const struct {
        const char *method, *path, *authorization, *key;
        int status;
        const char *part;
    } cases[] = {
        {"GET", "/v1/models", "Bearer k", "", 200, "\"id\":\"two\""},
        {"GET", "/v1/models", "Bearer kk", "", 401, "invalid_authentication"},
        {"GET", "/v1/models", "k", "", 401, "'Authorization: Bearer KEY'"},
        {"GET", "/v1/models", "", "k", 401, "authentication_error"},
        {"POST", "/v1/models", "Bearer k", "", 405, "takes GET, not POST"},
        {"POST", "/tokenize", "Bearer k", "", 400, "invalid_json"},
        {"POST", "/tokenize", "Bearer kk", "", 401, "invalid_authentication"},
        {"GET", "/tokenize", "Bearer k", "", 405, "takes POST, not GET"},
        {"POST", "/v1/messages/count_tokens", "Bearer k", "", 400, "invalid_json"},
        {"GET", "/v1/messages/count_tokens", "Bearer k", "", 405, "takes POST, not GET"},
        {"POST", "/v1/messages", "Bearer kk", "", 401, "'x-api-key: KEY or "},
        {"POST", "/v1/messages", "Bearer k", "", 400, "anthropic-version"},
        {"POST", "/v1/completions", "", "k", 401, "'Authorization: Bearer KEY'"},
        {"POST", "/v1/responses", "Bearer k", "", 400, "invalid_json"},
        {"POST", "/api/chat", "", "", 400, "{\"error\":\"The body is not a JSON object.\"}"},
        {"GET", "/api/tags", "", "", 200, "\"model\":\"two\""},
        {"GET", "/api/version", "", "", 200, "\"version\""},
        {"POST", "/generate_stream", "Bearer k", "", 400, "\"error_type\":\"validation\""},
        {"POST", "/generate", "", "k", 401, "'Authorization: Bearer KEY'"},
        {"GET", "/info", "Bearer k", "", 200, "\"model_id\":\"one\""},
        {"GET", "/models", "Bearer k", "", 200, "\"id\":\"two\""},
        {"GET", "/models/sse", "Bearer k", "", 404, "Nothing is loaded"},
        {"POST", "/models/load", "Bearer k", "", 404, "Nothing is loaded"},
        {"POST", "/api/models/unload/one", "Bearer k", "", 404, "Nothing is loaded"},
        {"POST", "/api/models/unload/", "Bearer k", "", 404, "nothing at"},
        {"GET", "/running", "Bearer k", "", 200, "{\"running\":[]}"},
        {"GET", "/api/ps", "", "", 200, "{\"models\":[]}"},
        {"GET", "/v1/nothing", "Bearer k", "", 404, "nothing at /v1/nothing"},
        {"GET", "/", "", "", 404, "nothing at /."},
        {"GET", "/any/prefix/", "", "", 404, "nothing at /any/prefix/."},
        {"POST", "/v1/chat/completions", "Bearer k", "", 400, "invalid_json"},
        {"POST", V2 "/p/e", "", "k", 400, "{\"error\":{\"code\":\"invalid_json\""},
        {"POST", V2 "/stream/p/e", "Bearer k", "", 401, "'key: KEY'"},
        {"POST", V2 "/stream/p/e", "", "", 401, "\"code\":\"invalid_authentication\""},
        {"POST", V2 "/stream/p/e", "", "kk", 401, "\"details\":[]"},
        {"GET", V2 "/stream/p/e", "", "k", 405, "takes POST, not GET"},
        {"POST", V1 "/stream/p/e", "", "k", 400, "{\"error\":{\"code\":\"invalid_json\""},
        {"POST", V1 "/stream/p/e", "Bearer k", "K", 401, "'key: KEY'"},
        {"GET", V1 "/p/e", "", "k", 405, "takes POST, not GET"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_request request = {0};
        struct question asked;
        struct text json = {0};

        strcpy(request.method, cases[i].method);
        strcpy(request.path, cases[i].path);
        strcpy(request.authorization, cases[i].authorization);
        strcpy(request.key, cases[i].key);
        expect_true(cases[i].path, route_request(&exchange_view, "k", &request, "", &asked,
                                                 &json) == cases[i].status);
        expect_part(cases[i].path, json.bytes, cases[i].part);
        text_clear(&json);
    }
}

/* Anthropic's key opens what its clients share with OpenAI's; its messages want a version too. */
static void test_the_key_of_anthropic(void **state)
{
    static const struct {
        const char *method, *path, *key;
        bool version;
        int status;
        const char *part;
    } cases[] = {
        {"GET", "/v1/models", "k", false, 200, "\"id\":\"two\""},
        {"GET", "/v1/models", "kk", true, 401, "invalid_authentication"},
        {"POST", "/v1/messages/count_tokens", "k", true, 400, "invalid_json"},
        {"POST", "/v1/messages", "kk", true, 401, "\"type\":\"authentication_error\""},
        {"POST", "/v1/messages", "k", false, 400, "anthropic-version: header is required"},
        {"POST", "/v1/messages", "k", true, 400, "The body is not a JSON object."},
        {"POST", "/v1/chat/completions", "k", true, 401, "'Authorization: Bearer KEY'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_request request = {.has_version = cases[i].version};
        struct question asked;
        struct text json = {0};

        strcpy(request.method, cases[i].method);
        strcpy(request.path, cases[i].path);
        strcpy(request.api_key, cases[i].key);
        expect_true(cases[i].part, route_request(&exchange_view, "k", &request, "", &asked,
                                                 &json) == cases[i].status);
        expect_part(cases[i].path, json.bytes, cases[i].part);
        text_clear(&json);
    }
}

/* What is counted at once, and what is said of it. */
static void test_counts(void **state)
{
#define MESSAGES "\"messages\":[{\"role\":\"user\",\"content\":\"a b\"}]"
    static const char count_path[] = "/v1/messages/count_tokens";
    static const struct {
        const char *path, *body;
        int status;
        const char *text;
    } cases[] = {
        {count_path, "{\"model\":\"one\"," MESSAGES "}", 200, "{\"input_tokens\":12}"},
        {count_path, "{\"model\":\"two\"," MESSAGES "}", 200, "{\"input_tokens\":2}"},
        {count_path, "{\"model\":\"one\"}", 400, "'messages' must be a list"},
        {"/tokenize", "{\"model\":\"two\"," MESSAGES "}", 200,
         "{\"count\":2,\"max_model_len\":512,\"tokens\":[0,1]}"},
        {"/tokenize", "{\"model\":\"one\",\"prompt\":\"a b c\"}", 200,
         "{\"count\":3,\"max_model_len\":4096,\"tokens\":[0,1,2]}"},
        {"/tokenize", "{\"model\":\"one\",\"prompt\":\"\"}", 200,
         "{\"count\":0,\"max_model_len\":4096,\"tokens\":[]}"},
        {"/tokenize", "{\"model\":\"one\",\"prompt\":[1]}", 400, "'prompt' must be a text"},
        {"/tokenize", "{\"prompt\":\"a\"}", 400, "'model' must be a text"},
        {"/tokenize", "{\"model\":\"six\",\"prompt\":\"a\"}", 404, "no model 'six'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct question question;
        struct text text = {0};

        expect_true(cases[i].body, exchange_ask(cases[i].path, cases[i].body, &question, &text) ==
                                       cases[i].status);
        if (cases[i].status == 200)
            expect_text(cases[i].body, text.bytes, cases[i].text);
        else
            expect_part(cases[i].body, text.bytes, cases[i].text);
        text_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_the_key_of_anthropic),
        cmocka_unit_test(test_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
