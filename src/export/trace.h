/* A run as a trace of our own form: its requests as they arrived, to be looked at with `coebench
 * trace` and sent again. */
#ifndef EXPORT_TRACE_H
#define EXPORT_TRACE_H

#include <stdbool.h>

#include "core/error.h"
#include "store/results.h"

/* Writes `trace.jsonl` into the folder: a line for each request, warm-up and cool-down requests
 * among them, probes left out, each once however often it was sent again, in the order of their
 * moments: {"at_s", "model", "input_tokens", "output_tokens"}. A moment is when the request was to
 * leave by an open loop's schedule, or when it left, in seconds after the first; of the starter
 * kit's files it counts from midnight first. Tokens are those counted, or, of a request that did
 * not complete, those asked for. False with a sentence. */
bool trace_write(const struct results *run, const char *folder, struct error *error);

#endif
