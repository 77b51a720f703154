#include "report/workbook/workbook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "core/file.h"
#include "report/column.h"
#include "report/detail.h"
#include "report/workbook/sheets.h"

/* The sheets, in their order. */
static void (*const sheets[])(const struct book *book, const struct report *report) = {
    sheet_results,   sheet_summary,     sheet_qualification, sheet_steps,       sheet_passes,
    sheet_search,    sheet_mixes,       sheet_turns,         sheet_charts,      sheet_load,
    sheet_switching, sheet_transitions, sheet_matrix,        sheet_models,      sheet_residency,
    sheet_batches,   sheet_timeline,    sheet_errors,        sheet_environment, sheet_requests,
};

/* More than the library's temporary files hold, in bytes. */
static off_t room_wanted(const struct report *report)
{
    enum { FRAME = 1 << 18, CELL = 64, CHARACTER = 7 /* "_x001F_" */, REQUEST_CELLS = 24 };
    const struct study *study = report->study;
    size_t room = FRAME + (study->rows * study->rows + study->transitions * 20) * 3 * CELL;

    room += report->detail->in_sheet * REQUEST_CELLS * CELL;
    for (size_t i = 0; i < report->runs; i++) {
        for (size_t k = 0; k < report->run[i].count; k++) {
            for (size_t column = 0; column < column_count(); column++) {
                struct cell cell = column_cell(column, &report->run[i].step[k]);

                room += 2 * CELL + (cell.kind == CELL_TEXT ? CHARACTER * strlen(cell.text) : 0);
            }
        }
    }
    return (off_t)room;
}

/* Where they do not fit, the library leaves a workbook that cannot be read and calls that success.
 */
static bool has_room(const struct report *report, const char *path, struct error *error)
{
    FILE *file = tmpfile();
    int fault = file ? posix_fallocate(fileno(file), 0, room_wanted(report)) : errno;

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

bool workbook_write(const struct report *report, const char *path, struct error *error)
{
    struct book book;
    lxw_workbook *workbook;
    const char *why;
    char *temporary;
    bool done;

    if (!has_room(report, path, error))
        return false;
    temporary = file_temporary(path);
    workbook = workbook_new(temporary);
    book_init(&book, workbook);
    for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++)
        sheets[i](&book, report);
    sheet_summary_finish(&book, report);
    if (close_quietly(workbook, &why) == LXW_NO_ERROR) {
        done = file_settle(temporary, path, error);
    } else {
        done = error_set(error, "%s: cannot be written: %s", path, why);
        unlink(temporary);
    }
    free(temporary);
    return done;
}

const char *workbook_library(void)
{
    return lxw_version();
}
