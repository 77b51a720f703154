/* The query of an address. */
#include "plan/address.h"

#include "support.h"

static const struct {
    const char *url, *shown;
    const char *secret[4];
} cases[] = {
    {"http://h/v1", "http://h/v1", {NULL}},
    {"http://h/v1?api-version=2024-10-21",
     "http://h/v1?api-version=*",
     {"2024-10-21", "2024-10-21"}},
    {"http://h/v1?a=1&b=two", "http://h/v1?a=*&b=*", {"1", "1", "two", "two"}},
    {"http://h/v1?token", "http://h/v1?*", {"token", "token"}},
    {"http://h/v1?sig=a%20b%2Fc%zz", "http://h/v1?sig=*", {"a%20b%2Fc%zz", "a b/c%zz"}},
    {"http://h/v1?a=b=c", "http://h/v1?a=*", {"b=c", "b=c"}},
    {"http://h/v1?&&a=", "http://h/v1?a=*", {"", ""}},
    {"http://h/v1?", "http://h/v1", {NULL}},
};

static void test_values_are_hidden_and_kept_as_secrets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *mark = strchr(cases[i].url, '?');
        char *shown = address_hide(cases[i].url);
        char **secrets = address_secrets(mark ? mark + 1 : NULL);
        size_t count = 0;

        expect_text(cases[i].url, shown, cases[i].shown);
        for (; secrets[count] && count < 4; count++)
            expect_text(cases[i].url, secrets[count], cases[i].secret[count]);
        expect_true(cases[i].url, count == 4 || !cases[i].secret[count]);
        address_secrets_free(secrets);
        free(shown);
    }
}

static void test_a_query_is_joined_to_any_url(void **state)
{
    char *with = address_join(memory_text("http://h/v1/models"), "a=b");
    char *without = address_join(memory_text("http://h/v1/models"), NULL);

    (void)state;
    assert_string_equal(with, "http://h/v1/models?a=b");
    assert_string_equal(without, "http://h/v1/models");
    free(with);
    free(without);
}

static void test_a_password_is_a_secret_of_a_url(void **state)
{
    static const struct {
        const char *url, *password;
    } passwords[] = {
        {NULL, NULL},
        {"http://h:80/a", NULL},
        {"http://me@h:80", NULL},
        {"http://me:pass@h:80", "pass"},
        {"me:pass@h", "pass"},
        {"http://me:p%40ss:x@h/", "p@ss:x"},
        {"http://me:p@ss@h", "p@ss"},
        {"http://h/a:b@c", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(passwords); i++) {
        char *password = address_password(passwords[i].url);

        expect_text(passwords[i].url ? passwords[i].url : "none", password ? password : "(none)",
                    passwords[i].password ? passwords[i].password : "(none)");
        free(password);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_hidden_and_kept_as_secrets),
        cmocka_unit_test(test_a_query_is_joined_to_any_url),
        cmocka_unit_test(test_a_password_is_a_secret_of_a_url),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
