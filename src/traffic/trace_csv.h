/* One line of CSV as cells; inside this room. A cell holds no line end: a trace has one request on
 * each line. */
#ifndef TRAFFIC_TRACE_CSV_H
#define TRAFFIC_TRACE_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct trace_csv;

struct trace_csv *trace_csv_new(void);

/* Takes a line apart (RFC 4180). False where a quote stands wrong or is not closed. */
bool trace_csv_split(struct trace_csv *csv, const char *line, size_t length);

/* The cells of the line split last, blanks around them removed; valid until the next is. */
size_t trace_csv_cells(const struct trace_csv *csv);
const char *trace_csv_cell(const struct trace_csv *csv, size_t index);

/* NULL is none. */
void trace_csv_free(struct trace_csv *csv);

#endif
