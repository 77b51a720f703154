/* A listening socket on the loopback address, which can be closed for a while and opened again on
 * the same port: a second socket that never listens holds the port. */
#ifndef SIM_LISTENER_H
#define SIM_LISTENER_H

#include <stdbool.h>

#include "core/error.h"

/* {-1, -1, 0}: none. */
struct listener {
    int fd;    /* -1 while it is closed */
    int place; /* holds the port */
    int port;
};

/* Listens on 127.0.0.1:`port`, 0: one that the kernel picks. False and a sentence where it cannot;
 * to be cleared either way. */
bool listener_init(struct listener *listener, int port, struct error *error);

/* Who connects is refused from now on, and who waits to be accepted is reset. */
void listener_close(struct listener *listener);

/* Listens again; false and a sentence where it cannot. */
bool listener_open(struct listener *listener, struct error *error);

/* The next one who connects, as a non-blocking socket; -1 and errno where there is none. */
int listener_accept(const struct listener *listener);

void listener_clear(struct listener *listener);

#endif
