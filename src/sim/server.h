/* The simulated bundle endpoint: HTTP on the loopback address, one thread.
 *
 * libevent waits for sockets; what is due goes out first in every turn, so that a crowd of new
 * requests does not delay tokens. The alarm for the next moment is a timerfd, since libevent's own
 * timers count in milliseconds. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"
#include "core/error.h"

struct server;
struct truth;

struct server_options {
    const struct bundle *bundle; /* one that node_accepts */
    const char *key;             /* what requests must bear */
    int port;                    /* 0: the kernel picks */
    uint64_t seed;               /* of what is said, of noise, and of what goes wrong by chance */
    struct truth *truth;         /* NULL: none */
};

/* A server that listens. What the options point to must outlive it. NULL and a sentence where it
 * cannot. */
struct server *server_new(const struct server_options *options, struct error *error);

int server_port(const struct server *server);

/* Serves until SIGINT or SIGTERM. */
void server_run(struct server *server);

/* Gives up what is under way and frees all. NULL is fine. */
void server_free(struct server *server);

#endif
