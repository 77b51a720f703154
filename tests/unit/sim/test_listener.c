/* A listener that is closed refuses, keeps its port, and listens on it again. */
#include "sim/listener.h"

#include "dialing.h"

static void expect_served(const struct listener *listener)
{
    int client = dial(listener->port);
    int server = accept_dialled(listener);

    assert_true(client >= 0);
    assert_true(server >= 0);
    close(client);
    close(server);
    assert_int_equal(listener_accept(listener), -1);
    assert_int_equal(errno, EAGAIN);
}

static void test_closed_and_opened_again(void **state)
{
    struct listener listener;
    struct error error;
    int port;

    (void)state;
    assert_true(listener_init(&listener, 0, &error));
    port = listener.port;
    assert_true(port > 0);
    expect_served(&listener);
    for (int i = 0; i < 3; i++) {
        listener_close(&listener);
        assert_int_equal(dial(port), -1);
        assert_int_equal(errno, ECONNREFUSED);
        assert_true(listener_open(&listener, &error));
        assert_int_equal(listener.port, port);
        expect_served(&listener);
    }
    listener_clear(&listener);
}

static void test_a_port_that_is_taken(void **state)
{
    struct listener first, second;
    struct error error;

    (void)state;
    assert_true(listener_init(&first, 0, &error));
    assert_false(listener_init(&second, first.port, &error));
    expect_part("taken", error.text, "cannot listen on 127.0.0.1:");
    listener_clear(&second);
    listener_clear(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_and_opened_again),
        cmocka_unit_test(test_a_port_that_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
