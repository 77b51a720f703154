/* What a server says it measured; inside this room. Names and their older aliases: formats.md,
 * section 4a. */
#ifndef WIRE_USAGE_H
#define WIRE_USAGE_H

#include "wire/dialect.h"

struct cJSON;

/* Reads what `object` holds, each measurement under the first of its names that is present and not
 * null; the rest is NAN. A number given as text counts, anything else does not. */
struct usage usage_read(const struct cJSON *object);

#endif
