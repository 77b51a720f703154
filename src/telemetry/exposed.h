/* A page of metrics at http://127.0.0.1:PORT/metrics, made anew each time it is asked for: by
 * libmicrohttpd, in one thread of its own, in which `write` is called. Only GET and HEAD of that
 * path are responded to with it. At most EXPOSED_CONNECTIONS are open at once; one that is silent
 * for ten seconds is closed. */
#ifndef TELEMETRY_EXPOSED_H
#define TELEMETRY_EXPOSED_H

#include "core/error.h"
#include "core/text.h"

enum { EXPOSED_CONNECTIONS = 32 };

struct exposed;

/* Listens at a port, which the kernel picks where it is 0. NULL, with a sentence, where the port is
 * taken or not to be had. `context` outlives it. */
struct exposed *exposed_new(int port, void (*write)(void *context, struct text *page),
                            void *context, struct error *error);

/* The port it listens at. */
int exposed_port(const struct exposed *exposed);

/* Closes all connections and ends its thread. NULL is fine. */
void exposed_free(struct exposed *exposed);

/* The version of libmicrohttpd, for the record. */
const char *exposed_library(void);

#endif
