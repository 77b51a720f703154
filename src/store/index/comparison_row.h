/* A comparison, as `compare --output` leaves it in qualification_<run>.json, as lines of the
 * index's tables `comparison`, `comparison_line` and `comparison_run`. For the index alone. */
#ifndef STORE_INDEX_COMPARISON_ROW_H
#define STORE_INDEX_COMPARISON_ROW_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "store/index/database.h"

/* Adds "CREATE TABLE comparison(…)" and those of its lines and runs. */
void comparison_row_add_tables(struct text *sql);

struct comparison_writer {
    sqlite3_stmt *comparison, *line, *run;
};

void comparison_writer_init(struct comparison_writer *writer, struct database *database);
void comparison_writer_clear(struct comparison_writer *writer);

/* Writes the comparison in the file `whole`, which lies at `path` below the root and stands there
 * as `stamp` says. False with a sentence where it is none; then nothing is written. */
bool comparison_writer_add(struct comparison_writer *writer, struct database *database,
                           const char *path, const char *stamp, const char *whole,
                           struct error *error);

#endif
