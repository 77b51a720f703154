/* What commands print at their end: tables, and one sentence. */
#ifndef REPORT_TERMINAL_CLOSING_H
#define REPORT_TERMINAL_CLOSING_H

#include <stdio.h>

#include "report/headline.h"

/* Prints one table: of a study what switching to each row costs, of any other run its steps, with
 * what the study says of them; what its mixes came to; then what is to be known of the steps, and
 * how a study that runs until it is sure ended. `report` is of one run. */
void closing_tables(FILE *out, const struct report *report);

/* Prints the last line: the sentence of the report's headline, and the page to open, which is there
 * as "<base>.html"; without that where it is not, and where `base` is NULL. */
void closing_of(FILE *out, const struct report *report, const char *base);

#endif
