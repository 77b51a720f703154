/* Connections: sockets, plain or under TLS, that bring requests and take responses away.
 *
 * A connection hands on one request at a time and the next when that one is finished. Sending never
 * blocks: it goes to the socket at once, and what the socket does not take waits, up to a ceiling;
 * a reader slower than that is cut off. Who sends without end has a turn like others: a piece of
 * what comes is taken in, and one request. A connection is closed in one place only, its own turn,
 * so whoever sends need not fear that it is gone. */
#ifndef SIM_CONNECTION_H
#define SIM_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/certificate.h"
#include "sim/deadline.h"
#include "sim/http.h"
#include "sim/poller.h"

struct connection;

/* What a connection calls; all get the `context` of `struct connections`. */
struct connection_events {
    /* Before each piece of work, for what must not wait. */
    void (*on_turn)(void *context);
    /* A whole request; its parts are valid during the call. Its response is sent, now or later, by
     * connection_send and connection_finish. */
    void (*on_request)(void *context, struct connection *connection,
                       const struct http_request *request, const char *body);
    /* What came is no request; its response is sent in the call, by the same two. */
    void (*on_refusal)(void *context, struct connection *connection, const struct refusal *refusal);
    /* What had to wait for the socket is sent. */
    void (*on_clear)(void *context, struct connection *connection);
    /* The connection is about to be freed. */
    void (*on_close)(void *context, struct connection *connection);
};

/* All connections of a server; the owner fills the first four and zeroes the rest. */
struct connections {
    struct poller *poller;
    const struct certificate *certificate; /* NULL: plain */
    const struct connection_events *events;
    void *context;
    struct connection *first;
    struct connection *awake;    /* whose turn it is, whatever their sockets say */
    struct deadlines handshakes; /* of those that have not been made */
    int64_t closed;              /* how many were, so far */
};

/* Takes an accepted, non-blocking socket. */
void connections_add(struct connections *connections, int fd);

/* Gives those that are awake their turn, and closes those whose TLS handshake takes longer than ten
 * seconds. */
void connections_work(struct connections *connections);

/* When it is to be called next: INT64_MIN while there is no time to wait, INT64_MAX: not for now.
 */
int64_t connections_next_ns(const struct connections *connections);

/* Closes and frees all. */
void connections_clear(struct connections *connections);

/* Sends now, or as soon as the socket takes it. */
void connection_send(struct connection *connection, const struct text *wire);

/* The same with what completes the response, just before connection_finish. Where the connection
 * ends with it, both leave in one packet: no client takes it for an open connection in between. */
void connection_send_last(struct connection *connection, const struct text *wire);

/* How many bytes wait for the socket; once it took all, on_clear tells. */
size_t connection_unsent(const struct connection *connection);

/* Breaks the connection off: the client sees a reset, and what waits is not sent. */
void connection_reset(struct connection *connection);

/* Closes the connection once the response under way is finished and all of it is sent, whatever its
 * head promised. */
void connection_close_soon(struct connection *connection);

/* The response to the latest request is complete. */
void connection_finish(struct connection *connection);

/* Whether another request may follow the one under way. */
bool connection_keeps_alive(const struct connection *connection);

/* The one under way, as its owner knows it; NULL at first and after connection_finish. */
void connection_set_owner(struct connection *connection, void *owner);
void *connection_owner(const struct connection *connection);

#endif
