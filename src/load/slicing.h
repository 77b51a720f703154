/* TLS whose reads come back (core/sliced.h); inside this room. */
#ifndef LOAD_SLICING_H
#define LOAD_SLICING_H

#include <curl/curl.h>

/* Connections that this handle opens read in slices from their socket, in the handshake too, so
 * that no server keeps libcurl, and with it limits and Ctrl-C, for as long as it sends. For libcurl
 * over the OpenSSL that this program has; over any other library, nothing changes. */
void slicing_set(CURL *easy);

#endif
