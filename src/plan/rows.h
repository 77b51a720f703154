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
    bool from_dataset; /* set before they are read: the run's prompts come from a data set */
};

/* Reads every row of the file at `path`, in its order. Of a row whose prompts come from a data set
 * input_tokens and num_requests may be left out, and are then 0: as the data set has them; of a row
 * with duration_s, num_requests. Adds a fault, with file and line, for each thing that is wrong
 * with any row, and a warning for what is odd but clear. True when it added no fault. Clear `rows`
 * either way. */
bool rows_read(const char *path, struct rows *rows, struct faults *faults, struct faults *warnings);

/* The same over bytes in memory; `name` stands in the sentences. */
bool rows_parse(const char *bytes, size_t length, const char *name, struct rows *rows,
                struct faults *faults, struct faults *warnings);

/* Whether no row before this one asks for its model. */
bool rows_first_of_model(const struct rows *rows, size_t index);

void rows_clear(struct rows *rows);

#endif
