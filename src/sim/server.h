/* The simulated bundle endpoint: HTTP, plain or under TLS, on the loopback address, one thread.
 *
 * What is due goes out first in every turn, so that a crowd of new requests does not delay tokens.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "sim/node_file.h"

struct server;
struct lateness;
struct certificate;
struct truth;

struct server_options {
    const struct node_file *file;    /* one that node_accepts */
    const char *key;                 /* what requests must bear */
    int port;                        /* 0: the kernel picks */
    uint64_t seed;                   /* of texts, of noise, and of what goes wrong by chance */
    struct truth *truth;             /* NULL: none */
    struct certificate *certificate; /* under TLS; NULL: plain */
    bool flood; /* as fast as sockets take it, without node and faults (flood.h) */
};

/* A server that listens. What the options point to must outlive it. NULL and a sentence where it
 * cannot. */
struct server *server_new(const struct server_options *options, struct error *error);

int server_port(const struct server *server);

/* Serves until SIGINT or SIGTERM. */
void server_run(struct server *server);

/* Refuses new connections for a while; those that are open stay. */
void server_refuse_connections(struct server *server, double seconds);

/* How late the tokens of streams went out so far; of a flood, none. */
const struct lateness *server_lateness(const struct server *server);

/* Gives up what is under way and frees all. NULL is fine. */
void server_free(struct server *server);

#endif
