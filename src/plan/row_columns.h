/* The columns of the CSV of rows: one table of names and what reads their cells; inside this room.
 */
#ifndef PLAN_ROW_COLUMNS_H
#define PLAN_ROW_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "plan/csv.h"
#include "record/row.h"

/* One record being read into one row. */
struct row_reading {
    const char *file;
    const struct csv_record *record;
    struct row *row;
    struct faults *faults, *warnings;
    bool from_dataset; /* its prompts come from one */
};

struct row_column {
    const char *name;
    bool required;
    void (*read)(const struct row_reading *reading, const struct row_column *column,
                 const char *cell);
    size_t offset;
    const double *most;
};

enum { ROW_COLUMNS = 29 };

/* In the order in which a row's cells are read: a column that another leans on stands before it. */
extern const struct row_column row_columns[ROW_COLUMNS];

/* What says what a row leaves open: a data set, a duration, the first row of its mix, a trace. */
struct row_known {
    bool from_dataset, timed, shared, traced;
};

/* Whether a required column may be left out after all. */
bool row_column_may_be_left_out(const struct row_column *column, const struct row_known *known);

#endif
