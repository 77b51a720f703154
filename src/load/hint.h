/* What to look at, where a server refuses a request; inside this room. */
#ifndef LOAD_HINT_H
#define LOAD_HINT_H

#include <stddef.h>

struct transfer;

/* Adds to `sentence` of `size` bytes, which says how the transfer's request was refused: of a 400
 * or 422 that names a parameter of the request, the setting that changes it; of a 404, the URL, and
 * that the address has no /v1. `reported` is the server's own sentence. */
void hint_add(const struct transfer *transfer, const char *reported, char *sentence, size_t size);

#endif
