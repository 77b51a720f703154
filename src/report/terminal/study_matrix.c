#include "report/terminal/study_matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "report/short_name.h"
#include "report/terminal/terminal.h"
#include "report/terminal/width.h"
#include "stats/matrix.h"

/* WIDTH: where there is no terminal. CELL_*: columns of a cell; from NAMED on its head has a name.
 */
enum { WIDTH = 80, ROWS_MOST = 40, CELL_LEAST = 6, CELL_MOST = 12, CELL_NAMED = 8 };
enum { NAME_MOST = 26, NAME_LEAST = 12, NUMBER = 4, HEAD_LINES = 3 };

struct layout {
    FILE *out;
    struct text line; /* that is being written */
    const struct study *study;
    const struct study_group **cell;
    int name; /* columns of a row's name beside its number; 0: none */
    int width;
    size_t across; /* rows beside each other */
};

/* --- Layout ----------------------------------------------------------------------------------- */

static int cell_width(int columns, int name, size_t rows)
{
    return (columns - 2 - NUMBER - name) / (int)rows;
}

/* With two blanks behind it. */
static int longest_name(const struct study *study)
{
    int longest = NAME_LEAST;

    for (size_t i = 0; i < study->rows; i++) {
        int width = width_of(study->row[i].to->model_name) + 2;

        longest = width > longest ? width : longest;
    }
    return longest < NAME_MOST ? longest : NAME_MOST;
}

/* Names as long as there is room for; where cells would not fit then, without names; and where they
 * do not fit so either, as many as do. */
static void lay_out(struct layout *layout)
{
    int columns = terminal_columns(layout->out);
    size_t rows = layout->study->rows;

    columns = columns == 0 || columns > 2 * WIDTH ? WIDTH : columns;
    layout->across = rows;
    layout->name = longest_name(layout->study);
    while (layout->name >= NAME_LEAST && cell_width(columns, layout->name, rows) < CELL_LEAST + 1)
        layout->name--;
    if (layout->name < NAME_LEAST)
        layout->name = 0;
    layout->width = cell_width(columns, layout->name, rows);
    if (layout->width < CELL_LEAST) {
        layout->width = CELL_LEAST;
        layout->across = (size_t)cell_width(columns, 0, 1) / CELL_LEAST;
    }
    if (layout->width > CELL_MOST)
        layout->width = CELL_MOST;
}

static void put_left(struct layout *layout, const char *text, int width)
{
    int left = width - width_of(text);

    text_printf(&layout->line, "%s%*s", text, left > 0 ? left : 0, "");
}

static void put_cell(struct layout *layout, const char *text)
{
    int left = layout->width - width_of(text);

    text_printf(&layout->line, "%*s%s", left > 0 ? left : 0, "", text);
}

/* Without the blanks at its end; an empty one is none. */
static void end_line(struct layout *layout)
{
    struct text *line = &layout->line;

    while (line->length > 0 && line->bytes[line->length - 1] == ' ')
        line->length--;
    if (line->length > 0)
        fprintf(layout->out, "%.*s\n", (int)line->length, line->bytes);
    text_reset(line);
}

/* --- Heads ------------------------------------------------------------------------------------ */

/* How many bytes of `name` go into a line of `width`: up to the last sign that parts words, or all
 * that fit. Names of models are plain letters; others are cut where they may. */
static size_t line_of(const char *name, size_t width)
{
    size_t fits = strlen(name);

    if (fits <= width)
        return fits;
    for (size_t i = width; i > width / 3; i--) {
        if (strchr("-_/ ", name[i - 1]))
            return i;
    }
    for (fits = width; fits > 0 && ((unsigned char)name[fits] & 0xc0) == 0x80;)
        fits--;
    return fits > 0 ? fits : width;
}

/* The `line`-th line of a name that is broken to the width of a cell, "" behind its last. */
static void write_head(const char *name, int line, int width, char *text, size_t size)
{
    char whole[256];
    const char *rest = whole;
    size_t length;

    short_name(name, (width - 1) * 2, whole, sizeof whole);
    for (int i = 0; i < line; i++)
        rest += line_of(rest, (size_t)width - 1);
    length = line == HEAD_LINES - 1 ? strlen(rest) : line_of(rest, (size_t)width - 1);
    snprintf(text, size, "%.*s", (int)length, rest);
    width_fit(memcpy(whole, text, strlen(text) + 1), width - 1, text, size);
}

static void print_heads(struct layout *layout, size_t first, size_t end)
{
    int beside = 2 + NUMBER + layout->name;
    char text[256];

    put_left(layout, layout->name ? "  from \\ to" : "", beside);
    for (size_t to = first; to < end; to++) {
        snprintf(text, sizeof text, "%zu", to + 1);
        put_cell(layout, text);
    }
    end_line(layout);
    for (int line = 0; line < HEAD_LINES && layout->width >= CELL_NAMED; line++) {
        put_left(layout, "", beside);
        for (size_t to = first; to < end; to++) {
            write_head(layout->study->row[to].to->model_name, line, layout->width, text,
                       sizeof text);
            put_cell(layout, text);
        }
        end_line(layout);
    }
}

/* --- Cells ------------------------------------------------------------------------------------ */

static const struct study_cost *cost_at(const struct layout *layout, size_t from, size_t to)
{
    const struct study_group *group = layout->cell[from * layout->study->rows + to];

    return group && group->cost.visits > 0 ? &group->cost : NULL;
}

static void write_cost(const struct study_cost *cost, char *text, size_t size)
{
    if (!cost)
        snprintf(text, size, "·");
    else if (cost->paid + cost->not_paid == 0)
        snprintf(text, size, "?");
    else if (cost->paid == 0)
        snprintf(text, size, "–");
    else
        snprintf(text, size, "%.0f", 1000 * cost->cost_s);
}

static void write_paid(const struct study_cost *cost, char *text, size_t size)
{
    if (cost)
        snprintf(text, size, "%zu/%zu", cost->paid, cost->paid + cost->not_paid);
    else
        *text = '\0';
}

/* A line for what a switch cost, and one for how many paid. */
static void print_row(struct layout *layout, size_t from, size_t first, size_t end)
{
    char name[256], text[300];

    short_name(layout->study->row[from].to->model_name, layout->name, name, sizeof name);
    snprintf(text, sizeof text, "  %2zu  %s", from + 1, layout->name ? name : "");
    put_left(layout, text, 2 + NUMBER + layout->name);
    for (size_t to = first; to < end; to++) {
        write_cost(cost_at(layout, from, to), text, sizeof text);
        put_cell(layout, text);
    }
    end_line(layout);
    put_left(layout, "", 2 + NUMBER + layout->name);
    for (size_t to = first; to < end; to++) {
        write_paid(cost_at(layout, from, to), text, sizeof text);
        put_cell(layout, text);
    }
    end_line(layout);
}

static void print_cells(struct layout *layout)
{
    size_t rows = layout->study->rows;

    lay_out(layout);
    fprintf(layout->out, "\nswitch in ms, and beneath how many of the visits paid:\n");
    for (size_t first = 0; first < rows; first += layout->across) {
        size_t end = first + layout->across < rows ? first + layout->across : rows;

        if (first > 0)
            fputc('\n', layout->out);
        print_heads(layout, first, end);
        for (size_t from = 0; from < rows; from++)
            print_row(layout, from, first, end);
    }
}

void study_matrix(FILE *out, const struct study *study)
{
    struct layout layout = {.out = out, .study = study};

    if (study->rows > ROWS_MOST) {
        fprintf(out, "\nThe matrix of %zu rows is in switching.json (--json) and the workbook.\n",
                study->rows);
        return;
    }
    if (study->rows == 0)
        return;
    layout.cell = matrix_make(study);
    print_cells(&layout);
    free(layout.cell);
    text_clear(&layout.line);
}
