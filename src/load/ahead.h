/* Connections opened outside any request's clock: before a row's starts, and for an open-loop send
 * to come, where the server has closed those that were idle; inside this room.
 *
 * libcurl 7.88 never reuses a CONNECT_ONLY connection, so each is opened by a small request that
 * touches no model, whatever its status; the connection then waits in the loop's pool. */
#ifndef LOAD_AHEAD_H
#define LOAD_AHEAD_H

#include <curl/curl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "load/target.h"

struct loop;

/* Opens `wanted` connections in `loop`, at most 64 at once, and returns how many were opened. Ends
 * early when `*stop` is set or connections fail. Takes the loop's on_done. */
size_t ahead_open(struct loop *loop, const struct target *target, size_t wanted,
                  const volatile sig_atomic_t *stop);

/* One connection after another; zeroed, then spare_init. */
struct spare {
    CURL *easy;
    struct curl_slist *headers;
    struct loop *loop;
    size_t shard;
    bool opening;
};

void spare_init(struct spare *spare, struct loop *loop, const struct target *target);

/* Begins to open a connection in a shard. The loop's on_done gets the handle, spare->easy, at its
 * end, and then calls spare_ended. */
void spare_open(struct spare *spare, size_t shard);
void spare_ended(struct spare *spare);

/* Also where it is opening yet. */
void spare_clear(struct spare *spare);

#endif
