#include <stdlib.h>

#include "core/memory.h"
#include "core/text.h"
#include "report/column.h"
#include "report/workbook/sheets.h"

enum { NAME_MOST = 128 };

/* The columns that stand: those that any row fills, and the ones that always do. */
struct table {
    size_t *column; /* owned, as are … */
    struct sheet_column *about;
    char (*label)[NAME_MOST];
    size_t columns;
};

static bool is_filled(const struct report *report, size_t column)
{
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++) {
            if (column_cell(column, &report->run[i].step[k]).kind != CELL_EMPTY)
                return true;
        }
    }
    return column_always(column);
}

/* "s: …" or "…" */
static void comment_on(struct sheet *sheet, size_t at, size_t column)
{
    const char *unit = column_unit(column), *help = column_help(column);
    struct text text = {0};

    text_printf(&text, "%s%s%s", unit, *unit && *help ? ": " : "", help);
    if (text.length > 0)
        sheet_comment(sheet, at, text.bytes);
    text_clear(&text);
}

static struct table choose(const struct report *report)
{
    size_t most = column_count();
    struct table table = {.column = memory_new(most, sizeof *table.column),
                          .about = memory_new(most + 1, sizeof *table.about),
                          .label = memory_new(most, sizeof *table.label)};

    table.about[0] = (struct sheet_column){"", NULL, 4, STYLE_WHOLE};
    for (size_t column = 0; column < most; column++) {
        char *label = table.label[table.columns];

        if (!is_filled(report, column))
            continue;
        column_name(column, label, NAME_MOST);
        table.column[table.columns++] = column;
        table.about[table.columns] =
            (struct sheet_column){label, NULL, column_width(column), column_style(column)};
    }
    return table;
}

void sheet_results(const struct book *book, const struct report *report)
{
    struct table table = choose(report);
    struct sheet sheet = sheet_begin(book, "Results", table.about, table.columns + 1, 3);
    size_t index = 0; /* that pandas writes, under an empty heading */

    for (size_t i = 0; i < table.columns; i++)
        comment_on(&sheet, i + 1, table.column[i]);
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++) {
            const struct step *step = &report->run[i].step[k];

            sheet.fill = column_fill(step);
            sheet_number(&sheet, (double)index++);
            for (size_t c = 0; c < table.columns; c++) {
                struct cell cell = column_cell(table.column[c], step);

                sheet_cell(&sheet, &cell);
            }
            sheet_next(&sheet);
        }
    }
    sheet_end(&sheet);
    free(table.column);
    free(table.about);
    free(table.label);
}
