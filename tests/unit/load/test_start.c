/* Loads that begin together, with other processes or without. */
#include "load/start.h"

#include "core/clock.h"
#include "support.h"

enum { LOADS = 3 };

struct waiting {
    struct load_start *start;
    bool begins;
    int64_t at_ns;
};

/* What was agreed on, and how often it was asked for. */
struct agreement {
    bool is;
    int asked;
};

static bool agree(void *context, int64_t *at_ns)
{
    struct agreement *agreement = context;

    agreement->asked++;
    *at_ns = 77;
    return agreement->is;
}

static void *wait_for_it(void *context)
{
    struct waiting *waiting = context;

    waiting->begins = load_start_wait(waiting->start, &waiting->at_ns);
    return NULL;
}

static void wait_all(struct load_start *start, struct waiting waiting[LOADS])
{
    pthread_t thread[LOADS];

    for (int i = 0; i < LOADS; i++) {
        waiting[i] = (struct waiting){.start = start};
        assert_int_equal(pthread_create(&thread[i], NULL, wait_for_it, &waiting[i]), 0);
    }
    for (int i = 0; i < LOADS; i++)
        pthread_join(thread[i], NULL);
}

/* All of them ask once, whether a moment is agreed on or not. */
static void expect_all(bool agreed)
{
    struct agreement agreement = {.is = agreed};
    struct waiting waiting[LOADS];
    struct load_start start;

    load_start_init(&start, LOADS);
    start.agree = agree;
    start.context = &agreement;
    wait_all(&start, waiting);
    assert_int_equal(agreement.asked, 1);
    for (int i = 0; i < LOADS; i++) {
        assert_int_equal(waiting[i].begins, agreed);
        if (agreed)
            assert_int_equal(waiting[i].at_ns, 77);
    }
    load_start_clear(&start);
}

static void test_all_begin_at_the_moment_that_was_agreed_on(void **state)
{
    (void)state;
    expect_all(true);
}

static void test_none_begins_where_no_moment_is_agreed_on(void **state)
{
    (void)state;
    expect_all(false);
}

static void test_one_that_will_not_come_sends_the_others_home(void **state)
{
    struct agreement agreement = {.is = true};
    struct waiting waiting[LOADS];
    struct load_start start;

    (void)state;
    load_start_init(&start, LOADS + 1);
    start.agree = agree;
    start.context = &agreement;
    load_start_abandon(&start);
    wait_all(&start, waiting);
    assert_int_equal(agreement.asked, 0);
    for (int i = 0; i < LOADS; i++)
        assert_false(waiting[i].begins);
    load_start_clear(&start);
}

static void test_alone_they_begin_at_once(void **state)
{
    struct waiting waiting[LOADS];
    struct load_start start;
    int64_t before_ns = clock_monotonic_ns();

    (void)state;
    load_start_init(&start, LOADS);
    wait_all(&start, waiting);
    for (int i = 0; i < LOADS; i++) {
        assert_true(waiting[i].begins && waiting[i].at_ns == waiting[0].at_ns);
        assert_true(waiting[i].at_ns >= before_ns && waiting[i].at_ns <= clock_monotonic_ns());
    }
    load_start_clear(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_begin_at_the_moment_that_was_agreed_on),
        cmocka_unit_test(test_none_begins_where_no_moment_is_agreed_on),
        cmocka_unit_test(test_one_that_will_not_come_sends_the_others_home),
        cmocka_unit_test(test_alone_they_begin_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
