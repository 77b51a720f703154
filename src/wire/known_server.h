/* Servers that say what they are, at an address of their own that loads no model. */
#ifndef WIRE_KNOWN_SERVER_H
#define WIRE_KNOWN_SERVER_H

#include <stddef.h>

struct known_server {
    const char *header;   /* its Server header begins so; NULL: it tells nothing */
    const char *owned_by; /* its models' "owned_by" */
    const char *member;   /* what is reported there: "version", "props" */
    const char *path;     /* beside the /v1 root */
};

/* The server that this Server header or this list of models (JSON; NULL: none) is of; NULL: none
 * that is known. */
const struct known_server *known_server_find(const char *header, const char *models);

/* Where it says what it is; free it. `address` is the endpoint's, without a query. */
char *known_server_url(const struct known_server *known, const char *address);

/* A body as JSON in one line, its strings without needless escapes; free it. NULL where it is none.
 */
char *known_server_json(const char *body, size_t length);

#endif
