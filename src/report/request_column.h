/* The columns by which reports list requests, in sheet and CSV alike: one table. */
#ifndef REPORT_REQUEST_COLUMN_H
#define REPORT_REQUEST_COLUMN_H

#include <stdio.h>

#include "core/text.h"
#include "report/detail.h"
#include "report/workbook/sheet.h"

/* How many there are; the table as a sheet takes it. */
size_t request_column_count(void);
const struct sheet_column *request_columns(void);

/* Writes a request's cells as a line of the sheet. */
void request_write_cells(struct sheet *sheet, const struct request_line *line);

/* Writes the head of a CSV; adds a request's line of it. */
void request_write_csv_head(FILE *out);
void request_add_csv(const struct request_line *line, struct text *csv);

#endif
