/* Connections opened outside any request's clock: before a row's starts, and for an open-loop send
 * to come, where the server has closed those that were idle; inside this room.
 *
 * libcurl 7.88 never reuses a CONNECT_ONLY connection, so each is opened by a small request that
 * touches no model, whatever its status; the connection then waits in the loop's pool. */
#ifndef LOAD_PRECONNECT_H
#define LOAD_PRECONNECT_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "load/target.h"

struct loop;

/* Opens `wanted` connections in `loop`, at most 64 at once, and returns how many were opened. Ends
 * early when `*stop` is set or connections fail. Takes the loop's on_done. */
size_t preconnect_open(struct loop *loop, const struct target *target, size_t wanted,
                       const atomic_int *stop);

/* --- While a row runs ------------------------------------------------------------------------- */

enum { PRECONNECTIONS_MOST = 64 };

struct preconnection {
    CURL *easy; /* NULL: was never needed */
    size_t shard;
    bool opening;
};

/* Up to PRECONNECTIONS_MOST connections that are being opened; zeroed, then preconnections_init. */
struct preconnections {
    struct loop *loop;
    const struct target *target;
    struct curl_slist *headers;
    struct preconnection preconnection[PRECONNECTIONS_MOST];
    size_t opening;
};

void preconnections_init(struct preconnections *preconnections, struct loop *loop,
                         const struct target *target);

/* Begins to open a connection in a shard, to the address that request `turn` goes to (route.h);
 * false: as many as may be are under way. The loop's on_done gets a handle without CURLOPT_PRIVATE
 * at its end, and then calls preconnections_ended. */
bool preconnections_open(struct preconnections *preconnections, size_t shard, size_t turn);
void preconnections_ended(struct preconnections *preconnections, const CURL *easy);

/* How many are being opened in a shard. */
size_t preconnections_opening(const struct preconnections *preconnections, size_t shard);

/* Also where some are opening yet. */
void preconnections_clear(struct preconnections *preconnections);

#endif
