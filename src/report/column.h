/* The columns of the consolidated table: one table of names and how each is filled from a step
 * (formats.md, sections 8 and 10). */
#ifndef REPORT_COLUMN_H
#define REPORT_COLUMN_H

#include <stdbool.h>
#include <stddef.h>

#include "record/step.h"
#include "report/workbook/sheet.h"

/* How many columns there are, and the name of each; the text stays valid. */
size_t column_count(void);
void column_name(size_t column, char *name, size_t size);

/* "s", "tokens/s", "share" or ""; and what it tells, in a sentence. */
const char *column_unit(size_t column);
const char *column_help(size_t column);

/* How it looks, by its unit and what it tells, and how wide it is, in letters. */
enum sheet_style column_style(size_t column);
enum sheet_style column_style_of_unit(const char *unit);
double column_width(size_t column);

/* Whether it is a metric's statistic. */
bool column_of_metric(size_t column);

/* A failed or invalid step stands out, and one that is to be read with care. */
enum sheet_fill column_fill(const struct step *step);

/* Whether it is ours, behind the starter kit's. */
bool column_is_ours(size_t column);

/* Whether it is what a server told of itself (record/telemetry.h). */
bool column_is_told(size_t column);

/* Whether the column stands even where no row fills it. */
bool column_always(size_t column);

struct cell column_cell(size_t column, const struct step *step);

#endif
