/* What an endpoint's address means: a base that paths are put behind, or a whole URL of one of the
 * dialects, whose path is then left out first. Inside this room. */
#ifndef WIRE_ENDPOINT_H
#define WIRE_ENDPOINT_H

#include <stddef.h>

/* How much of an address is its base: all of it, but for the path that a dialect's requests go to
 * (".../v1/chat/completions" has the base ".../v1"). */
size_t endpoint_base(const char *address);

/* The base without the "/v1" that it may end with: where a server's own paths begin. */
size_t endpoint_root(const char *address);

/* The address itself where it has that path already, else its base and the path. The caller frees.
 */
char *endpoint_url(const char *address, const char *path);

/* The base and the path, or the root and the path; the caller frees. */
char *endpoint_beside(const char *address, const char *path);
char *endpoint_at_root(const char *address, const char *path);

/* Forms that several dialects have: "<base>/models", "<root>/health", "Authorization: Bearer KEY".
 */
char *endpoint_models_url(const char *address);
char *endpoint_health_url(const char *address);
char *endpoint_bearer(const char *key);

#endif
