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
    /* Called with a link once it listens, and with another for each line on standard input. */
    void (*show_link)(const char *root, const char *link, bool first);
    /* Called with a line for each request, from a thread of its own; NULL: not wanted. */
    void (*tell_request)(const char *line);
};

/* Serves until SIGINT or SIGTERM, which it takes for itself: call it before there are threads.
 * False with a sentence where it cannot begin. */
bool serve_until_stopped(const struct serve_options *options, struct error *error);

#endif
