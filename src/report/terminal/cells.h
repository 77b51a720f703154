/* A table for a terminal. Columns are as wide as what stands in them. Where the terminal has no
 * room for all, the one column that names rows gives way, as far as its beginning; where that
 * is not enough, columns that matter less are left out; so no line is ever broken. Without a
 * terminal nothing is cut or left out. */
#ifndef REPORT_TERMINAL_CELLS_H
#define REPORT_TERMINAL_CELLS_H

#include <stdio.h>

#include "record/row.h"
#include "report/terminal/colour.h"

enum { CELLS_MOST = 12 };

struct cells_column {
    const char *heading;
    enum {
        CELLS_RIGHT,
        CELLS_LEFT,
        CELLS_MODEL,
        CELLS_ROW
    } kind;    /* the last two give way: a
                * row's model, or all of it */
    int leave; /* 0: never; else columns of larger numbers are left out first */
};

struct cells_line {
    const struct row *row;  /* that the giving column names */
    const char *name;       /* a model's name in its place; NULL: the row's */
    char *text[CELLS_MOST]; /* NULL: nothing; owned */
    enum colour colour[CELLS_MOST];
};

struct cells {
    const struct cells_column *column;
    size_t columns;
    struct cells_line *line; /* owned */
    size_t lines;
};

/* `column` must outlive the table. */
void cells_init(struct cells *cells, const struct cells_column *column, size_t columns);

/* Begins a line; `row` must outlive the table. */
void cells_add_line(struct cells *cells, const struct row *row);

/* Fills a cell of the line begun last. */
void cells_set(struct cells *cells, size_t column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints it behind two blanks, headings first, for a terminal of `width` columns (0: none); a
 * column in which no line has anything is left out. Nothing of a table without lines. */
void cells_print(const struct cells *cells, FILE *out, int width);

void cells_clear(struct cells *cells);

#endif
