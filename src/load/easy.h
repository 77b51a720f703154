/* What every libcurl handle of this program has in common; inside this room. */
#ifndef LOAD_EASY_H
#define LOAD_EASY_H

#include <curl/curl.h>

#include "load/target.h"

/* A new handle for the target: HTTP/1.1 or what the target says, no redirect, no proxy, no signal,
 * certificates checked, TLS 1.2 or later and in slices (slicing.h), names resolved once, connecting
 * to the first of the addresses in use; a response with a transfer coding other than "chunked" ends
 * it, which libcurl would unpack within one call. Who takes headers looks for that itself
 * (wire/header.h). `headers` and the addresses must outlive it. */
CURL *easy_new(const struct target *target, struct curl_slist *headers);

/* The headers of a request to the target; free with curl_slist_free_all. */
struct curl_slist *easy_headers(const struct target *target, bool has_body);

#endif
