/* Which sockets of a loop epoll watches, and for what; which connections are idle; inside this
 * room. libcurl wishes, the loop's epoll carries it out. */
#ifndef LOAD_SOCKETS_H
#define LOAD_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "load/loop.h"

/* For libcurl: CURLMOPT_SOCKETFUNCTION, whose context is a shard, and CURLOPT_CLOSESOCKETFUNCTION,
 * whose context is a loop. */
int sockets_on_wish(CURL *easy, curl_socket_t socket, int what, void *context, void *known);
int sockets_on_close(void *context, curl_socket_t socket);

/* The server closed an idle connection. */
void sockets_note_idle_end(struct loop *loop, curl_socket_t socket);

/* Whether the server closed idle connections of a shard and none is left open there. */
bool sockets_lost_idle(const struct loop *loop, size_t shard);

/* How many connections of a shard are open and used by no transfer. */
size_t sockets_idle(const struct loop *loop, size_t shard);

/* Whether the connection is open and used by no transfer, as far as events tell. */
bool sockets_is_idle(const struct loop *loop, curl_socket_t socket);

/* A request has used the connection. */
void sockets_note_used(struct loop *loop, curl_socket_t socket);

/* Takes idle connections that a request has used out of use: libcurl finds them closed. */
void sockets_drop_used(struct loop *loop);

/* Whether bytes stand in a connection's place (handback.h) that a transfer uses. */
bool sockets_handback_is_used(const struct loop *loop);

/* The connection is in its place again, and watched as libcurl wishes by now. */
void sockets_end_handback(struct loop *loop);

/* A request is about to leave. Within the same call into libcurl it may be on a connection that has
 * just become free, which is to be in its place by then. */
void sockets_end_unused_handback(struct loop *loop);

#endif
