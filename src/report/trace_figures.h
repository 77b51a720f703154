/* What a trace holds, for a terminal and for programs. */
#ifndef REPORT_TRACE_FIGURES_H
#define REPORT_TRACE_FIGURES_H

#include <stdio.h>

#include "core/text.h"
#include "traffic/census.h"

/* Prints requests, rate over time, lengths, models, sessions, shared blocks and what is left out,
 * each where the trace has it. */
void trace_figures_print(FILE *out, const char *path, const struct census *census);

/* Adds the same as one JSON object and a newline; what is not known is null. */
void trace_figures_add_json(struct text *json, const char *path, const struct census *census);

#endif
