/* Bytes stand in a connection's place, and the connection is there again after it. */
#include "load/handback.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

struct scene {
    struct handback handback;
    int near, far; /* a connection */
};

static void open_scene(struct scene *scene)
{
    int pair[2];

    assert_true(handback_init(&scene->handback));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    scene->near = pair[0];
    scene->far = pair[1];
}

static void close_scene(struct scene *scene)
{
    close(scene->near);
    close(scene->far);
    handback_clear(&scene->handback);
}

static void expect_reading(const struct scene *scene, const char *text)
{
    char bytes[64];
    ssize_t got = recv(scene->near, bytes, sizeof bytes - 1, MSG_DONTWAIT);

    bytes[got > 0 ? got : 0] = '\0';
    assert_string_equal(bytes, text);
}

static void test_the_bytes_are_read_and_then_what_the_connection_brings(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send(scene.far, "later", 5, 0), 5);
        assert_true(handback_begin(&scene.handback, scene.near, "first", 5));
        assert_true(handback_has(&scene.handback, scene.near));
        assert_int_equal(handback_left(&scene.handback), 5);
        assert_false(handback_has(&scene.handback, scene.far));
        expect_reading(&scene, "first");
        expect_reading(&scene, "");
        assert_int_equal(handback_left(&scene.handback), 0);
        handback_end(&scene.handback);
        assert_false(handback_has(&scene.handback, scene.near));
        expect_reading(&scene, "later");
        assert_int_equal(fcntl(scene.near, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
    close_scene(&scene);
}

static void test_what_is_not_read_is_gone(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene);
    assert_true(handback_begin(&scene.handback, scene.near, "one", 3));
    handback_end(&scene.handback);
    handback_end(&scene.handback); /* without effect */
    assert_true(handback_begin(&scene.handback, scene.near, "two", 3));
    expect_reading(&scene, "two");
    handback_end(&scene.handback);
    close_scene(&scene);
}

/* Its number is another's by then. */
static void test_a_connection_that_was_closed_does_not_come_back(void **state)
{
    struct scene scene;
    char byte;

    (void)state;
    open_scene(&scene);
    assert_true(handback_begin(&scene.handback, scene.near, "x", 1));
    scene.handback.closed = true;
    assert_int_equal(close(scene.near), 0);
    assert_int_equal(recv(scene.far, &byte, 1, MSG_DONTWAIT), -1); /* it is open still */
    assert_int_equal(dup(scene.far), scene.near);
    handback_end(&scene.handback);
    assert_int_equal(recv(scene.far, &byte, 1, MSG_DONTWAIT), 0); /* its end */
    close_scene(&scene);
}

/* A watch is of the connection, whatever stands in its place meanwhile. */
static void test_a_watch_outlives_it(void **state)
{
    struct epoll_event event = {EPOLLIN, {.u64 = 7}};
    struct scene scene;
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    (void)state;
    open_scene(&scene);
    assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, scene.near, &event), 0);
    assert_true(handback_begin(&scene.handback, scene.near, "x", 1));
    assert_int_equal(epoll_wait(epoll, &event, 1, 0), 0);
    handback_end(&scene.handback);
    assert_int_equal(send(scene.far, "y", 1, 0), 1);
    assert_int_equal(epoll_wait(epoll, &event, 1, 0), 1);
    assert_int_equal(event.data.u64, 7);
    assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_MOD, scene.near, &event), 0);
    close(epoll);
    close_scene(&scene);
}

static void test_more_than_there_is_room_for_is_refused(void **state)
{
    struct scene scene;
    size_t much = 64 << 20;
    char *bytes = calloc(much, 1);

    (void)state;
    open_scene(&scene);
    assert_non_null(bytes);
    assert_false(handback_begin(&scene.handback, scene.near, bytes, much));
    assert_int_equal(send(scene.far, "z", 1, 0), 1);
    expect_reading(&scene, "z");
    assert_true(handback_begin(&scene.handback, scene.near, "after", 5));
    expect_reading(&scene, "after");
    handback_end(&scene.handback);
    free(bytes);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bytes_are_read_and_then_what_the_connection_brings),
        cmocka_unit_test(test_what_is_not_read_is_gone),
        cmocka_unit_test(test_a_connection_that_was_closed_does_not_come_back),
        cmocka_unit_test(test_a_watch_outlives_it),
        cmocka_unit_test(test_more_than_there_is_room_for_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
