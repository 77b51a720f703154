/* A ceiling of requests in flight. */
#include "load/ceiling.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include "core/clock.h"
#include "support.h"

static void test_a_place_is_taken_and_given_back(void **state)
{
    struct ceiling ceiling;
    bool held = false;
    int64_t let_go_ns = 0;

    (void)state;
    ceiling_init(&ceiling, 2, NULL, 0);
    assert_true(ceiling_take(&ceiling, 100, &held, &let_go_ns));
    assert_true(let_go_ns == 100 && !held);
    assert_true(ceiling_take(&ceiling, 110, &held, &let_go_ns));
    assert_false(ceiling_take(&ceiling, 120, &held, &let_go_ns));
    assert_true(held && let_go_ns == 110);
    ceiling_give(&ceiling, 150);
    assert_true(ceiling_take(&ceiling, 120, &held, &let_go_ns));
    assert_true(let_go_ns == 150 && !held);
    ceiling_give(&ceiling, 160);
    assert_true(ceiling_take(&ceiling, 170, &held, &let_go_ns)); /* free before it was due */
    assert_true(let_go_ns == 170);
}

static void test_without_a_ceiling_all_may_leave(void **state)
{
    struct ceiling ceiling;
    bool held = false;
    int64_t let_go_ns = 0;

    (void)state;
    ceiling_init(&ceiling, 0, NULL, 0);
    for (int i = 0; i < 1000; i++) {
        assert_true(ceiling_take(&ceiling, i, &held, &let_go_ns));
        assert_true(let_go_ns == CLOCK_NEVER);
    }
    ceiling_give(&ceiling, 1);
}

/* Only where a loop waits: to wake for each would cost a write a request. */
static void test_who_waits_is_woken(void **state)
{
    int wake[] = {eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK)};
    struct ceiling ceiling;
    bool held = false;
    int64_t let_go_ns;
    eventfd_t count;

    (void)state;
    ceiling_init(&ceiling, 1, wake, 2);
    assert_true(ceiling_take(&ceiling, 1, &held, &let_go_ns));
    ceiling_give(&ceiling, 2);
    assert_int_not_equal(eventfd_read(wake[0], &count), 0);
    assert_true(ceiling_take(&ceiling, 3, &held, &let_go_ns));
    assert_false(ceiling_take(&ceiling, 4, &held, &let_go_ns));
    ceiling_give(&ceiling, 5);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(eventfd_read(wake[i], &count), 0);
        close(wake[i]);
    }
}

enum { TURNS = 100000, MOST = 3 };

struct crowd {
    struct ceiling ceiling;
    atomic_int now, most;
};

static void *come_and_go(void *context)
{
    struct crowd *crowd = context;
    int64_t let_go_ns;
    bool held = false;

    for (int i = 0; i < TURNS;) {
        int now, most = atomic_load(&crowd->most);

        if (!ceiling_take(&crowd->ceiling, i, &held, &let_go_ns))
            continue;
        now = atomic_fetch_add(&crowd->now, 1) + 1;
        while (now > most && !atomic_compare_exchange_weak(&crowd->most, &most, now))
            ;
        atomic_fetch_sub(&crowd->now, 1);
        ceiling_give(&crowd->ceiling, i);
        i++;
    }
    return NULL;
}

static void test_threads_share_it(void **state)
{
    static struct crowd crowd;
    pthread_t thread[6];

    (void)state;
    ceiling_init(&crowd.ceiling, MOST, NULL, 0);
    for (size_t i = 0; i < COUNT_OF(thread); i++)
        assert_int_equal(pthread_create(&thread[i], NULL, come_and_go, &crowd), 0);
    for (size_t i = 0; i < COUNT_OF(thread); i++)
        pthread_join(thread[i], NULL);
    assert_true(atomic_load(&crowd.most) >= 1 && atomic_load(&crowd.most) <= MOST);
    assert_int_equal(atomic_load(&crowd.ceiling.taken), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_place_is_taken_and_given_back),
        cmocka_unit_test(test_without_a_ceiling_all_may_leave),
        cmocka_unit_test(test_who_waits_is_woken),
        cmocka_unit_test(test_threads_share_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
