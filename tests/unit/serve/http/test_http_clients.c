/* Who is let in where many come, and who is sent away for being slow. */
#include "serve/http/http_clients.h"

#include "core/clock.h"

#include "support.h"

enum {
    FIRST = 1000
}; /* numbers that no open file of the test has: shutting them down does nothing */

static struct http_clients *fill(void)
{
    struct http_clients *clients = http_clients_new();

    for (int i = 0; i < HTTP_CLIENTS_MOST; i++)
        assert_true(http_clients_add(clients, FIRST + i, i));
    assert_int_equal(http_clients_count(clients), HTTP_CLIENTS_MOST);
    return clients;
}

/* A whole request without the secret, which waits for its reply. */
static void ask(struct http_clients *clients, int socket)
{
    http_clients_begin_request(clients, socket, false);
    http_clients_take_request(clients, socket);
}

static void test_the_longest_idle_makes_room(void **state)
{
    struct http_clients *clients = fill();

    (void)state;
    ask(clients, FIRST);                                  /* busy */
    http_clients_begin_request(clients, FIRST + 1, true); /* trusted, and idle then */
    http_clients_end_request(clients, FIRST + 1, 0);
    assert_true(http_clients_add(clients, 1, HTTP_CLIENTS_MOST));
    assert_int_equal(http_clients_count(clients), HTTP_CLIENTS_MOST);
    http_clients_drop(clients, FIRST + 2); /* it was forgotten */
    assert_int_equal(http_clients_count(clients), HTTP_CLIENTS_MOST);
    http_clients_drop(clients, FIRST); /* these two were not */
    http_clients_drop(clients, FIRST + 1);
    assert_int_equal(http_clients_count(clients), HTTP_CLIENTS_MOST - 2);
    http_clients_free(clients);
}

static void test_where_all_are_in_use_nobody_is_let_in(void **state)
{
    struct http_clients *clients = fill();

    (void)state;
    for (int i = 0; i < HTTP_CLIENTS_MOST; i++)
        ask(clients, FIRST + i);
    assert_false(http_clients_add(clients, 1, HTTP_CLIENTS_MOST));
    http_clients_end_request(clients, FIRST + 7, HTTP_CLIENTS_MOST);
    assert_true(http_clients_add(clients, 1, HTTP_CLIENTS_MOST));
    http_clients_free(clients);
}

/* Those that were shut down are still open until the library has closed them. */
static void test_what_is_not_closed_yet_counts(void **state)
{
    struct http_clients *clients = fill();

    (void)state;
    for (int i = HTTP_CLIENTS_MOST; i < HTTP_CLIENTS_OPEN; i++) {
        assert_true(http_clients_may_accept(clients));
        assert_true(http_clients_add(clients, FIRST + i, i));
    }
    assert_false(http_clients_may_accept(clients));
    http_clients_drop(clients, FIRST);
    assert_true(http_clients_may_accept(clients));
    assert_int_equal(http_clients_count(clients), HTTP_CLIENTS_MOST);
    http_clients_free(clients);
}

/* Whether the other end of a pair of sockets sees that this one was shut down. */
static bool is_shut(int other)
{
    char byte;

    return recv(other, &byte, 1, MSG_DONTWAIT) == 0;
}

static void test_a_late_head_ends_its_connection(void **state)
{
    struct http_clients *clients = http_clients_new();
    const int64_t most_ns = HTTP_CLIENTS_HEAD_S * CLOCK_NS_PER_S;
    int late[2], busy[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, late), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, busy), 0);
    assert_true(http_clients_add(clients, late[0], 5));
    assert_true(http_clients_add(clients, busy[0], 5));
    http_clients_begin_request(clients, busy[0], true);
    http_clients_end_late(clients, 4 + most_ns);
    assert_false(is_shut(late[1]));
    http_clients_end_late(clients, 5 + most_ns);
    assert_true(is_shut(late[1]));
    assert_false(is_shut(busy[1]));
    for (int i = 0; i < 2; i++) {
        close(late[i]);
        close(busy[i]);
    }
    http_clients_free(clients);
}

/* As a head, unless it comes with the secret. */
static void test_a_late_body_ends_its_connection(void **state)
{
    struct http_clients *clients = http_clients_new();
    const int64_t late_ns = 5 + HTTP_CLIENTS_HEAD_S * CLOCK_NS_PER_S;
    int slow[2], whole[2], trusted[2];
    int *const pair[] = {slow, whole, trusted};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pair); i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair[i]), 0);
        assert_true(http_clients_add(clients, pair[i][0], 5));
        http_clients_begin_request(clients, pair[i][0], pair[i] == trusted);
    }
    http_clients_take_request(clients, whole[0]);
    http_clients_end_late(clients, late_ns);
    assert_true(is_shut(slow[1]));
    assert_false(is_shut(whole[1]));
    assert_false(is_shut(trusted[1]));
    for (size_t i = 0; i < COUNT_OF(pair); i++) {
        close(pair[i][0]);
        close(pair[i][1]);
    }
    http_clients_free(clients);
}

static void test_a_body_that_is_waited_for_makes_room(void **state)
{
    struct http_clients *clients = fill();

    (void)state;
    ask(clients, FIRST);
    for (int i = 1; i < HTTP_CLIENTS_MOST; i++)
        http_clients_begin_request(clients, FIRST + i, false);
    assert_true(http_clients_add(clients, 1, HTTP_CLIENTS_MOST));
    http_clients_free(clients);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_longest_idle_makes_room),
        cmocka_unit_test(test_where_all_are_in_use_nobody_is_let_in),
        cmocka_unit_test(test_what_is_not_closed_yet_counts),
        cmocka_unit_test(test_a_late_head_ends_its_connection),
        cmocka_unit_test(test_a_late_body_ends_its_connection),
        cmocka_unit_test(test_a_body_that_is_waited_for_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
