/* A sheet of the workbook, written line by line: cells go from left to right, then the next line
 * begins. Its columns are told once, with unit, width and how numbers look. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include <stdbool.h>
#include <stddef.h>

/* The library's own, which only this file's .c and those of charts know. */
struct lxw_workbook;
struct lxw_worksheet;
struct lxw_format;

/* How a cell looks. */
enum sheet_look {
    LOOK_TEXT,
    LOOK_WRAP, /* text in several lines */
    LOOK_WHOLE,
    LOOK_SECONDS, /* to a tenth of a millisecond */
    LOOK_RATE,    /* a digit behind the point */
    LOOK_SHARE,   /* in percent */
    LOOK_P,       /* a probability, to four digits */
    LOOK_PLAIN,   /* as many digits as the number has */
    LOOKS
};

/* What a cell holds. */
enum cell_kind { CELL_EMPTY, CELL_NUMBER, CELL_TEXT };

struct cell {
    enum cell_kind kind;
    double number;
    char text[512];
};

enum sheet_shade {
    SHADE_NONE,
    SHADE_BAD,   /* failed, invalid */
    SHADE_DOUBT, /* degraded, flagged */
    SHADE_GOOD,
    SHADES
};

struct book {
    struct lxw_workbook *workbook;
    struct lxw_format *look[LOOKS][SHADES];
    struct lxw_format *faint[LOOKS];
    struct lxw_format *heading, *unit, *title, *note;
};

struct sheet_column {
    const char *label;
    const char *unit; /* NULL: none */
    double width;     /* in letters */
    enum sheet_look look;
};

struct sheet {
    const struct book *book;
    struct lxw_worksheet *worksheet;
    const struct sheet_column *column;
    size_t columns;
    size_t row, at;         /* the next cell */
    size_t first;           /* the first line of data */
    enum sheet_shade shade; /* of the cells that come, until the next line */
    bool faint;             /* the numbers that come are told with doubt */
    enum sheet_look look;   /* of numbers where there are no columns, the same */
};

/* Makes the looks of a workbook. */
void book_init(struct book *book, struct lxw_workbook *workbook);

/* Adds a sheet: headings in its first line; where any column has a unit, they stand in the second.
 * What is above the data stays in view, and so do the first `frozen` columns. */
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

/* A sentence in the next line, over all columns. */
void sheet_say(struct sheet *sheet, const char *text);

/* Buttons to sort and filter by, over what was written. */
void sheet_end(struct sheet *sheet);

/* Colours cells of a column from white (the least) to a dark tone (the most), from the first line
 * of data to the last. */
void sheet_heat(struct sheet *sheet, size_t first_row, size_t first_column, size_t last_row,
                size_t last_column);

#endif
