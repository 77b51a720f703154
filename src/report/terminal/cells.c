#include "report/terminal/cells.h"

#include <stdarg.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/text.h"
#include "report/short_name.h"
#include "report/study_words.h"
#include "report/terminal/width.h"

/* *_LEAST: columns that a name keeps; GAP: blanks in front of each column. */
enum { MODEL_LEAST = 12, ROW_LEAST = 24, GAP = 2, CELL = 512 };

void cells_init(struct cells *cells, const struct cells_column *column, size_t columns)
{
    *cells = (struct cells){.column = column, .columns = columns};
}

void cells_add_line(struct cells *cells, const struct row *row)
{
    cells->line = memory_grow(cells->line, cells->lines, sizeof *cells->line);
    cells->line[cells->lines++] = (struct cells_line){.row = row};
}

void cells_set(struct cells *cells, size_t column, const char *format, ...)
{
    struct cells_line *line = &cells->line[cells->lines - 1];
    va_list arguments;

    va_start(arguments, format);
    free(line->text[column]);
    line->text[column] = memory_vprintf(format, arguments);
    va_end(arguments);
}

/* --- Layout ----------------------------------------------------------------------------------- */

struct layout {
    int width[CELLS_MOST]; /* 0: the column is left out */
    int total;             /* with the gaps */
};

static bool gives_way(const struct cells_column *column)
{
    return column->kind == CELLS_MODEL || column->kind == CELLS_ROW;
}

/* What stands in a cell, in at most `width` columns where it gives way. */
static const char *content(const struct cells *cells, const struct cells_line *line, size_t column,
                           int width, char text[CELL])
{
    if (cells->column[column].kind == CELLS_ROW)
        study_words_row(line->row, width, text, CELL);
    else if (cells->column[column].kind == CELLS_MODEL)
        short_name(line->name ? line->name : line->row->model_name, width, text, CELL);
    else
        snprintf(text, CELL, "%s", line->text[column] ? line->text[column] : "");
    return text;
}

/* As wide as all of it; 0 where nothing is in it. */
static int natural_width(const struct cells *cells, size_t column)
{
    int widest = 0, heading = width_of(cells->column[column].heading);
    char text[CELL];

    for (size_t i = 0; i < cells->lines; i++) {
        int width = width_of(content(cells, &cells->line[i], column, CELL, text));

        widest = width > widest ? width : widest;
    }
    return widest == 0 ? 0 : widest > heading ? widest : heading;
}

static void add_up(const struct cells *cells, struct layout *layout)
{
    layout->total = 0;
    for (size_t i = 0; i < cells->columns; i++)
        layout->total += layout->width[i] > 0 ? layout->width[i] + GAP : 0;
}

/* Takes from the names what is too much; how much remains. */
static int give_way(const struct cells *cells, struct layout *layout, int over)
{
    for (size_t i = 0; i < cells->columns && over > 0; i++) {
        int least = cells->column[i].kind == CELLS_ROW ? ROW_LEAST : MODEL_LEAST;
        int most = gives_way(&cells->column[i]) ? layout->width[i] - least : 0;
        int taken = most > over ? over : most;

        if (taken <= 0)
            continue;
        layout->width[i] -= taken;
        over -= taken;
    }
    return over;
}

/* Whether there was one. */
static bool leave_one_out(const struct cells *cells, struct layout *layout)
{
    size_t which = CELLS_MOST;

    for (size_t i = 0; i < cells->columns; i++) {
        if (layout->width[i] > 0 && cells->column[i].leave > 0 &&
            (which == CELLS_MOST || cells->column[i].leave > cells->column[which].leave))
            which = i;
    }
    if (which == CELLS_MOST)
        return false;
    layout->width[which] = 0;
    return true;
}

/* The last column of a terminal stays empty, since some break a line that fills it. */
static struct layout lay_out(const struct cells *cells, int columns)
{
    struct layout layout = {0};
    int natural[CELLS_MOST] = {0};

    for (size_t i = 0; i < cells->columns; i++)
        natural[i] = layout.width[i] = natural_width(cells, i);
    add_up(cells, &layout);
    while (columns > 0 && give_way(cells, &layout, layout.total - (columns - 1)) > 0 &&
           leave_one_out(cells, &layout)) {
        for (size_t i = 0; i < cells->columns; i++)
            layout.width[i] = layout.width[i] > 0 ? natural[i] : 0;
        add_up(cells, &layout);
    }
    return layout;
}

/* --- Printing --------------------------------------------------------------------------------- */

static void put(struct text *line, const char *content, int width, bool left, const char *begin,
                const char *end)
{
    int blanks = width - width_of(content);

    text_printf(line, "%*s", left || blanks < 0 ? GAP : GAP + blanks, "");
    text_printf(line, "%s%s%s%*s", begin, content, end, left && blanks > 0 ? blanks : 0, "");
}

/* Without the blanks at its end. */
static void end_line(struct text *line, FILE *out)
{
    while (line->length > 0 && line->bytes[line->length - 1] == ' ')
        line->length--;
    fprintf(out, "%.*s\n", (int)line->length, line->bytes ? line->bytes : "");
    text_reset(line);
}

static void print_line(const struct cells *cells, const struct layout *layout,
                       const struct cells_line *of, bool able, struct text *line)
{
    char text[CELL];

    for (size_t i = 0; i < cells->columns; i++) {
        if (layout->width[i] == 0)
            continue;
        put(line, of ? content(cells, of, i, layout->width[i], text) : cells->column[i].heading,
            layout->width[i], cells->column[i].kind != CELLS_RIGHT,
            of ? colour_begin(able, of->colour[i]) : "", of ? colour_end(able, of->colour[i]) : "");
    }
}

void cells_print(const struct cells *cells, FILE *out, int width)
{
    struct layout layout = lay_out(cells, width);
    bool able = colour_able(out);
    struct text line = {0};

    for (size_t i = 0; i <= cells->lines && cells->lines > 0; i++) {
        print_line(cells, &layout, i > 0 ? &cells->line[i - 1] : NULL, able, &line);
        end_line(&line, out);
    }
    text_clear(&line);
}

void cells_clear(struct cells *cells)
{
    for (size_t i = 0; i < cells->lines; i++) {
        for (size_t k = 0; k < cells->columns; k++)
            free(cells->line[i].text[k]);
    }
    free(cells->line);
    cells->line = NULL;
    cells->lines = 0;
}
