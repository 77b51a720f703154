/* Requests composed ahead by a thread. */
#include "load/composer.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

enum { REQUESTS = 100 };

struct source {
    atomic_size_t composed;
    size_t total;
    atomic_bool held; /* composes nothing while it is set */
};

static bool compose(void *context, struct composed *into)
{
    struct source *source = context;

    while (source->held)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    if (source->composed == source->total)
        return false;
    assert_int_equal(into->prompt.length, 0);
    into->index = source->composed++;
    text_printf(&into->prompt, "prompt %zu", into->index);
    into->asked.input_tokens = (int64_t)into->index;
    return true;
}

static struct composer start(struct source *source, const int *wake)
{
    return (struct composer){.compose = compose, .context = source, .wake = wake, .wakes = 1};
}

static void test_all_come_in_order_and_few_stand_ready(void **state)
{
    struct source source = {.total = REQUESTS};
    int wake = eventfd(0, EFD_NONBLOCK);
    struct composer composer = start(&source, &wake);
    struct composed taken = {0};

    (void)state;
    composer_start(&composer);
    for (size_t i = 0; i < REQUESTS; i++) {
        char *expected = memory_printf("prompt %zu", i);

        assert_false(composer_is_over(&composer));
        assert_true(composer_take(&composer, &taken, true));
        assert_int_equal(taken.index, i);
        assert_int_equal(taken.asked.input_tokens, i);
        expect_text("prompt", taken.prompt.bytes, expected);
        assert_true(source.composed <= i + 1 + COMPOSER_READY + 1);
        free(expected);
    }
    assert_false(composer_take(&composer, &taken, true));
    assert_true(composer_is_over(&composer));
    composer_clear(&composer);
    text_clear(&taken.prompt);
    close(wake);
}

static void test_who_found_nothing_is_woken(void **state)
{
    struct source source = {.total = 1, .held = true};
    int wake = eventfd(0, EFD_NONBLOCK);
    struct composer composer = start(&source, &wake);
    struct composed taken = {0};
    struct pollfd waiting = {.fd = wake, .events = POLLIN};

    (void)state;
    composer_start(&composer);
    assert_false(composer_take(&composer, &taken, false));
    assert_int_equal(poll(&waiting, 1, 0), 0);
    source.held = false;
    assert_int_equal(poll(&waiting, 1, 10000), 1);
    assert_true(composer_take(&composer, &taken, false));
    composer_clear(&composer);
    text_clear(&taken.prompt);
    close(wake);
}

static void test_it_ends_with_requests_left(void **state)
{
    struct source source = {.total = REQUESTS};
    int wake = eventfd(0, EFD_NONBLOCK);
    struct composer composer = start(&source, &wake);
    struct composed taken = {0};

    (void)state;
    composer_start(&composer);
    assert_true(composer_take(&composer, &taken, true));
    composer_clear(&composer);
    assert_true(source.composed < REQUESTS);
    text_clear(&taken.prompt);
    close(wake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_come_in_order_and_few_stand_ready),
        cmocka_unit_test(test_who_found_nothing_is_woken),
        cmocka_unit_test(test_it_ends_with_requests_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
