/* Which addresses are one endpoint. */
#include "serve/start/same_endpoint.h"

#include "support.h"

static void test_addresses_that_lead_to_one_server_are_one(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"http://h:8000/v1", "http://h:8000/v1", true},
        {"http://h:8000/v1", "http://h:8000/v1/", true},
        {"http://h:8000", "http://h:8000/v1", true},
        {"http://h:8000/v1", "http://h:8000/v1/chat/completions", true},
        {"http://h:8000/v1", "http://h:8000/v10", false},
        {"http://h:8000/v1", "http://h:8000/v2", false},
        {"http://h:8000/v1", "http://h:8001/v1", false},
        {"http://h/v1", "http://H:80/v1", true},
        {"HTTPS://h/v1", "https://h:443/v1", true},
        {"http://h/v1", "https://h/v1", false},
        {"http://localhost:8000/v1", "http://127.0.0.1:8000/v1", true},
        {"http://[::1]:8000/v1", "http://localhost:8000", true},
        {"http://[::1]:8000/v1", "http://[::2]:8000/v1", false},
        {"http://h:8000/v1?version=*", "http://h:8000/v1?version=2", true},
        {"https://h/stream/p1/e1", "https://h/stream/p1/e2", false},
        {"h:11434", "http://h:11434", true},
        {"", "", true},
        {"", "http://h", false},
        {"http://[", "http://[", true},
        {"http://h:", "http://h", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect_true(cases[i].a, same_endpoint(cases[i].a, cases[i].b) == cases[i].same);
        expect_true(cases[i].b, same_endpoint(cases[i].b, cases[i].a) == cases[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_that_lead_to_one_server_are_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
