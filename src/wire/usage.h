/* What a server says it measured; inside this room. Names and their older aliases: formats.md,
 * section 4a. */
#ifndef WIRE_USAGE_H
#define WIRE_USAGE_H

#include "wire/dialect.h"

struct cJSON;

/* Reads what `object` holds, each measurement under the first of its names that is present and not
 * null; the rest is NAN. A number given as text counts, anything else does not. */
struct usage usage_read(const struct cJSON *object);

/* Reads what a typed event reports: `usage`, wherever that stands in it, or NULL; and llama.cpp's
 * `timings`, which are the event's own member and give way to it. False: neither reports anything,
 * and `all` means nothing. */
bool usage_read_typed(const struct cJSON *event, const struct cJSON *usage, struct usage *all);

/* Reads all that a chunk reports, wherever it stands: `usage`; Groq's `x_groq.usage`; llama.cpp's
 * `timings`, where the cached tokens of a prompt are counted apart, the speed is that of the tokens
 * after the first (predicted_n − 1 in predicted_ms), and nothing says how long a request waited;
 * TGI's `details`; and Ollama's counts, in the chunk itself. Where two places have a measurement,
 * the one named first counts. False: the object has no report, and `usage` means nothing. */
bool usage_read_chunk(const struct cJSON *chunk, struct usage *usage);

#endif
