/* Tails: what of a body comes after its response's last event; inside this room. A proxy may close
 * late, or never. Most bodies end within the same packet; those that do not keep their connection
 * until they end or are given up. */
#ifndef LOAD_TAIL_H
#define LOAD_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "load/loop.h"
#include "load/transfer.h"

/* What a worker does about them; each is called with its context. */
struct tail_care {
    void (*leave)(void *context,
                  struct transfer *transfer); /* its place is free, its connection not */
    void (*give_up)(void *context,
                    struct transfer *transfer); /* its connection too: the transfer is to end */
    void *context;
};

/* Looks at the loop's ended responses, and returns when to look again; INT64_MAX: there are none.
 * The place is free 2 ms after an end behind which nothing more is to come (so that a body's last
 * bytes, which some servers send apart, leave the connection to the next request); connection and
 * place, tail_grace after the response's last event. */
int64_t tail_look(struct loop *loop, const struct tail_care *care);

#endif
