/* An exchange as the HTTP library carries it. For this room's server alone: the library's types go
 * no further. */
#ifndef SERVE_HTTP_EXCHANGE_HTTP_H
#define SERVE_HTTP_EXCHANGE_HTTP_H

#include <microhttpd.h>

#include "serve/http/exchange.h"

struct exchange {
    struct MHD_Connection *connection;
    const struct route *route; /* NULL: it was refused before one was looked for */
    struct route_places places;
    char *method, *path; /* as the log names them; owned */
    int64_t began_ns;
    int socket;
    int wake; /* an eventfd: the server's thread has something to do */
    struct text body;
    struct body_file *body_file; /* NULL: the body is kept in memory, or there is none */
    unsigned status;
    struct MHD_Response *response; /* NULL: none yet */
    bool asked;                    /* the route was called */
    bool later;
    struct text headers; /* "name\0value\0" …, to be added to the reply */
};

struct exchange *exchange_new(struct MHD_Connection *connection, const char *method,
                              const char *path, int wake);
void exchange_free(struct exchange *exchange);

/* Gives the reply to the library; MHD_NO ends the connection. */
enum MHD_Result exchange_send(struct exchange *exchange);

#endif
