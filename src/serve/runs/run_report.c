#include "serve/runs/run_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/memory.h"
#include "serve/runs/run_folder.h"
#include "serve/workbench.h"

char *run_report_state(const struct workbench *workbench, const char *path)
{
    struct run_folder_files files;
    int folder = run_folder_open(workbench->folder, path);
    int64_t newest_s = 0;
    uint64_t bytes = 0;
    char *state;

    if (folder < 0)
        return NULL;
    run_folder_list(folder, &files);
    for (size_t i = 0; i < files.count; i++) {
        bytes += files.file[i].length;
        newest_s = files.file[i].changed_s > newest_s ? files.file[i].changed_s : newest_s;
    }
    state = memory_printf("%" PRId64 "-%zu-%" PRIu64, newest_s, files.count, bytes);
    run_folder_files_clear(&files);
    close(folder);
    return state;
}

/* The exit code 3 is a report with a warning. */
bool run_report_make(struct workbench *workbench, const char *id, const char *path,
                     atomic_bool *stop, struct made_report *made, struct error *error)
{
    static const char *const words[] = {"report", NULL};
    char *state = run_report_state(workbench, path);
    char *before = memory_printf("reports/%s", id);
    char *folder = memory_printf("%s/%s", before, state ? state : "");
    const struct made_asked asked = {.folder = folder,
                                     .before = before,
                                     .words = words,
                                     .paths = (const char *const[]){path, NULL},
                                     .codes = 1u << 0 | 1u << 3,
                                     .what = "the report"};
    bool done;

    *made = (struct made_report){0};
    done = state ? made_report_make(workbench, &asked, stop, made, error)
                 : error_set(error, "the run is not there any more");
    free(state);
    free(before);
    free(folder);
    return done;
}
