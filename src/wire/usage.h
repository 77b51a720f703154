/* What a server says it measured. Names and their older aliases: formats.md, section 4a. */
#ifndef WIRE_USAGE_H
#define WIRE_USAGE_H

#include "record/request.h"

struct cJSON;

/* A usage in which nothing is known. */
extern const struct usage usage_unknown;

/* Reads what `object` holds, each measurement under the first of its names that is present and not
 * null; the rest is NAN. A number given as text counts, anything else does not. */
struct usage usage_read(const struct cJSON *object);

#endif
