/* A workbook of as many cells as the sheet Requests has, by the library alone: what no report can
 * go below.
 *
 * Usage: book FILE LINES CELLS */
#include <stdio.h>
#include <stdlib.h>
#include <xlsxwriter.h>

enum { NAMES_EACH = 1000, NAME = 64 };

static void write_line(lxw_worksheet *sheet, lxw_format *format, lxw_row_t line, int cells)
{
    char name[NAME];

    snprintf(name, sizeof name, "a row's name %u", line / NAMES_EACH);
    worksheet_write_string(sheet, line, 0, name, format);
    for (int cell = 1; cell < cells; cell++)
        worksheet_write_number(sheet, line, (lxw_col_t)cell,
                               cell % 2 ? line % NAMES_EACH : 0.0603483 + 1e-9 * line * cell,
                               format);
}

int main(int count, char **words)
{
    lxw_workbook *book = count == 4 ? workbook_new(words[1]) : NULL;
    lxw_worksheet *sheet = book ? workbook_add_worksheet(book, "Requests") : NULL;
    lxw_format *format = book ? workbook_add_format(book) : NULL;

    if (!book)
        return 2;
    format_set_num_format(format, "0.0000");
    for (lxw_row_t line = 0; line < (lxw_row_t)atol(words[2]); line++)
        write_line(sheet, format, line, atoi(words[3]));
    return workbook_close(book) == LXW_NO_ERROR ? 0 : 1;
}
