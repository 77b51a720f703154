/* When two addresses lead to one endpoint, of which one thing at a time is measured. */
#ifndef SERVE_START_SAME_ENDPOINT_H
#define SERVE_START_SAME_ENDPOINT_H

#include <stdbool.h>

/* Host and port are the same (127.0.0.1, [::1] and localhost are one host; a port that is not given
 * is the scheme's), and the path of one is where the other's begins: "http://h:8000" and
 * "http://localhost:8000/v1" are two ways to speak to one server, while hosted endpoints with paths
 * of their own are two. Queries do not count. */
bool same_endpoint(const char *a, const char *b);

#endif
