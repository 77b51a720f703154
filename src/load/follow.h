/* A response that goes on: server-sent events, taken line by line as they come. */
#ifndef LOAD_FOLLOW_H
#define LOAD_FOLLOW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "load/target.h"

struct follow {
    const char *url;
    const atomic_int *stop; /* gives up within a second once it is set */
    /* A line without its end, secrets struck out; it may be changed. One of more than 4 MiB is
     * passed over. */
    void (*on_line)(void *context, char *line, size_t length);
    void (*on_open)(void *context); /* the response is a success, and its head is here */
    void *context;
};

/* GETs until the response ends, breaks off, or is stopped. Whether it was a success as far as it
 * came: with another status no line is given. */
bool follow(const struct target *target, const struct follow *how);

#endif
