/* consolidated_results_<name>.xlsx: the workbook (formats.md, section 8). */
#ifndef REPORT_WORKBOOK_WORKBOOK_H
#define REPORT_WORKBOOK_WORKBOOK_H

#include "core/error.h"
#include "report/report.h"

/* Writes the workbook of a report to `path`, beside first and then in its place. */
bool workbook_write(const struct report *report, const char *path, struct error *error);

/* The version of libxlsxwriter, for the record. */
const char *workbook_library(void);

#endif
