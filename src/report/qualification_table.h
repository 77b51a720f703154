/* A release qualification for a terminal: the verdict first, then what failed, then the rest. */
#ifndef REPORT_QUALIFICATION_TABLE_H
#define REPORT_QUALIFICATION_TABLE_H

#include <stdio.h>

#include "record/qualification.h"

void qualification_table(FILE *out, const struct qualification *qualification);

/* A value with its unit: "200 ms", "12.5 tokens/s", "1.2 %"; "–" where there is none. */
enum { QUALIFICATION_VALUE = 48 };
const char *qualification_value(double value, const char *unit, char text[QUALIFICATION_VALUE]);

/* "+3.1 % (-0.2 to +6.5)": what the candidate is beside the base; of a difference "+20.0 ms (+10.0
 * ms to +30.0 ms)" or, of shares, "+12 points (+3 to +21)"; "" where they were not compared. */
const char *qualification_change(const struct qualification_line *line,
                                 char text[QUALIFICATION_VALUE]);

/* "at most 5 % worse, at most 2 s": what the policy allows. */
const char *qualification_limits(const struct qualification_line *line, char *text, size_t size);

/* A row's name; "all rows" where a line is of none. */
const char *qualification_row(const struct qualification_line *line, char *text, size_t size);

/* How many lines pass. */
size_t qualification_passing(const struct qualification *qualification);

/* "12 of 14 lines pass: 1 regressed, 1 missing." */
const char *qualification_counts(const struct qualification *qualification, char *text,
                                 size_t size);

extern const char qualification_caveat[]; /* for by_requests */

#endif
