/* What sessions came to turn by turn, for a terminal. */
#ifndef REPORT_TERMINAL_TURNS_TABLE_H
#define REPORT_TERMINAL_TURNS_TABLE_H

#include <stdio.h>

#include "store/results.h"

/* A table of the turns of each step that has sessions: requests, lengths, what a cache knew, TTFT
 * and latency. Nothing of a run without sessions; of many steps and turns the first, and how many
 * more there are. */
void turns_table(FILE *out, const struct results *results);

#endif
