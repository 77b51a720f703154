/* To which address of an endpoint's name a handle connects (addresses.h); inside this room.
 *
 * A route is libcurl's CURLOPT_CONNECT_TO: it reuses a connection only for the same route. */
#ifndef LOAD_ROUTE_H
#define LOAD_ROUTE_H

#include <curl/curl.h>
#include <stddef.h>

#include "load/target.h"

struct addresses;

/* A route to one address of the host in `url`; free with curl_slist_free_all. */
struct curl_slist *route_new(const char *url, const char *address);

/* Sends the handle's next transfer to the address that the `turn`-th request goes to: by turns,
 * where several are in use. Without effect where none is. */
void route_set(CURL *easy, const struct addresses *addresses, size_t turn);

/* How many different routes there are, at least 1. */
size_t route_count(const struct addresses *addresses);

#endif
