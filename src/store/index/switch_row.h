/* What a run concluded of the switch to each of its steps, as lines of the index's table `switch`:
 * the steps of its switching.json (store/study_file.h). For the index alone. */
#ifndef STORE_INDEX_SWITCH_ROW_H
#define STORE_INDEX_SWITCH_ROW_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "store/index/database.h"

/* Adds "CREATE TABLE switch(…)". */
void switch_row_add_table(struct text *sql);

struct switch_writer {
    sqlite3_stmt *step, *line;
};

void switch_writer_init(struct switch_writer *writer, struct database *database);
void switch_writer_clear(struct switch_writer *writer);

/* Writes them as those of the run of that id, whose steps are in the index; a step that is not is
 * passed over. A run without the file has none: it has not ended, or is the starter kit's. False
 * with a sentence where the file is broken. */
bool switch_writer_add(struct switch_writer *writer, struct database *database, const char *run,
                       const char *folder, struct error *error);

#endif
