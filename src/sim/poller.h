/* Waiting for sockets, and for a moment: one epoll, edge-triggered, whose wait ends on the
 * nanosecond asked for (epoll_pwait2, and no timer slack), since tokens are due between
 * milliseconds. */
#ifndef SIM_POLLER_H
#define SIM_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

/* What is called when a descriptor may have become readable or writable; whoever is called
 * continues until the descriptor has no more, since it reports changes only. */
struct watch {
    void (*on_ready)(void *owner);
    void *owner;
};

struct poller {
    int epoll_fd;
};

bool poller_init(struct poller *poller, struct error *error);

/* Watches a descriptor until it is closed; false where the system takes no more. The watch must
 * outlive it. */
bool poller_add(struct poller *poller, int fd, struct watch *watch);

/* Waits until something is ready or the moment has come (INT64_MAX: never; one that is over: not at
 * all), and calls whose turn it is. Of what is ready together each is called once, so any of them
 * may close and free itself, and itself alone. */
void poller_wait(struct poller *poller, int64_t until_ns);

void poller_clear(struct poller *poller);

#endif
