/* Requests of a step as lines of the index's table `request`, which is there where it was asked
 * for. For the index alone. */
#ifndef STORE_INDEX_REQUEST_ROW_H
#define STORE_INDEX_REQUEST_ROW_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "record/step.h"
#include "store/index/database.h"

/* Adds "CREATE TABLE request(…)". */
void request_row_add_table(struct text *sql);

/* Writes all attempts of the step of that id and name in the run directory `folder`, as `insert`
 * has been prepared by request_row_prepare: those of its probe, its warm-up and its cool-down too.
 * A part whose file is not there has none. False with a sentence where a file is broken; what
 * stands before that is written. */
bool request_row_add_step(sqlite3_stmt *insert, struct database *database, int64_t step,
                          const char *folder, const char *name, struct error *error);

/* The statement; sqlite3_finalize it. */
sqlite3_stmt *request_row_prepare(struct database *database);

#endif
