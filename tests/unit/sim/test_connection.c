/* What a client sees of a connection that is finished, kept, closed or reset. */
#include "sim/connection.h"

#include "core/clock.h"
#include "dialing.h"
#include "sim/listener.h"

enum { MUCH = 4 << 20 }; /* more than sockets hold, as much as a connection keeps */

/* A server of one connection that answers in the way of the test at hand. */
struct bench {
    struct poller poller;
    struct listener listener;
    struct connections connections;
    void (*response)(struct connection *connection);
    struct text much;
    int requests, clear, closed;
    int client;
};

static void on_turn(void *context)
{
    (void)context;
}

static void on_request(void *context, struct connection *connection,
                       const struct http_request *request, const char *body)
{
    struct bench *bench = context;

    (void)body;
    assert_string_equal(request->path, "/a");
    bench->requests++;
    connection_send(connection, &bench->much);
    bench->response(connection);
}

static void on_refusal(void *context, struct connection *connection, const struct refusal *refusal)
{
    (void)context;
    (void)connection;
    fail_msg("refused: %s", refusal->message);
}

static void on_clear(void *context, struct connection *connection)
{
    struct bench *bench = context;

    assert_int_equal(connection_unsent(connection), 0);
    bench->clear++;
}

static void on_close(void *context, struct connection *connection)
{
    struct bench *bench = context;

    (void)connection;
    bench->closed++;
}

static const struct connection_events events = {on_turn, on_request, on_refusal, on_clear,
                                                on_close};

static void say(const struct bench *bench, const char *request)
{
    assert_int_equal(send(bench->client, request, strlen(request), MSG_NOSIGNAL), strlen(request));
}

static void bench_begin(struct bench *bench, void (*response)(struct connection *connection),
                        size_t length)
{
    struct error error;

    *bench = (struct bench){.response = response};
    assert_true(poller_init(&bench->poller, &error));
    assert_true(listener_init(&bench->listener, 0, &error));
    bench->connections =
        (struct connections){.poller = &bench->poller, .events = &events, .context = bench};
    while (bench->much.length < length)
        text_add_string(&bench->much, "0123456789abcdef");
    bench->client = dial(bench->listener.port);
    assert_true(bench->client >= 0);
    connections_add(&bench->connections, accept_dialled(&bench->listener));
    say(bench, "GET /a HTTP/1.1\r\n\r\n");
}

static void serve_a_little(struct bench *bench)
{
    connections_work(&bench->connections);
    poller_wait(&bench->poller, clock_monotonic_ns() + 1000000);
}

/* Serves and reads until the connection ends, or until as much came as wanted: how much came; -1
 * where it ended in a reset. */
static long serve_and_read(struct bench *bench, long wanted)
{
    static char bytes[1 << 16];
    int64_t end_ns = clock_monotonic_ns() + 10 * CLOCK_NS_PER_S;
    long all = 0;

    while (clock_monotonic_ns() < end_ns) {
        ssize_t got;

        serve_a_little(bench);
        got = recv(bench->client, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got == 0)
            return all;
        if (got < 0 && errno != EAGAIN)
            return errno == ECONNRESET ? -1 : -2;
        all += got > 0 ? got : 0;
        if (all == wanted)
            return all;
    }
    return -3;
}

static void bench_end(struct bench *bench)
{
    close(bench->client);
    connections_clear(&bench->connections);
    assert_int_equal(bench->closed, 1);
    listener_clear(&bench->listener);
    poller_clear(&bench->poller);
    text_clear(&bench->much);
}

static void test_finished_stays_open(void **state)
{
    struct bench bench;

    (void)state;
    bench_begin(&bench, connection_finish, 16);
    assert_int_equal(serve_and_read(&bench, 16), 16);
    assert_int_equal(bench.clear, 0); /* nothing had to wait */
    say(&bench, "GET /a HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_int_equal(serve_and_read(&bench, -1), 2 * 16); /* and then the end that was asked for */
    assert_int_equal(bench.requests, 3);
    assert_int_equal(bench.closed, 0);
    bench_end(&bench);
}

static void test_what_waits_is_sent_in_time(void **state)
{
    struct bench bench;

    (void)state;
    bench_begin(&bench, connection_finish, MUCH);
    assert_int_equal(serve_and_read(&bench, MUCH), MUCH);
    assert_int_equal(bench.clear, 1);
    assert_int_equal(bench.closed, 0);
    bench_end(&bench);
}

static void close_soon(struct connection *connection)
{
    connection_close_soon(connection);
    connection_finish(connection);
}

static void test_close_sends_what_waits_and_ends(void **state)
{
    static const size_t lengths[] = {16, MUCH};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct bench bench;

        bench_begin(&bench, close_soon, lengths[i]);
        assert_int_equal(serve_and_read(&bench, -1), lengths[i]);
        bench_end(&bench);
    }
}

static void test_reset_is_seen_as_one(void **state)
{
    static const size_t lengths[] = {16, MUCH};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct bench bench;

        bench_begin(&bench, connection_reset, lengths[i]);
        assert_int_equal(serve_and_read(&bench, -1), -1);
        assert_int_equal(bench.closed, 1);
        bench_end(&bench);
    }
}

static void test_a_client_that_leaves_is_noticed(void **state)
{
    struct bench bench;

    (void)state;
    bench_begin(&bench, connection_finish, 16);
    assert_int_equal(serve_and_read(&bench, 16), 16);
    shutdown(bench.client, SHUT_WR);
    assert_int_equal(serve_and_read(&bench, -1), 0);
    assert_int_equal(bench.closed, 1);
    bench_end(&bench);
}

/* However many stand there, others are served between one and the next. */
static void test_one_request_a_turn(void **state)
{
    struct bench bench;
    int before;

    (void)state;
    bench_begin(&bench, connection_finish, 16);
    for (int i = 0; i < 99; i++)
        say(&bench, "GET /a HTTP/1.1\r\n\r\n");
    poller_wait(&bench.poller, clock_monotonic_ns() + CLOCK_NS_PER_S);
    assert_int_equal(bench.requests, 1);
    while (bench.requests < 100) {
        before = bench.requests;
        assert_true(connections_next_ns(&bench.connections) == INT64_MIN);
        connections_work(&bench.connections);
        assert_int_equal(bench.requests, before + 1);
    }
    assert_int_equal(serve_and_read(&bench, 100 * 16), 100 * 16);
    assert_true(connections_next_ns(&bench.connections) == INT64_MAX);
    bench_end(&bench);
}

/* As much as comes while nobody may be waited for: a piece of it is taken in a turn. */
static void test_a_piece_a_turn(void **state)
{
    static char bytes[16 << 20];
    struct bench bench;
    ssize_t sent;
    int turns = 0;

    (void)state;
    bench_begin(&bench, close_soon, 16);
    assert_int_equal(serve_and_read(&bench, -1), 16); /* from here on, what comes is thrown away */
    while ((sent = send(bench.client, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT)) > 0) {
        poller_wait(&bench.poller, clock_monotonic_ns() + CLOCK_NS_PER_S);
        turns += connections_next_ns(&bench.connections) == INT64_MIN;
        while (connections_next_ns(&bench.connections) == INT64_MIN)
            connections_work(&bench.connections);
        if (turns > 0)
            break;
    }
    assert_true(turns > 0);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finished_stays_open),
        cmocka_unit_test(test_what_waits_is_sent_in_time),
        cmocka_unit_test(test_close_sends_what_waits_and_ends),
        cmocka_unit_test(test_reset_is_seen_as_one),
        cmocka_unit_test(test_a_client_that_leaves_is_noticed),
        cmocka_unit_test(test_one_request_a_turn),
        cmocka_unit_test(test_a_piece_a_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
