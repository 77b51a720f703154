#include "sim/connection.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "sim/channel.h"

enum { PART = 64 << 10, UNSENT_MOST = 4 << 20, KEPT_ROOM_MOST = 256 << 10 };

/* What a connection takes in before others have their turn. */
enum { PARTS_A_TURN = 16 };

/* Those who begin a handshake and leave it at that hold a file and 60 KiB each. */
static const int64_t handshake_most_ns = 10 * CLOCK_NS_PER_S;

struct connection {
    struct connections *all;
    struct connection *next, *previous;
    struct channel channel;
    struct watch watch;
    struct text received; /* not yet finished: its front is the request under way */
    struct text unsent;
    struct http_request request;
    bool has_head;   /* `request` is that of the bytes received */
    bool responding; /* handed on and not finished */
    bool ending;     /* takes no more requests; what comes is thrown away until the client closes */
    bool broken;     /* to be closed in the next turn */
    bool awake;      /* in the list of those */
    struct connection *next_awake;
    struct deadline handshake; /* when it must have been made */
    void *owner;
};

static void wake(struct connection *connection)
{
    if (connection->awake)
        return;
    connection->awake = true;
    connection->next_awake = connection->all->awake;
    connection->all->awake = connection;
}

static void fall_asleep(struct connection *connection)
{
    struct connection **at = &connection->all->awake;

    if (!connection->awake)
        return;
    while (*at != connection)
        at = &(*at)->next_awake;
    *at = connection->next_awake;
    connection->awake = false;
}

static void break_off(struct connection *connection)
{
    connection->broken = true;
    wake(connection);
}

static void close_connection(struct connection *connection)
{
    connection->all->events->on_close(connection->all->context, connection);
    connection->all->closed++;
    fall_asleep(connection);
    deadlines_remove(&connection->all->handshakes, &connection->handshake);
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        connection->all->first = connection->next;
    channel_close(&connection->channel);
    text_clear(&connection->received);
    text_clear(&connection->unsent);
    free(connection);
}

/* Takes in a part of what came; false where there is no more. A client that closes, even if only
 * its own side, has given up. */
static bool receive(struct connection *connection)
{
    char part[PART];
    long got = channel_receive(&connection->channel, part, sizeof part);

    if (connection->handshake.place && channel_is_ready(&connection->channel))
        deadlines_remove(&connection->all->handshakes, &connection->handshake);
    if (got == CHANNEL_AGAIN)
        wake(connection);
    if (got == CHANNEL_LATER || got == CHANNEL_AGAIN)
        return false;
    if (got <= 0 || connection->received.length + (size_t)got > HTTP_HEAD_MOST + HTTP_BODY_MOST)
        connection->broken = true;
    else if (!connection->ending)
        text_add(&connection->received, part, (size_t)got);
    return !connection->broken;
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

/* Hands on the next request, where one is complete. */
static void take_request(struct connection *connection)
{
    const struct connections *all = connection->all;
    const struct http_request *request = &connection->request;

    if (!connection->has_head)
        connection->has_head = read_head(connection);
    if (!connection->has_head ||
        connection->received.length < request->head_length + request->body_length)
        return;
    connection->responding = true;
    all->events->on_request(all->context, connection, request,
                            connection->received.bytes + request->head_length);
    drop_request(connection);
}

/* Once all is sent. */
static void end_sending(struct connection *connection)
{
    if (connection->ending && connection->unsent.length == 0 && !connection->broken)
        channel_end(&connection->channel);
}

/* How many of the bytes the socket took; breaks off where it takes none for good. */
static size_t send_some(struct connection *connection, const char *bytes, size_t length)
{
    size_t sent = 0;

    while (sent < length) {
        long taken = channel_send(&connection->channel, bytes + sent, length - sent);

        if (taken == 0 || taken == CHANNEL_BROKEN)
            break_off(connection);
        if (taken <= 0)
            break;
        sent += (size_t)taken;
    }
    return sent;
}

/* Sends of what waits as much as the socket takes. */
static void send_waiting(struct connection *connection)
{
    struct text *unsent = &connection->unsent;
    size_t sent;

    if (unsent->length == 0 || connection->broken)
        return;
    sent = send_some(connection, unsent->bytes, unsent->length);
    memmove(unsent->bytes, unsent->bytes + sent, unsent->length - sent);
    unsent->length -= sent;
    end_sending(connection);
    if (unsent->length == 0 && !connection->broken)
        connection->all->events->on_clear(connection->all->context, connection);
}

/* Takes in what came, or as much of it as others can wait for. */
static void receive_some(struct connection *connection)
{
    const struct connections *all = connection->all;

    for (int parts = 0; !connection->broken && receive(connection); parts++) {
        all->events->on_turn(all->context);
        if (parts == PARTS_A_TURN) {
            wake(connection);
            return;
        }
    }
}

/* A connection's turn: its socket was ready, or it was woken. It is woken again where a request was
 * finished at once and others may stand behind it. */
static void take_turn(void *owner)
{
    struct connection *connection = owner;
    const struct connections *all = connection->all;

    all->events->on_turn(all->context);
    send_waiting(connection);
    receive_some(connection);
    if (!connection->broken && !connection->ending && !connection->responding)
        take_request(connection);
    if (connection->broken)
        close_connection(connection);
}

void connections_add(struct connections *connections, int fd)
{
    struct connection *connection = memory_new(1, sizeof *connection);

    connection->all = connections;
    connection->watch = (struct watch){take_turn, connection};
    if (!channel_open(&connection->channel, fd, connections->certificate) ||
        !poller_add(connections->poller, fd, &connection->watch)) {
        channel_close(&connection->channel);
        free(connection);
        return;
    }
    connection->next = connections->first;
    if (connection->next)
        connection->next->previous = connection;
    connections->first = connection;
    connection->handshake.owner = connection;
    if (connections->certificate)
        deadlines_put(&connections->handshakes, &connection->handshake,
                      clock_monotonic_ns() + handshake_most_ns);
}

int64_t connections_next_ns(const struct connections *connections)
{
    const struct deadline *first = deadlines_first(&connections->handshakes);

    if (connections->awake)
        return INT64_MIN;
    return first ? first->due_ns : INT64_MAX;
}

static void end_handshakes(struct connections *connections)
{
    const struct deadline *first;

    while ((first = deadlines_first(&connections->handshakes)) &&
           first->due_ns <= clock_monotonic_ns())
        close_connection(first->owner);
}

void connections_work(struct connections *connections)
{
    struct connection *turn;

    end_handshakes(connections);
    turn = connections->awake;
    connections->awake = NULL; /* who is woken meanwhile has a turn in the next round */
    while (turn) {
        struct connection *connection = turn;

        turn = connection->next_awake;
        connection->awake = false;
        take_turn(connection);
    }
}

void connections_clear(struct connections *connections)
{
    while (connections->first)
        close_connection(connections->first);
    deadlines_clear(&connections->handshakes);
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
    if (unsent->length + wire->length - sent > UNSENT_MOST)
        break_off(connection);
    else
        text_add(unsent, wire->bytes + sent, wire->length - sent);
}

void connection_send_last(struct connection *connection, const struct text *wire)
{
    if (!connection->request.keep_alive)
        channel_hold(&connection->channel);
    connection_send(connection, wire);
}

size_t connection_unsent(const struct connection *connection)
{
    return connection->unsent.length;
}

void connection_reset(struct connection *connection)
{
    channel_reset(&connection->channel);
    break_off(connection);
}

void connection_close_soon(struct connection *connection)
{
    connection->request.keep_alive = false;
}

void connection_finish(struct connection *connection)
{
    connection->responding = false;
    connection->owner = NULL;
    connection->ending = !connection->request.keep_alive;
    end_sending(connection);
    if (connection->received.length > 0)
        wake(connection);
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
