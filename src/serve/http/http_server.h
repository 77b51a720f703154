/* The workbench's HTTP server: libmicrohttpd in one thread, on connections that are accepted there
 * too (http_clients.h). It checks who asks and what may be asked, in this order: Host, the route,
 * the session, Origin where something is changed, the body's length; only then is a route called.
 * It tells of each request in one line, without query or body. */
#ifndef SERVE_HTTP_HTTP_SERVER_H
#define SERVE_HTTP_HTTP_SERVER_H

#include <stdbool.h>

#include "core/error.h"

struct workbench;
struct http_server;

/* Opens a listening socket on `address` (NULL: 127.0.0.1) and `port` (0: the kernel picks), and
 * gives the port it has. −1 with a sentence; the server takes it over. */
int http_server_listen(const char *address, int port, int *used, struct error *error);

/* Serves from now on, in threads of its own, until it is stopped. NULL with a sentence; the socket
 * is closed either way. */
struct http_server *http_server_start(struct workbench *workbench, int socket, struct error *error);

/* Accepts no more, ends what is under way, and frees it. NULL is fine. */
void http_server_stop(struct http_server *server);

#endif
