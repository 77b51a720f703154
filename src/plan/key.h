/* What is odd about an API key, reported without the key. */
#ifndef PLAN_KEY_H
#define PLAN_KEY_H

#include "core/error.h"

/* The key with "***" in the place of all but the blanks and quotes around it and a "Bearer " before
 * it; free it. NULL where it has none of these. */
char *key_shape(const char *key);

/* Adds a warning, blamed on `source`, for a key that is too short to be hidden where a server
 * repeats it. */
void key_warn_of_length(const char *key, const char *source, struct faults *warnings);

#endif
