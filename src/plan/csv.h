/* A CSV file as records with the lines they begin on, inside this room.
 *
 * libcsv reads the cells; the lines are counted here, since it reports none, passes over blank
 * ones, and finds an unclosed quote only at the end. Quoted cells may hold commas and newlines;
 * lines may end by LF, CRLF or CR, and a byte-order mark is fine. Cells are separated by what a
 * first line "sep=…" names (spreadsheets write one), else by what stands most often in the first
 * line: a comma, semicolon, tab or bar. Ceilings: 64 MiB of file, 64 KiB a cell, 1,000 cells a
 * record, 1,000,000 records. */
#ifndef PLAN_CSV_H
#define PLAN_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct csv_record {
    char **cell; /* blanks around unquoted content removed; never NULL */
    size_t cells;
    int line; /* where it begins, from 1 */
};

struct csv {
    struct csv_record *record; /* blank lines left out */
    size_t count;
    char separator; /* of cells: one of csv_separators */
};

extern const char csv_separators[]; /* "," first */

/* False and one sentence where this is no CSV. Clear `csv` either way. */
bool csv_read(const char *bytes, size_t length, const char *name, struct csv *csv,
              struct error *error);

void csv_clear(struct csv *csv);

/* The version of libcsv, for the record: of its header, since the library does not tell. */
const char *csv_library(void);

#endif
