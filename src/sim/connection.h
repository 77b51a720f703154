/* Connections: sockets that bring requests and take answers away.
 *
 * A connection hands on one request at a time and the next when that one is finished. Sending never
 * blocks: what the socket does not take waits, up to a ceiling; a reader slower than that is cut
 * off. A connection is closed in one place only, its own event, so whoever sends need not fear that
 * it is gone. */
#ifndef SIM_CONNECTION_H
#define SIM_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/http.h"

struct connection;
struct event_base;

/* What a connection calls; all get the `context` of `struct connections`. */
struct connection_events {
    /* Before each piece of work, for what must not wait. */
    void (*on_turn)(void *context);
    /* A whole request; its parts are valid during the call. To be answered, now or later, by
     * connection_send and connection_finish. */
    void (*on_request)(void *context, struct connection *connection,
                       const struct http_request *request, const char *body);
    /* What came is no request; to be answered in the call, by the same two. */
    void (*on_refusal)(void *context, struct connection *connection, const struct refusal *refusal);
    /* The connection is about to be freed. */
    void (*on_close)(void *context, struct connection *connection);
};

/* All connections of a server; the owner fills the first three and zeroes the last. */
struct connections {
    struct event_base *base;
    const struct connection_events *events;
    void *context;
    struct connection *first;
};

/* Takes an accepted, non-blocking socket. */
void connections_add(struct connections *connections, int fd);

/* Closes and frees all. */
void connections_clear(struct connections *connections);

/* Sends now, or as soon as the socket takes it. */
void connection_send(struct connection *connection, const struct text *wire);

/* The answer to the latest request is complete. */
void connection_finish(struct connection *connection);

/* Breaks the connection with a TCP reset; what was not sent is lost. */
void connection_reset(struct connection *connection);

/* Closes the connection once the answer under way is finished and all of it is sent, whatever its
 * head said. */
void connection_close_soon(struct connection *connection);

/* How many bytes wait for the socket. */
size_t connection_unsent(const struct connection *connection);

/* Whether another request may follow the one being answered. */
bool connection_keeps_alive(const struct connection *connection);

/* The one being answered, as its owner knows it; NULL at first and after connection_finish. */
void connection_set_owner(struct connection *connection, void *owner);
void *connection_owner(const struct connection *connection);

#endif
