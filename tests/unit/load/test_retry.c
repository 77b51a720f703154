/* Coming again: after what, how often, and after how long. */
#include "load/retry.h"

#include "core/clock.h"
#include "support.h"

static const struct retry rules = {.attempts = 3,
                                   .max_wait_s = 4,
                                   .on_end[REQUEST_CONNECTION_RESET] = true,
                                   .on_status[429] = true};

static struct request failed(enum request_end end, int status, int attempt, double retry_after_s)
{
    return (struct request){.index = 5,
                            .end = end,
                            .http_status = status,
                            .attempt = attempt,
                            .retry_after_s = retry_after_s,
                            .retry_wait_s = NAN};
}

static void test_who_is_sent_again_and_when(void **state)
{
    static const struct {
        const char *name;
        enum request_end end;
        int status, attempt;
        double asked_s, least_s, most_s; /* NAN: not at all */
    } cases[] = {
        {"completed", REQUEST_COMPLETED, 200, 1, NAN, NAN, NAN},
        {"another status", REQUEST_HTTP_ERROR, 500, 1, NAN, NAN, NAN},
        {"a status beyond", REQUEST_HTTP_ERROR, 999, 1, NAN, NAN, NAN},
        {"another failure", REQUEST_TRUNCATED, 200, 1, NAN, NAN, NAN},
        {"the status", REQUEST_HTTP_ERROR, 429, 1, NAN, 0.25, 0.75},
        {"the failure", REQUEST_CONNECTION_RESET, 0, 1, NAN, 0.25, 0.75},
        {"the second time", REQUEST_HTTP_ERROR, 429, 2, NAN, 0.5, 1.5},
        {"the third time", REQUEST_HTTP_ERROR, 429, 3, NAN, 1, 3},
        {"once too often", REQUEST_HTTP_ERROR, 429, 4, NAN, NAN, NAN},
        {"as the server asks", REQUEST_HTTP_ERROR, 429, 3, 0.125, 0.125, 0.125},
        {"at once", REQUEST_HTTP_ERROR, 429, 1, 0, 0, 0},
        {"just not too long", REQUEST_HTTP_ERROR, 429, 1, 4, 4, 4},
        {"too long", REQUEST_HTTP_ERROR, 429, 1, 4.001, NAN, NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct request request =
            failed(cases[i].end, cases[i].status, cases[i].attempt, cases[i].asked_s);
        double wait_s = retry_delay_s(&rules, &request, 1, 2);

        expect_true(cases[i].name, isnan(wait_s) == isnan(cases[i].least_s));
        expect_true(cases[i].name,
                    isnan(wait_s) || (wait_s >= cases[i].least_s && wait_s <= cases[i].most_s));
        expect_true(cases[i].name, isnan(retry_delay_s(NULL, &request, 1, 2)));
    }
}

static void test_waits_are_spread_and_follow_from_the_seed(void **state)
{
    struct request request = failed(REQUEST_HTTP_ERROR, 429, 1, NAN);
    double least = INFINITY, most = 0;

    (void)state;
    for (request.index = 0; request.index < 1000; request.index++) {
        double wait_s = retry_delay_s(&rules, &request, 1, 2);

        assert_true(wait_s == retry_delay_s(&rules, &request, 1, 2));
        assert_true(wait_s != retry_delay_s(&rules, &request, 2, 2));
        least = fmin(least, wait_s);
        most = fmax(most, wait_s);
    }
    assert_true(least < 0.26 && most > 0.74);
}

static void test_waits_end_at_the_longest(void **state)
{
    struct retry often = rules;
    struct request request = failed(REQUEST_HTTP_ERROR, 429, 60, NAN);

    (void)state;
    often.attempts = 100;
    assert_true(retry_delay_s(&often, &request, 1, 2) == 4);
}

static void test_quiet_grows_with_each_wave_and_ends_with_a_response(void **state)
{
    static const double waits_s[] = {0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5};
    const struct request refused = failed(REQUEST_CONNECTION_REFUSED, 0, 1, NAN);
    const struct request responded = failed(REQUEST_HTTP_ERROR, 500, 1, NAN);
    struct quiet quiet = {0};
    int64_t now = 1000;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(waits_s); i++) {
        quiet_note(&quiet, &refused, now);
        expect_number("wait", clock_seconds(now, quiet.until_ns), waits_s[i]);
        quiet_note(&quiet, &refused, now + 1); /* of the same wave */
        expect_number("same wave", clock_seconds(now, quiet.until_ns), waits_s[i]);
        now = quiet.until_ns;
    }
    quiet_note(&quiet, &responded, now);
    assert_int_equal(quiet.until_ns, 0);
    quiet_note(&quiet, &refused, now);
    expect_number("anew", clock_seconds(now, quiet.until_ns), 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_sent_again_and_when),
        cmocka_unit_test(test_waits_are_spread_and_follow_from_the_seed),
        cmocka_unit_test(test_waits_end_at_the_longest),
        cmocka_unit_test(test_quiet_grows_with_each_wave_and_ends_with_a_response),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
