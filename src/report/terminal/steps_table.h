/* The steps of a run for a terminal, and what is to be known of them. */
#ifndef REPORT_TERMINAL_STEPS_TABLE_H
#define REPORT_TERMINAL_STEPS_TABLE_H

#include <stdio.h>

#include "store/results.h"

/* Prints a line for each step with its key figures, and what the switch to it cost by the study's
 * estimate: a time, "none", "inconclusive", or "–" where it is not measurable. The documented rule
 * stays in the files. The steps must have been concluded (stats/study.h). */
void steps_table(FILE *out, const struct results *results);

/* Prints what went wrong or is odd, one line for each kind with the steps that it holds for: how
 * steps ended and what failed, what the server did otherwise than asked, whether the client kept
 * up, and what was not run. Nothing where all is as asked. */
void steps_notes(FILE *out, const struct results *results);

#endif
