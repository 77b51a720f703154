#include "report/workbook.h"

#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/column.h"

enum { NAME_MOST = 128 };

static bool is_filled(const struct results *results, size_t column)
{
    for (size_t i = 0; i < results->count; i++) {
        if (column_cell(column, &results->step[i]).kind != CELL_EMPTY)
            return true;
    }
    return column_always(column);
}

static void write_cell(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t col, const struct cell *cell)
{
    if (cell->kind == CELL_NUMBER)
        worksheet_write_number(sheet, row, col, cell->number, NULL);
    else if (cell->kind == CELL_TEXT)
        worksheet_write_string(sheet, row, col, cell->text, NULL); /* never a formula */
}

static void write_column(lxw_worksheet *sheet, lxw_col_t col, const struct results *results,
                         size_t column, lxw_format *heading)
{
    char label[NAME_MOST];

    column_name(column, label, sizeof label);
    worksheet_write_string(sheet, 0, col, label, heading);
    for (size_t i = 0; i < results->count; i++) {
        struct cell cell = column_cell(column, &results->step[i]);

        write_cell(sheet, (lxw_row_t)(i + 1), col, &cell);
    }
}

/* The index that pandas writes, under an empty heading. */
static void write_index(lxw_worksheet *sheet, const struct results *results)
{
    for (size_t i = 0; i < results->count; i++)
        worksheet_write_number(sheet, (lxw_row_t)(i + 1), 0, (double)i, NULL);
}

static void write_table(lxw_workbook *workbook, const struct results *results)
{
    lxw_worksheet *sheet = workbook_add_worksheet(workbook, "Results");
    lxw_format *heading = workbook_add_format(workbook);
    lxw_col_t col = 1;

    format_set_bold(heading);
    format_set_text_wrap(heading);
    format_set_align(heading, LXW_ALIGN_VERTICAL_TOP);
    write_index(sheet, results);
    for (size_t column = 0; column < column_count(); column++) {
        if (is_filled(results, column))
            write_column(sheet, col++, results, column, heading);
    }
    worksheet_set_column(sheet, 0, 0, 4, NULL);
    worksheet_set_column(sheet, 1, 2, 34, NULL);
    worksheet_set_column(sheet, 3, (lxw_col_t)(col - 1), 15, NULL);
    worksheet_set_row(sheet, 0, 48, NULL);
    worksheet_freeze_panes(sheet, 1, 3);
    worksheet_autofilter(sheet, 0, 1, (lxw_row_t)results->count, (lxw_col_t)(col - 1));
}

bool workbook_write(const struct results *results, const char *path, struct error *error)
{
    char *temporary = file_temporary(path);
    lxw_workbook *workbook = workbook_new(temporary);
    lxw_error fault;
    bool done;

    write_table(workbook, results);
    fault = workbook_close(workbook);
    if (fault == LXW_NO_ERROR) {
        done = file_settle(temporary, path, error);
    } else {
        done = error_set(error, "%s: cannot be written: %s", path, lxw_strerror(fault));
        unlink(temporary);
    }
    free(temporary);
    return done;
}
