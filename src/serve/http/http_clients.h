/* The connections of the workbench, accepted here and handed to the HTTP library, so that no client
 * holds more than its share: where HTTP_CLIENTS_MOST are open, one that came without the secret and
 * is between requests makes room, the longest idle first; where all are in use, the new one is
 * closed. A head that has not come whole within HTTP_CLIENTS_HEAD_S ends its connection, however
 * slowly its bytes keep coming, and so does a body without the secret. */
#ifndef SERVE_HTTP_HTTP_CLIENTS_H
#define SERVE_HTTP_HTTP_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum {
    HTTP_CLIENTS_MOST = 256,
    HTTP_CLIENTS_OPEN = 2 * HTTP_CLIENTS_MOST, /* with those shut down and not closed yet */
    HTTP_CLIENTS_HEAD_S = 60,
};

struct http_clients;

struct http_clients *http_clients_new(void);
void http_clients_free(struct http_clients *clients);

/* Whether another may be accepted now: not while as many as HTTP_CLIENTS_OPEN are open, which is
 * soon over. */
bool http_clients_may_accept(struct http_clients *clients);

/* Takes in a connection that was accepted at `now_ns`. False: there is no room, and the caller
 * closes it. */
bool http_clients_add(struct http_clients *clients, int socket, int64_t now_ns);

/* A request's head has come, with the secret or not; then, all of it; then, the reply was sent. */
void http_clients_begin_request(struct http_clients *clients, int socket, bool trusted);
void http_clients_take_request(struct http_clients *clients, int socket);
void http_clients_end_request(struct http_clients *clients, int socket, int64_t now_ns);

/* One that was taken in is about to be closed: its number may be another file's next. */
void http_clients_drop(struct http_clients *clients, int socket);

/* Shuts those down whose head is late at `now_ns`, or whose body is that comes without the secret.
 */
void http_clients_end_late(struct http_clients *clients, int64_t now_ns);

size_t http_clients_count(struct http_clients *clients);

#endif
