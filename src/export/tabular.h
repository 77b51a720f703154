/* A table that is written line by line, as CSV or as JSON lines: the same cells, each by its name,
 * in either. */
#ifndef EXPORT_TABULAR_H
#define EXPORT_TABULAR_H

#include <stdbool.h>
#include <stdio.h>

#include "core/text.h"

enum tabular_form { TABULAR_CSV, TABULAR_JSON };

struct tabular {
    FILE *out; /* the caller's */
    enum tabular_form form;
    bool heading; /* cells are their names: the first line of a CSV */
    size_t count; /* of the line so far */
    struct text line;
};

/* Whether a heading is wanted; then the first line's cells are given once before, for their names
 * alone. Clear `tabular`. */
bool tabular_begin(struct tabular *tabular, FILE *out, enum tabular_form form);

/* The next cell. A text that is NULL or "" and a number that is not finite are not known: an empty
 * cell, and no member. Numbers have as few digits as give the same number back. */
void tabular_text(struct tabular *tabular, const char *name, const char *text);
void tabular_number(struct tabular *tabular, const char *name, double number);

/* Ends the line. */
void tabular_end(struct tabular *tabular);

void tabular_clear(struct tabular *tabular);

#endif
