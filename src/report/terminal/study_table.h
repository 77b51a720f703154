/* What a switching study concludes, for a terminal. */
#ifndef REPORT_TERMINAL_STUDY_TABLE_H
#define REPORT_TERMINAL_STUDY_TABLE_H

#include <stdio.h>

#include "stats/study.h"

/* A line for each row that could be measured: visits, how many paid, what the switch costs with its
 * interval, the verdict; then why others could not, and what is odd. Where every row was visited
 * from one other, that stands beside it. */
void study_table_rows(FILE *out, const struct study *study);

/* The same for each transition between them, rows by their numbers; nothing where the table of rows
 * shows it. */
void study_table_transitions(FILE *out, const struct study *study);

/* What switching to each model cost, over its rows; nothing where each has one and nothing is known
 * of its weights. */
void study_table_models(FILE *out, const struct study *study);

#endif
