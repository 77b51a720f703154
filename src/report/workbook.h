/* consolidated_results_<name>.xlsx: the workbook (formats.md, section 8). */
#ifndef REPORT_WORKBOOK_H
#define REPORT_WORKBOOK_H

#include "core/error.h"
#include "store/results.h"

/* Writes the workbook of a run to `path`, beside first and then in its place. One row per step in
 * the order they ran; a column that no row fills is left out, but for the three that always stand.
 */
bool workbook_write(const struct results *results, const char *path, struct error *error);

#endif
