#include "report/workbook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* More than the library's temporary files hold, in bytes. */
static off_t room_wanted(const struct results *results)
{
    enum { FRAME = 1 << 16, CELL = 64, CHARACTER = 7 /* "_x001F_" */ };
    size_t room = FRAME;

    for (size_t column = 0; column < column_count(); column++) {
        for (size_t i = 0; i < results->count; i++) {
            struct cell cell = column_cell(column, &results->step[i]);

            room += CELL + (cell.kind == CELL_TEXT ? CHARACTER * strlen(cell.text) : 0);
        }
    }
    return (off_t)room;
}

/* Where they do not fit, the library leaves a workbook that cannot be read and calls that success.
 */
static bool has_room(const struct results *results, const char *path, struct error *error)
{
    FILE *file = tmpfile();
    int fault = file ? posix_fallocate(fileno(file), 0, room_wanted(results)) : errno;

    if (file)
        fclose(file);
    return fault == 0 || error_set(error, "%s: cannot be written: no room in %s: %s", path,
                                   P_tmpdir, strerror(fault));
}

/* Closes the workbook, which is when the library writes it; 0 or why it could not. The library also
 * complains on stderr by itself, under the name of a temporary file that nobody knows. */
static int close_quietly(lxw_workbook *workbook, const char **why)
{
    int stderr_kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    lxw_error fault;

    fflush(stderr);
    if (stderr_kept >= 0 && nowhere >= 0)
        dup2(nowhere, STDERR_FILENO);
    errno = 0;
    fault = workbook_close(workbook);
    *why = errno ? strerror(errno) : lxw_strerror(fault);
    if (stderr_kept >= 0 && nowhere >= 0)
        dup2(stderr_kept, STDERR_FILENO);
    if (stderr_kept >= 0)
        close(stderr_kept);
    if (nowhere >= 0)
        close(nowhere);
    return fault;
}

bool workbook_write(const struct results *results, const char *path, struct error *error)
{
    lxw_workbook *workbook;
    const char *why;
    char *temporary;
    bool done;

    if (!has_room(results, path, error))
        return false;
    temporary = file_temporary(path);
    workbook = workbook_new(temporary);
    write_table(workbook, results);
    if (close_quietly(workbook, &why) == LXW_NO_ERROR) {
        done = file_settle(temporary, path, error);
    } else {
        done = error_set(error, "%s: cannot be written: %s", path, why);
        unlink(temporary);
    }
    free(temporary);
    return done;
}
