/* A figure over runs, as a table with bars, and the steps in its mean. */
#ifndef REPORT_TERMINAL_HISTORY_TABLE_H
#define REPORT_TERMINAL_HISTORY_TABLE_H

#include <stdio.h>

#include "store/index/history.h"

/* Prints the row, a line for each run with a bar as long as its value, the groups of `by` (a
 * label's name, NULL: none) with their means, and a sentence for each step in the mean
 * (report/history_judged.h). Runs that measured the client have a mark, and no part in means and
 * steps. Values whose metric ends in `_s` are times. */
void history_table(FILE *out, const struct history *history, const char *metric, const char *by);

#endif
