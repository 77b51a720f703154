/* Which path leads where, and which key opens it. */
#include "saying.h"

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
        expect_true(cases[i].path, route_request(&saying_bundle, "k", &request, "", &asked,
                                                 &json) == cases[i].status);
        expect_part(cases[i].path, json.bytes, cases[i].part);
        text_clear(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_routes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
