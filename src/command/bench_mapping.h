/* What bench takes as keys with values: sampling parameters and labels. */
#ifndef COMMAND_BENCH_MAPPING_H
#define COMMAND_BENCH_MAPPING_H

#include "command/command.h"

/* Prints "coebench bench: --<option>: …" to stderr; false, always. */
bool bench_refuse(const char *option, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads sampling parameters, a JSON object or a mapping of YAML, into one line of JSON, for the
 * caller to free; NULL where none are given. False with a sentence as above. */
bool bench_read_sampling(const char *given, char **json);

/* Reads labels, each KEY=VALUE, and LLMPerf's metadata, KEY=VALUE parted by commas, likewise. */
bool bench_read_labels(const struct option_texts *labels, const char *metadata, char **json);

#endif
