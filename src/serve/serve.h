/* The workbench: a server for this machine's browser over a folder of runs, until it is stopped. */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <stdbool.h>

#include "core/error.h"

struct serve_options {
    const char *root;        /* the folder of the runs, which is there */
    int port;                /* 0: the kernel picks */
    const char *address;     /* NULL: 127.0.0.1 */
    const char *public_host; /* NULL: by this machine's own names */
    const char *port_file;   /* gets the port once it listens; NULL: none */
    bool quiet;              /* tells of no request */
};

/* Serves until SIGINT or SIGTERM, which it takes for itself: call it before there are threads.
 * Prints a link on stdout, and another for each line on stdin; tells of requests on stderr. False
 * with a sentence where it cannot begin. */
bool serve_until_stopped(const struct serve_options *options, struct error *error);

#endif
