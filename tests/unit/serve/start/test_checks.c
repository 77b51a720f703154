/* Of the checks of a session the newest wins, one at a time; those of another are its own. */
#include "serve/start/checks.h"

#include <pthread.h>

#include "support.h"

static const char first[] = "0123456789abcdef0123456789abcdef",
                  second[] = "f123456789abcdef0123456789abcdef";

static void test_an_older_one_becomes_stale(void **state)
{
    struct checks *checks = checks_new();
    atomic_bool stale = false, other = false;

    (void)state;
    checks_ask(checks, first, 10);
    assert_true(checks_begin(checks, first, 10, &stale));
    checks_ask(checks, second, 11);
    assert_true(checks_begin(checks, second, 11, &other));
    assert_false(stale);
    checks_ask(checks, first, 12);
    assert_true(stale);
    assert_false(other);
    assert_false(checks_end(checks, first));
    assert_true(checks_end(checks, second));
    assert_false(checks_begin(checks, first, 10, &stale));
    stale = false;
    assert_true(checks_begin(checks, first, 12, &stale));
    assert_true(checks_end(checks, first));
    checks_free(checks);
}

/* Requests may be read in another order than they came in. */
static void test_an_older_one_that_is_read_later_changes_nothing(void **state)
{
    struct checks *checks = checks_new();
    atomic_bool stale = false;

    (void)state;
    checks_ask(checks, first, 12);
    assert_true(checks_begin(checks, first, 12, &stale));
    checks_ask(checks, first, 11);
    assert_false(stale);
    assert_true(checks_end(checks, first));
    assert_false(checks_begin(checks, first, 11, &stale));
    checks_free(checks);
}

struct beginning {
    struct checks *checks;
    atomic_bool stale, begun;
};

static void *begin(void *context)
{
    struct beginning *beginning = context;

    beginning->begun = checks_begin(beginning->checks, first, 2, &beginning->stale);
    return NULL;
}

static void test_the_next_waits_for_the_one_under_way(void **state)
{
    struct beginning beginning = {.checks = checks_new()};
    atomic_bool stale = false;
    pthread_t thread;

    (void)state;
    checks_ask(beginning.checks, first, 1);
    assert_true(checks_begin(beginning.checks, first, 1, &stale));
    checks_ask(beginning.checks, first, 2);
    assert_int_equal(pthread_create(&thread, NULL, begin, &beginning), 0);
    assert_false(beginning.begun); /* that cannot be before the other's end */
    checks_end(beginning.checks, first);
    pthread_join(thread, NULL);
    assert_true(beginning.begun);
    checks_free(beginning.checks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_older_one_becomes_stale),
        cmocka_unit_test(test_an_older_one_that_is_read_later_changes_nothing),
        cmocka_unit_test(test_the_next_waits_for_the_one_under_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
