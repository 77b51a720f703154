/* A step as lines of the index's tables `step` and `metric`. For the index alone. */
#ifndef STORE_INDEX_STEP_ROW_H
#define STORE_INDEX_STEP_ROW_H

#include "record/step.h"
#include "store/index/columns.h"

/* The columns of `step`, behind id, run, uuid, row, name and what only some have; ends with a NULL
 * name. */
extern const struct column step_columns[];

/* What stands before them. */
extern const char step_firsts[]; /* as a table has them */
extern const char step_first_names[];
enum { STEP_FIRSTS = 7 };

/* Columns of `metric`, as a table has them. */
extern const char metric_table_columns[];

struct step_writer {
    sqlite3_stmt *step, *metric;
};

void step_writer_init(struct step_writer *writer, struct database *database);
void step_writer_clear(struct step_writer *writer);

/* Writes the step and its metrics as those of the run of that id; its own id in the table. */
int64_t step_writer_add(struct step_writer *writer, struct database *database, const char *run,
                        const struct step *step);

#endif
