/* The CSV of rows: model_configs_*.csv (formats.md, section 2). */
#ifndef PLAN_ROWS_H
#define PLAN_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "record/row.h"

struct rows {
    struct row *row;
    size_t count;
};

/* Reads every row of the file at `path`, in its order. Adds a fault, with file and line, for each
 * thing that is wrong with any row, and a warning for what is odd but clear. True when it added no
 * fault. Clear `rows` either way. */
bool rows_read(const char *path, struct rows *rows, struct faults *faults, struct faults *warnings);

/* The same over bytes in memory; `name` stands in the sentences. */
bool rows_parse(const char *bytes, size_t length, const char *name, struct rows *rows,
                struct faults *faults, struct faults *warnings);

/* Whether no row before this one asks for its model. */
bool rows_first_of_model(const struct rows *rows, size_t index);

void rows_clear(struct rows *rows);

#endif
