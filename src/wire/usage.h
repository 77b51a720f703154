/* What a server says it measured; inside this room. Names and their older aliases: formats.md,
 * section 4a. */
#ifndef WIRE_USAGE_H
#define WIRE_USAGE_H

#include "wire/dialect.h"

struct cJSON;

/* Reads what `object` holds, each measurement under the first of its names that is present and not
 * null; the rest is NAN. A number given as text counts, anything else does not. */
struct usage usage_read(const struct cJSON *object);

/* Reads all that a chunk reports, wherever it stands: `usage`; Groq's `x_groq.usage`; llama.cpp's
 * `timings`, where the cached tokens of a prompt are counted apart; TGI's `details`; and Ollama's
 * counts, in the chunk itself. Where two places have a measurement, the one named first counts.
 * False: the object has no report, and `usage` means nothing. */
bool usage_read_chunk(const struct cJSON *chunk, struct usage *usage);

#endif
