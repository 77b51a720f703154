/* Who may use the workbench: names of hosts, origins, links that are good once, sessions that end.
 */
#include "serve/http/guard.h"

#include "core/clock.h"

#include "support.h"

static const int64_t hour_ns = 3600 * CLOCK_NS_PER_S;

static void test_only_names_of_ours_are_known(void **state)
{
    static const struct {
        const char *host;
        bool known, known_public; /* with --public-host bench.example:80 */
    } cases[] = {
        {"127.0.0.1:8000", true, false},
        {"localhost:8000", true, false},
        {"LOCALHOST:8000", true, false},
        {"[::1]:8000", true, false},
        {"127.0.0.1", false, false},
        {"127.0.0.1:80000", false, false},
        {"127.0.0.1:8001", false, false},
        {"evil.example:8000", false, false},
        {"localhost.:8000", false, false},
        {"bench.example:80", false, true},
        {"", false, false},
        {NULL, false, false},
    };
    struct guard *own = guard_new(8000, NULL), *public = guard_new(8000, "bench.example:80");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *name = cases[i].host ? cases[i].host : "none";
        char origin[64];

        expect_true(name, guard_knows_host(own, cases[i].host) == cases[i].known);
        expect_true(name, guard_knows_host(public, cases[i].host) == cases[i].known_public);
        if (!cases[i].host)
            continue;
        snprintf(origin, sizeof origin, "http://%s", cases[i].host);
        expect_true(name, guard_knows_origin(own, origin) == cases[i].known);
        snprintf(origin, sizeof origin, "https://%s", cases[i].host);
        expect_true(name, !guard_knows_origin(own, origin));
    }
    expect_true("null, as sandboxed frames send", !guard_knows_origin(own, "null"));
    expect_true("none", !guard_knows_origin(own, NULL));
    guard_free(own);
    guard_free(public);
}

/* The token of a fresh link. */
static void take_token(struct guard *guard, char token[GUARD_WORD])
{
    struct text link = {0};

    guard_add_link(guard, &link);
    expect_part("a link", link.bytes, "http://127.0.0.1:8000/enter#");
    snprintf(token, GUARD_WORD, "%s", strchr(link.bytes, '#') + 1);
    assert_int_equal(strlen(strchr(link.bytes, '#') + 1), GUARD_WORD - 1);
    text_clear(&link);
}

static void test_a_link_is_good_once(void **state)
{
    struct guard *guard = guard_new(8000, NULL);
    char first[GUARD_WORD], second[GUARD_WORD];
    struct guard_pass pass;

    (void)state;
    assert_false(guard_redeem(guard, "", 0, &pass));
    take_token(guard, first);
    take_token(guard, second);
    assert_string_not_equal(first, second);
    assert_false(guard_redeem(guard, first, 0, &pass)); /* the second made it void */
    assert_false(guard_redeem(guard, "", 0, &pass));
    assert_true(guard_redeem(guard, second, 0, &pass));
    assert_string_not_equal(pass.cookie, pass.secret);
    assert_false(guard_redeem(guard, second, 0, &pass));
    guard_free(guard);
}

static void test_a_session_ends(void **state)
{
    struct guard *guard = guard_new(8000, NULL);
    char token[GUARD_WORD], cookies[200];
    struct guard_pass pass;

    (void)state;
    take_token(guard, token);
    assert_true(guard_redeem(guard, token, hour_ns, &pass));
    snprintf(cookies, sizeof cookies, "a=b; coebench_8000=%s; c=d", pass.cookie);
    assert_true(guard_knows_cookie(guard, cookies, 2 * hour_ns));
    assert_true(guard_knows_secret(guard, pass.secret, 13 * hour_ns - 1));
    assert_false(guard_knows_secret(guard, pass.secret, 13 * hour_ns));
    assert_false(guard_knows_cookie(guard, cookies, 13 * hour_ns));
    guard_free(guard);
}

/* The cookie opens pages alone, the secret requests alone; no other cookie stands for it. */
static void test_the_words_of_a_session_stand_for_themselves(void **state)
{
    struct guard *guard = guard_new(8000, NULL);
    char token[GUARD_WORD], cookies[200];
    struct guard_pass pass;

    (void)state;
    take_token(guard, token);
    assert_true(guard_redeem(guard, token, 0, &pass));
    assert_false(guard_knows_secret(guard, pass.cookie, 1));
    snprintf(cookies, sizeof cookies, "coebench_8000=%s", pass.secret);
    assert_false(guard_knows_cookie(guard, cookies, 1));
    snprintf(cookies, sizeof cookies, "coebench_8001=%s; xcoebench_8000=%s", pass.cookie,
             pass.cookie);
    assert_false(guard_knows_cookie(guard, cookies, 1));
    assert_false(guard_knows_cookie(guard, "coebench_8000=", 1));
    assert_false(guard_knows_cookie(guard, NULL, 1));
    assert_false(guard_knows_secret(guard, "", 1));
    assert_false(guard_knows_secret(guard, NULL, 1));
    guard_free(guard);
}

static void test_the_oldest_of_many_sessions_makes_room(void **state)
{
    struct guard *guard = guard_new(8000, NULL);
    struct guard_pass first, pass = {.cookie = ""};
    char token[GUARD_WORD];

    (void)state;
    for (int i = 0; i <= GUARD_SESSIONS; i++) {
        take_token(guard, token);
        assert_true(guard_redeem(guard, token, 0, &pass));
        if (i == 0)
            first = pass;
        else
            assert_true(guard_knows_secret(guard, first.secret, 1) == (i < GUARD_SESSIONS));
    }
    assert_true(guard_knows_secret(guard, pass.secret, 1));
    guard_free(guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_names_of_ours_are_known),
        cmocka_unit_test(test_a_link_is_good_once),
        cmocka_unit_test(test_a_session_ends),
        cmocka_unit_test(test_the_words_of_a_session_stand_for_themselves),
        cmocka_unit_test(test_the_oldest_of_many_sessions_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
