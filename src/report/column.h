/* The columns of the consolidated table: one table of names and how each is filled from a step
 * (formats.md, sections 8 and 10). */
#ifndef REPORT_COLUMN_H
#define REPORT_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "record/step.h"

enum cell_kind { CELL_EMPTY, CELL_NUMBER, CELL_TEXT };

struct cell {
    enum cell_kind kind;
    double number;
    char text[512];
};

/* How many columns there are, and the name of each; the text stays valid. */
size_t column_count(void);
void column_name(size_t column, char *name, size_t size);

/* "s", "tokens/s", "share" or ""; and what it tells, in a sentence. */
const char *column_unit(size_t column);
const char *column_help(size_t column);

/* Whether it is ours, behind the starter kit's. */
bool column_is_ours(size_t column);

/* Whether the column stands even where no row fills it. */
bool column_always(size_t column);

struct cell column_cell(size_t column, const struct step *step);

#endif
