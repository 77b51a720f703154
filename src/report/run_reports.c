#include "report/run_reports.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "report/reports.h"
#include "store/manifest_reports.h"
#include "store/study_file.h"

static bool was_done(const struct manifest_content *before)
{
    const char *status = manifest_find(before, "status");

    return status && strcmp(status, "done") == 0;
}

struct run_reports run_reports_of(const char *path, const struct manifest_content *before)
{
    char *folder = realpath(path, NULL);
    struct run_reports reports = {.was_whole = was_done(before),
                                  .own = folder ? manifest_reports(before, strrchr(folder, '/') + 1)
                                                : NULL};

    free(folder);
    return reports;
}

bool run_reports_write(const struct run *run, const struct runs *runs,
                       const struct run_reports *reports, char **base, struct faults *warnings,
                       struct error *error)
{
    char *folder = file_folder(run->workbook);
    char *stem = reports->own ? memory_text(reports->own)
                              : memory_printf("consolidated_results_%s", run->name);
    const struct reports_asked asked = {.folder = folder,
                                        .stem = stem,
                                        .manner = !reports->own        ? REPORTS_FREE
                                                  : reports->was_whole ? REPORTS_MISSING
                                                                       : REPORTS_REPLACE};
    bool done =
        (reports->was_whole || study_file_write(run->folder, &runs->study, runs->results, error)) &&
        reports_write(runs, &asked, base, warnings, error);

    if (done)
        manifest_note_reports(run->folder, strrchr(*base, '/') + 1);
    free(stem);
    free(folder);
    return done;
}
