/* A text as a cell of a CSV file (RFC 4180). */
#ifndef CORE_CSV_TEXT_H
#define CORE_CSV_TEXT_H

#include "core/text.h"

/* Adds the cell, in quotes. A spreadsheet takes what begins with = + - @ or a tab for a formula, so
 * such a text gets a blank in front. A byte that is no UTF-8 becomes U+FFFD. */
void csv_add_text(struct text *text, const char *cell);

#endif
