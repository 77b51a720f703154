/* Nothing leaves twice: each of the three guards against libcurl's own retry, with the others
 * switched off. A connection that a request uses again is reset by the server as soon as the
 * request has come. */
#include "load/transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "load/easy.h"
#include "support.h"

/* --- A server that resets the connection of one request ----------------------------------------
 */

enum { CONNECTIONS = 8, ROOM = 1 << 17 };

struct peer {
    int socket;
    size_t length;
    char bytes[ROOM];
};

struct server {
    int listener, end;
    int port;
    int resets; /* the request that is, from 1 */
    pthread_t thread;
    struct peer peer[CONNECTIONS];
    atomic_int accepted, requests;
};

static const char response[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 62\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n ";

static void reset_peer(struct peer *peer)
{
    struct linger at_once = {1, 0};

    setsockopt(peer->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(peer->socket);
    peer->socket = -1;
}

/* Whether a request stands in the bytes; of one that leaves twice its head says enough. */
static bool has_request(const struct server *server, const struct peer *peer)
{
    const char *body = memmem(peer->bytes, peer->length, "\r\n\r\n", 4);
    const char *length = memmem(peer->bytes, peer->length, "Content-Length: ", 16);

    if (body && atomic_load(&server->requests) >= server->resets)
        return true;
    return body && length &&
           peer->length >= (size_t)(body + 4 - peer->bytes) + strtoul(length + 16, NULL, 10);
}

static void serve(struct server *server, struct peer *peer)
{
    ssize_t got = recv(peer->socket, peer->bytes + peer->length, ROOM - 1 - peer->length, 0);

    if (got <= 0) {
        close(peer->socket);
        peer->socket = -1;
        return;
    }
    peer->length += (size_t)got;
    if (!has_request(server, peer))
        return;
    peer->length = 0;
    if (atomic_fetch_add(&server->requests, 1) + 1 == server->resets)
        reset_peer(peer);
    else
        send(peer->socket, response, sizeof response - 1, MSG_NOSIGNAL);
}

static void *run_server(void *context)
{
    struct server *server = context;

    for (;;) {
        struct pollfd look[CONNECTIONS + 2] = {{server->listener, POLLIN, 0},
                                               {server->end, POLLIN, 0}};
        int accepted = atomic_load(&server->accepted);

        for (int i = 0; i < accepted; i++)
            look[i + 2] = (struct pollfd){server->peer[i].socket, POLLIN, 0};
        poll(look, (nfds_t)accepted + 2, -1);
        if (look[1].revents)
            return NULL;
        for (int i = 0; i < accepted; i++) {
            if (look[i + 2].revents)
                serve(server, &server->peer[i]);
        }
        if (look[0].revents && accepted < CONNECTIONS) {
            server->peer[accepted] = (struct peer){.socket = accept(server->listener, NULL, NULL)};
            atomic_fetch_add(&server->accepted, 1);
        }
    }
}

static void start_server(struct server *server, int resets)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    server->resets = resets;
    server->end = eventfd(0, EFD_CLOEXEC);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, CONNECTIONS), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, run_server, server), 0);
}

static void end_server(struct server *server)
{
    eventfd_write(server->end, 1);
    pthread_join(server->thread, NULL);
    for (int i = 0; i < atomic_load(&server->accepted); i++) {
        if (server->peer[i].socket >= 0)
            close(server->peer[i].socket);
    }
    close(server->listener);
    close(server->end);
}

/* --- Guards switched off ------------------------------------------------------------------------
 */

static int let_start(void *context, char *remote, char *local, int remote_port, int local_port)
{
    struct transfer *transfer = context;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (transfer->request.sent_ns == CLOCK_NEVER)
        transfer->request.sent_ns = clock_monotonic_ns();
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t let_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)context;
    (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int let_rewind(void *context, curl_off_t offset, int origin)
{
    struct transfer *transfer = context;

    (void)offset;
    (void)origin;
    transfer->segment_at = transfer->byte_at = 0;
    return CURL_SEEKFUNC_OK;
}

enum guard { NO_GUARD, SECOND_SOCKET, SECOND_START, REWIND, ALL_GUARDS };

static void leave_only(struct transfer *transfer, enum guard guard)
{
    if (guard != SECOND_START && guard != ALL_GUARDS)
        curl_easy_setopt(transfer->easy, CURLOPT_PREREQFUNCTION, let_start);
    if (guard != SECOND_SOCKET && guard != ALL_GUARDS)
        curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETFUNCTION, let_open);
    if (guard != REWIND && guard != ALL_GUARDS)
        curl_easy_setopt(transfer->easy, CURLOPT_SEEKFUNCTION, let_rewind);
}

/* --- Requests -----------------------------------------------------------------------------------
 */

enum { TRANSFERS = 2 };

struct sender {
    struct loop loop;
    struct target target;
    struct curl_slist *headers;
    struct transfer *transfer[TRANSFERS];
    struct body body;
    size_t in_flight;
};

static void on_done(void *context, CURL *easy, CURLcode result)
{
    struct sender *sender = context;
    struct transfer *transfer = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    transfer_finish(transfer, result);
    sender->in_flight--;
}

static void start_sender(struct sender *sender, int port, size_t body_length)
{
    struct error error;
    char *url = memory_printf("http://127.0.0.1:%d/v1/chat/completions", port);

    assert_true(loop_init(&sender->loop, &error));
    sender->loop.on_done = on_done;
    sender->loop.context = sender;
    sender->target = (struct target){.dialect = dialect_find("openai", "http://h/v1"),
                                     .chat_url = url,
                                     .key_header = "Authorization: Bearer k",
                                     .connect_timeout_s = 10,
                                     .idle_timeout_s = 10};
    sender->headers = easy_headers(&sender->target, true);
    while (sender->body.head.length < body_length)
        text_add(&sender->body.head, "x", 1);
    for (int i = 0; i < TRANSFERS; i++)
        sender->transfer[i] = transfer_new(&sender->target, &sender->loop, 0, sender->headers);
}

/* Sends with the first `count` transfers at once, and waits for the ends. */
static void send_all(struct sender *sender, size_t count)
{
    for (size_t i = 0; i < count; i++)
        transfer_send(sender->transfer[i], clock_monotonic_ns(), &sender->body, NULL,
                      ++sender->in_flight);
    while (sender->in_flight > 0)
        loop_turn(&sender->loop, clock_monotonic_ns() + CLOCK_NS_PER_S / 10);
}

static void end_sender(struct sender *sender)
{
    for (int i = 0; i < TRANSFERS; i++)
        transfer_free(sender->transfer[i]);
    loop_clear(&sender->loop);
    body_clear(&sender->body);
    curl_slist_free_all(sender->headers);
    free((char *)sender->target.chat_url);
}

/* --- Each guard alone ---------------------------------------------------------------------------
 */

enum { SHORT = 100, LONG = 60000 };

/* What libcurl would do again: open a connection, start on one that is open, send a long body anew.
 * Without a guard it does, or the case would show nothing. */
static const struct guard_case {
    const char *name;
    enum guard guard;
    size_t connections, body_length;
    int requests, accepted; /* that the server saw; one of the requests it reset */
} cases[] = {
    {"none, one connection", NO_GUARD, 1, SHORT, 3, 2},
    {"none, two connections", NO_GUARD, 2, SHORT, 4, 2},
    {"none, a long body", NO_GUARD, 2, LONG, 4, 2},
    {"no second socket", SECOND_SOCKET, 1, SHORT, 2, 1},
    {"no second start", SECOND_START, 2, SHORT, 3, 2},
    {"no rewind", REWIND, 2, LONG, 3, 2},
    {"all, one connection", ALL_GUARDS, 1, SHORT, 2, 1},
    {"all, two connections", ALL_GUARDS, 2, SHORT, 3, 2},
    {"all, a long body", ALL_GUARDS, 2, LONG, 3, 2},
};

static void check_guard(const struct guard_case *one)
{
    struct server *server = memory_new(1, sizeof *server);
    struct sender sender = {0};
    const struct request *request;
    bool again = one->guard == NO_GUARD;

    start_server(server, (int)one->connections + 1);
    start_sender(&sender, server->port, one->body_length);
    send_all(&sender, one->connections);
    for (size_t i = 0; i < one->connections; i++)
        expect_text(one->name, sender.transfer[i]->request.message, "");
    request = &sender.transfer[0]->request;
    leave_only(sender.transfer[0], one->guard);
    send_all(&sender, 1);
    expect_number(one->name, atomic_load(&server->requests), one->requests);
    expect_number(one->name, atomic_load(&server->accepted), one->accepted);
    expect_true(one->name, (request->end == REQUEST_COMPLETED) == again);
    expect_true(one->name, again || request->end == REQUEST_CONNECTION_RESET);
    end_sender(&sender);
    end_server(server);
    free(server);
}

static void test_each_guard_alone_lets_nothing_leave_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_guard(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_guard_alone_lets_nothing_leave_twice),
    };
    int failed;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
