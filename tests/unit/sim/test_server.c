/* A server that refuses connections for a while, and then serves again on its port. */
#include "sim/server.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "dialing.h"
#include "exchange.h"
#include "sim/lateness.h"

static void *run(void *server)
{
    server_run(server);
    return NULL;
}

/* What is said of the list of models; -1 where the connection is refused. */
static long ask_models(int port)
{
    static const char request[] = "GET /v1/models HTTP/1.1\r\nAuthorization: Bearer k\r\n"
                                  "Connection: close\r\n\r\n";
    char text[4096];
    int fd = dial(port);
    long length = 0;
    ssize_t got;

    if (fd < 0)
        return -1;
    assert_int_equal(send(fd, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
    while ((got = recv(fd, text + length, sizeof text - (size_t)length, 0)) > 0)
        length += got;
    close(fd);
    assert_true(length > 15);
    assert_memory_equal(text, "HTTP/1.1 200 OK", 15);
    return length;
}

static void test_refuses_for_a_while(void **state)
{
    const struct server_options options = {.file = &exchange_file, .key = "k"};
    struct error error;
    struct server *server = server_new(&options, &error);
    int64_t start_ns = clock_monotonic_ns();
    pthread_t thread;
    int port;

    (void)state;
    assert_non_null(server);
    port = server_port(server);
    server_refuse_connections(server, 0.3);
    assert_int_equal(ask_models(port), -1);
    assert_int_equal(pthread_create(&thread, NULL, run, server), 0);
    while (ask_models(port) < 0) {
        assert_true(clock_monotonic_ns() < start_ns + 10 * CLOCK_NS_PER_S);
        sched_yield();
    }
    assert_true(clock_monotonic_ns() >= start_ns + 3 * CLOCK_NS_PER_S / 10);
    kill(getpid(), SIGTERM);
    pthread_join(thread, NULL);
    assert_int_equal(server_lateness(server)->count, 0);
    server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refuses_for_a_while)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
