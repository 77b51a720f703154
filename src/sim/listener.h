/* The socket that connections come to, on the loopback address; it can go away for a while. */
#ifndef SIM_LISTENER_H
#define SIM_LISTENER_H

#include <stdint.h>

#include "core/error.h"

struct event_base;
struct listener;

/* Listens on a port, 0: one that the kernel picks. `on_accept` gets each new socket, non-blocking.
 * NULL and a sentence where it cannot listen. Free with listener_free, before the base. */
struct listener *listener_new(struct event_base *base, int port,
                              void (*on_accept)(void *context, int fd), void *context,
                              struct error *error);

/* The port, which stays the same. */
int listener_port(const struct listener *listener);

/* A socket was closed, so that one more can be had. */
void listener_resume(struct listener *listener);

/* Closes the socket, so that nobody can connect, and opens it again after that time. */
void listener_leave(struct listener *listener, int64_t duration_ns);

void listener_free(struct listener *listener);

#endif
