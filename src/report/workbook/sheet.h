/* A sheet of the workbook, written line by line: cells go from left to right, then the next line
 * begins. Its columns are given once, with unit, width and how numbers look. */
#ifndef REPORT_WORKBOOK_SHEET_H
#define REPORT_WORKBOOK_SHEET_H

#include <stdbool.h>
#include <stddef.h>

/* The library's own, which only this file's .c and those of charts know. */
struct lxw_workbook;
struct lxw_worksheet;
struct lxw_format;

/* How a cell looks. */
enum sheet_style {
    STYLE_TEXT,
    STYLE_WRAP, /* text in several lines */
    STYLE_WHOLE,
    STYLE_SECONDS, /* to a tenth of a millisecond */
    STYLE_RATE,    /* a digit behind the point */
    STYLE_SHARE,   /* in percent */
    STYLE_P,       /* a probability, to four digits */
    STYLE_PLAIN,   /* as many digits as the number has */
    STYLES
};

/* What a cell holds. */
enum cell_kind { CELL_EMPTY, CELL_NUMBER, CELL_TEXT };

struct cell {
    enum cell_kind kind;
    double number;
    char text[512];
};

enum sheet_fill {
    FILL_NONE,
    FILL_BAD,   /* failed, invalid */
    FILL_DOUBT, /* degraded, flagged */
    FILL_GOOD,
    FILLS
};

struct book {
    struct lxw_workbook *workbook;
    struct lxw_format *style[STYLES][FILLS];
    struct lxw_format *faint[STYLES];
    struct lxw_format *heading, *unit, *title, *note, *wide_note;
};

struct sheet_column {
    const char *label;
    const char *unit; /* NULL: none */
    double width;     /* in letters */
    enum sheet_style style;
};

struct sheet {
    const struct book *book;
    struct lxw_worksheet *worksheet;
    const struct sheet_column *column;
    size_t columns;
    size_t row, at;         /* the next cell */
    size_t first;           /* the first line of data */
    size_t printed;         /* the columns that are printed, as many as one page is wide */
    double printed_width;   /* in letters */
    size_t print_most;      /* so many lines are printed; 0: all */
    enum sheet_fill fill;   /* of the cells that come, until the next line */
    bool faint;             /* the numbers that follow are uncertain */
    enum sheet_style style; /* of numbers where there are no columns, the same */
};

/* Makes the styles of a workbook. */
void book_init(struct book *book, struct lxw_workbook *workbook);

/* Adds a sheet: headings in its first line; where any column has a unit, they stand in the second.
 * What is above the data stays in view, and so do the first `frozen` columns. Printed, it is one
 * page wide (A4): of its columns the first, as many as are legible. */
struct sheet sheet_begin(const struct book *book, const char *name,
                         const struct sheet_column *column, size_t columns, size_t frozen);

/* Adds a sheet without columns, for what is no table. */
struct sheet sheet_blank(const struct book *book, const char *name);

/* The next cell; one that is not finite stays empty. */
void sheet_number(struct sheet *sheet, double value);
void sheet_text(struct sheet *sheet, const char *text); /* never a formula; "" stays empty */
void sheet_cell(struct sheet *sheet, const struct cell *cell);
void sheet_skip(struct sheet *sheet, size_t cells);

/* How wide a column is, in letters, where there are no columns. */
void sheet_width(struct sheet *sheet, size_t column, double width);

/* The next line. */
void sheet_next(struct sheet *sheet);

/* What is shown when the pointer rests on the heading of a column. */
void sheet_comment(struct sheet *sheet, size_t column, const char *text);

/* The next cell, of a table's head, in a sheet without columns. */
void sheet_head(struct sheet *sheet, const char *text);

/* A heading in the next line, of a sheet without columns. */
void sheet_title(struct sheet *sheet, const char *text);

/* A sentence in the next line, over all columns that are printed, in as many lines as it takes. */
void sheet_say(struct sheet *sheet, const char *text);

/* Buttons to sort and filter by, over what was written. */
void sheet_end(struct sheet *sheet);

/* Colours cells of a column from white (the least) to a dark tone (the most), from the first line
 * of data to the last. */
void sheet_heat(struct sheet *sheet, size_t first_row, size_t first_column, size_t last_row,
                size_t last_column);

#endif
