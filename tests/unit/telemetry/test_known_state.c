/* What known servers are sent to load and unload a model. */
#include "telemetry/known_state.h"

#include "support.h"

static void test_requests(void **state)
{
    static const struct {
        enum state_source source;
        bool loads, is_get;
        const char *model, *path, *body;
    } cases[] = {
        {STATE_SOURCE_LLAMA_CPP, false, false, "a", "/models/unload", "{\"model\": \"a\"}"},
        {STATE_SOURCE_LLAMA_CPP, true, false, "a \"b\"", "/models/load",
         "{\"model\": \"a \\\"b\\\"\"}"},
        {STATE_SOURCE_LLAMA_SWAP, false, false, "org/a b?", "/api/models/unload/org/a%20b%3F",
         "{\"model\": \"org/a b?\"}"},
        {STATE_SOURCE_LLAMA_SWAP, true, true, "a:q8", "/upstream/a%3Aq8/health",
         "{\"model\": \"a:q8\"}"},
        {STATE_SOURCE_OLLAMA, false, false, "a", "/api/generate",
         "{\"model\": \"a\", \"keep_alive\": 0}"},
        {STATE_SOURCE_OLLAMA, true, false, "a", "/api/generate", "{\"model\": \"a\"}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct known_state_request request;
        bool known = cases[i].loads ? known_state_load(cases[i].source, cases[i].model, &request)
                                    : known_state_unload(cases[i].source, cases[i].model, &request);

        expect_true(cases[i].path, known && request.is_get == cases[i].is_get);
        expect_text("path", request.path, cases[i].path);
        expect_text(cases[i].path, request.body.bytes, cases[i].body);
        known_state_request_clear(&request);
    }
}

static void test_vllm_loads_and_unloads_nothing(void **state)
{
    struct known_state_request request;

    (void)state;
    assert_false(known_state_load(STATE_SOURCE_VLLM, "a", &request));
    known_state_request_clear(&request);
    assert_false(known_state_unload(STATE_SOURCE_VLLM, "a", &request));
    known_state_request_clear(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_vllm_loads_and_unloads_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
