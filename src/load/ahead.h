/* Connections opened before a row's clock starts; inside this room.
 *
 * libcurl 7.88 never reuses a CONNECT_ONLY connection, so each is opened by a small request that
 * touches no model, whatever its status; the connection then waits in the loop's pool. */
#ifndef LOAD_AHEAD_H
#define LOAD_AHEAD_H

#include <signal.h>
#include <stddef.h>

#include "core/error.h"
#include "load/target.h"

struct loop;

/* Opens `wanted` connections in `loop`, at most 64 at once, and returns how many were opened. Ends
 * early when `*stop` is set or connections fail. Takes the loop's on_done. */
size_t ahead_open(struct loop *loop, const struct target *target, size_t wanted,
                  const volatile sig_atomic_t *stop);

#endif
