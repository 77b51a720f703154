/* What is typed of an endpoint: whose it is, and what a child's environment has of it. */
#include "serve/start/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static const char first[] = "0123456789abcdef0123456789abcdef",
                  second[] = "f123456789abcdef0123456789abcdef";

static void type(const char *json, struct typed_endpoint *typed)
{
    struct error error;

    assert_true(typed_endpoint_read(json, strlen(json), typed, &error));
}

static void test_each_session_has_its_own(void **state)
{
    struct endpoints *endpoints = endpoints_new();
    struct typed_endpoint typed, got;

    (void)state;
    type("{\"address\":\"http://h/v1?a=b\",\"api\":\"openai\",\"key\":\"hush\"}", &typed);
    endpoints_set(endpoints, first, &typed);
    typed_endpoint_clear(&typed);
    endpoints_get(endpoints, second, &got);
    assert_null(got.address);
    endpoints_get(endpoints, first, &got);
    expect_text("address", got.address, "http://h/v1?a=b");
    expect_text("key", got.key, "hush");
    assert_int_equal(got.api, API_OPENAI);
    typed_endpoint_clear(&got);
    assert_false(endpoints_find(endpoints, API_SNCLOUD, "http://h/v1", &got));
    assert_false(endpoints_find(endpoints, API_OPENAI, "http://h/v", &got));
    assert_true(endpoints_find(endpoints, API_OPENAI, "http://h/v1", &got));
    typed_endpoint_clear(&got);
    type("{}", &typed);
    endpoints_set(endpoints, first, &typed);
    endpoints_get(endpoints, first, &got);
    assert_null(got.address);
    endpoints_free(endpoints);
}

/* More sessions than there are places: the one that typed longest ago is forgotten. */
static void test_the_oldest_makes_room(void **state)
{
    struct endpoints *endpoints = endpoints_new();
    struct typed_endpoint typed, got;
    char secret[40];

    (void)state;
    type("{\"address\":\"http://h/v1\",\"key\":\"hush\"}", &typed);
    for (int i = 0; i < 65; i++) {
        snprintf(secret, sizeof secret, "%032d", i);
        endpoints_set(endpoints, secret, &typed);
    }
    typed_endpoint_clear(&typed);
    endpoints_get(endpoints, secret, &got);
    expect_text("newest", got.address, "http://h/v1");
    typed_endpoint_clear(&got);
    snprintf(secret, sizeof secret, "%032d", 0);
    endpoints_get(endpoints, secret, &got);
    assert_null(got.address);
    endpoints_free(endpoints);
}

static const char *find(char **environment, const char *name)
{
    const char *found = NULL;

    for (size_t i = 0; environment[i]; i++) {
        if (strncmp(environment[i], name, strlen(name)) == 0 &&
            environment[i][strlen(name)] == '=') {
            assert_null(found); /* once */
            found = environment[i] + strlen(name) + 1;
        }
    }
    return found;
}

static void test_a_child_gets_what_was_typed_in_the_environments_place(void **state)
{
    struct typed_endpoint typed;
    char **environment;

    (void)state;
    setenv("OPENAI_API_BASE", "http://before/v1", 1);
    setenv("OPENAI_BASE_URL", "http://older/v1", 1);
    setenv("OPENAI_API_KEY", "before", 1);
    type("{\"address\":\"http://h/v1\",\"api\":\"openai\",\"key\":\"hush\"}", &typed);
    environment = endpoints_environment(&typed);
    expect_text("address", find(environment, "OPENAI_API_BASE"), "http://h/v1");
    assert_null(find(environment, "OPENAI_BASE_URL"));
    expect_text("key", find(environment, "OPENAI_API_KEY"), "hush");
    endpoints_environment_free(environment);
    free(typed.key);
    typed.key = NULL;
    environment = endpoints_environment(&typed);
    expect_text("key of the environment", find(environment, "OPENAI_API_KEY"), "before");
    endpoints_environment_free(environment);
    typed_endpoint_clear(&typed);
    environment = endpoints_environment(&typed);
    expect_text("nothing typed", find(environment, "OPENAI_API_BASE"), "http://before/v1");
    endpoints_environment_free(environment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_session_has_its_own),
        cmocka_unit_test(test_the_oldest_makes_room),
        cmocka_unit_test(test_a_child_gets_what_was_typed_in_the_environments_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
