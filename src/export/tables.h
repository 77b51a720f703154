/* A run as two tables, for whatever reads CSV or JSON lines: `steps`, a line for each step, with
 * the figures that the workbook has of it, and `requests`, a line for each request. */
#ifndef EXPORT_TABLES_H
#define EXPORT_TABLES_H

#include <stdbool.h>

#include "core/error.h"
#include "store/results.h"

/* Write `steps.csv` and `requests.csv`, or `steps.jsonl` and `requests.jsonl`, into the folder.
 *
 * Both tables begin with `run`, `step` (its index) and `row` (record/row_key.h), by which their
 * lines belong together. Steps go on with the columns of the consolidated table (report/column.h),
 * each metric with all its statistics, and end with the run's labels, "label_<name>". Requests are
 * all attempts, those of probe, warm-up and cool-down marked by `part`, with every metric by its
 * key in the responses. In a CSV each column stands in every file, but for labels; a JSON line has
 * what is known. False with a sentence. */
bool tables_write_csv(const struct results *run, const char *folder, struct error *error);
bool tables_write_jsonl(const struct results *run, const char *folder, struct error *error);

#endif
