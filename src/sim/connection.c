#include "sim/connection.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/memory.h"

enum { UNSENT_MOST = 4 << 20, KEPT_ROOM_MOST = 256 << 10 };

struct connection {
    struct connections *all;
    struct connection *next, *previous;
    int fd;
    struct event *readable, *writable;
    struct text received; /* not yet finished: its front is the request being answered */
    struct text unsent;
    struct http_request request;
    bool has_head;  /* `request` is that of the bytes received */
    bool answering; /* handed on and not finished */
    bool ending;    /* takes no more requests; what comes is thrown away until the client closes */
    bool broken;    /* to be closed in the next turn */
    bool reset;     /* and then not politely */
    void *owner;
};

static void wake(struct connection *connection)
{
    event_active(connection->readable, EV_READ, 0);
}

static void break_off(struct connection *connection)
{
    connection->broken = true;
    wake(connection);
}

static void close_connection(struct connection *connection)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    connection->all->events->on_close(connection->all->context, connection);
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        connection->all->first = connection->next;
    event_free(connection->readable);
    event_free(connection->writable);
    if (connection->reset)
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(connection->fd);
    text_clear(&connection->received);
    text_clear(&connection->unsent);
    free(connection);
}

/* A client that closes, even if only its own side, has given up. */
static void receive(struct connection *connection)
{
    char part[64 << 10];
    ssize_t got = recv(connection->fd, part, sizeof part, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || connection->received.length + (size_t)got > HTTP_HEAD_MOST + HTTP_BODY_MOST)
        connection->broken = true;
    else if (!connection->ending)
        text_add(&connection->received, part, (size_t)got);
}

/* Forgets the request at the front of what was received. */
static void drop_request(struct connection *connection)
{
    struct text *received = &connection->received;
    size_t length = connection->request.head_length + connection->request.body_length;

    connection->has_head = false;
    if (received->length == length && received->room > KEPT_ROOM_MOST) {
        text_clear(received);
        return;
    }
    memmove(received->bytes, received->bytes + length, received->length - length);
    received->length -= length;
}

static void send_string(struct connection *connection, const char *string)
{
    struct text wire = {0};

    text_add_string(&wire, string);
    connection_send(connection, &wire);
    text_clear(&wire);
}

static bool read_head(struct connection *connection)
{
    const struct connections *all = connection->all;
    struct refusal refusal;

    switch (http_read_head(connection->received.bytes, connection->received.length,
                           &connection->request, &refusal)) {
    case HTTP_INCOMPLETE:
        return false;
    case HTTP_REFUSED:
        /* Where the next request would begin is not known. */
        connection->request.keep_alive = false;
        all->events->on_refusal(all->context, connection, &refusal);
        return false;
    case HTTP_COMPLETE:
        break;
    }
    if (connection->request.expects_continue)
        send_string(connection, "HTTP/1.1 100 Continue\r\n\r\n");
    return true;
}

/* Hands on the next request; false where none is complete. */
static bool take_request(struct connection *connection)
{
    const struct connections *all = connection->all;
    const struct http_request *request = &connection->request;

    if (!connection->has_head)
        connection->has_head = read_head(connection);
    if (!connection->has_head ||
        connection->received.length < request->head_length + request->body_length)
        return false;
    connection->answering = true;
    all->events->on_request(all->context, connection, request,
                            connection->received.bytes + request->head_length);
    drop_request(connection);
    return true;
}

static void on_readable(evutil_socket_t fd, short what, void *argument)
{
    struct connection *connection = argument;

    (void)fd;
    (void)what;
    connection->all->events->on_turn(connection->all->context);
    if (!connection->broken)
        receive(connection);
    while (!connection->broken && !connection->ending && !connection->answering &&
           take_request(connection))
        ;
    if (connection->broken)
        close_connection(connection);
}

static void end_sending(struct connection *connection)
{
    if (connection->ending && connection->unsent.length == 0 && !connection->broken)
        shutdown(connection->fd, SHUT_WR);
}

/* How many of the bytes the socket took; breaks off where it takes none for good. */
static size_t send_some(struct connection *connection, const char *bytes, size_t length)
{
    ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL);

    if (sent >= 0)
        return (size_t)sent;
    if (errno != EAGAIN && errno != EINTR)
        break_off(connection);
    return 0;
}

static void on_writable(evutil_socket_t fd, short what, void *argument)
{
    struct connection *connection = argument;
    struct text *unsent = &connection->unsent;
    size_t sent;

    (void)fd;
    (void)what;
    connection->all->events->on_turn(connection->all->context);
    sent = send_some(connection, unsent->bytes, unsent->length);
    memmove(unsent->bytes, unsent->bytes + sent, unsent->length - sent);
    unsent->length -= sent;
    if (unsent->length > 0 && !connection->broken)
        event_add(connection->writable, NULL);
    end_sending(connection);
}

void connections_add(struct connections *connections, int fd)
{
    struct connection *connection = memory_new(1, sizeof *connection);
    int yes = 1;

    /* Without it, a token might wait for the acknowledgement of the one before. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connection->all = connections;
    connection->fd = fd;
    connection->readable =
        event_new(connections->base, fd, EV_READ | EV_PERSIST, on_readable, connection);
    connection->writable = event_new(connections->base, fd, EV_WRITE, on_writable, connection);
    event_add(connection->readable, NULL);
    connection->next = connections->first;
    if (connection->next)
        connection->next->previous = connection;
    connections->first = connection;
}

void connections_clear(struct connections *connections)
{
    while (connections->first)
        close_connection(connections->first);
}

void connection_send(struct connection *connection, const struct text *wire)
{
    struct text *unsent = &connection->unsent;
    size_t sent = 0;

    if (connection->broken)
        return;
    if (unsent->length == 0)
        sent = send_some(connection, wire->bytes, wire->length);
    if (sent == wire->length || connection->broken)
        return;
    if (unsent->length + wire->length - sent > UNSENT_MOST) {
        break_off(connection);
        return;
    }
    text_add(unsent, wire->bytes + sent, wire->length - sent);
    event_add(connection->writable, NULL);
}

void connection_finish(struct connection *connection)
{
    connection->answering = false;
    connection->owner = NULL;
    connection->ending = !connection->request.keep_alive;
    end_sending(connection);
    if (connection->received.length > 0)
        wake(connection);
}

void connection_reset(struct connection *connection)
{
    connection->reset = true;
    break_off(connection);
}

void connection_close_soon(struct connection *connection)
{
    connection->request.keep_alive = false;
}

size_t connection_unsent(const struct connection *connection)
{
    return connection->unsent.length;
}

bool connection_keeps_alive(const struct connection *connection)
{
    return connection->request.keep_alive;
}

void connection_set_owner(struct connection *connection, void *owner)
{
    connection->owner = owner;
}

void *connection_owner(const struct connection *connection)
{
    return connection->owner;
}
