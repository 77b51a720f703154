/* Requests as lines of a table (tables.h). For this room alone. */
#ifndef EXPORT_REQUEST_LINES_H
#define EXPORT_REQUEST_LINES_H

#include "core/error.h"
#include "export/tabular.h"
#include "store/results.h"

/* Writes all requests of the run, in the order of their files: of each step those of the probe, of
 * warm-up and cool-down, and the row's own. A file that is not there has none. False with a
 * sentence where one cannot be read. */
bool request_lines_write(struct tabular *tabular, const struct results *run, struct error *error);

#endif
