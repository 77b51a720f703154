/* What mixes came to, for a terminal. */
#ifndef REPORT_TERMINAL_MIXES_TABLE_H
#define REPORT_TERMINAL_MIXES_TABLE_H

#include <stdio.h>

#include "store/results.h"

/* For each visit of a mix a sentence, and a line for each of its members: share of calls, rates,
 * and TTFT after its own configuration and after another. Nothing of a run without mixes; of many
 * visits the first, and how many more there are. */
void mixes_table(FILE *out, const struct results *results);

#endif
