#include "serve/run_report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "serve/own_command.h"
#include "serve/run_folder.h"
#include "serve/workbench.h"

const char workbench_own_folder[] = ".workbench";

/* When the newest of the run's files was written, and how many there are: another state, another
 * text. */
static char *state_of(const struct workbench *workbench, const char *path)
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

static bool ends_in(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);

    return length > tail && strcmp(name + length - tail, ending) == 0;
}

/* Finds what is in the report's folder; false where there is no page. */
static bool find_files(const struct workbench *workbench, struct run_report *report)
{
    int file = run_folder_open(workbench->folder, report->folder);
    DIR *names = file >= 0 ? fdopendir(file) : NULL;

    if (!names)
        return false;
    for (struct dirent *entry; (entry = readdir(names));) {
        if (ends_in(entry->d_name, ".html") && !report->page)
            report->page = memory_text(entry->d_name);
        if (ends_in(entry->d_name, ".xlsx") && !report->workbook)
            report->workbook = memory_text(entry->d_name);
    }
    closedir(names);
    return report->page;
}

/* The exit code 3 is a report with a warning. */
static bool make(const struct workbench *workbench, const char *path, const char *folder,
                 atomic_bool *stop, struct error *error)
{
    char *run = file_join(workbench->root, path);
    const char *const words[] = {"report", "--output", folder, "--", run, NULL};
    struct own_command_end end;
    char *sentence;
    bool made;

    own_command_run(words, stop, &end);
    made = end.code == 0 || end.code == 3;
    sentence = own_command_sentence(&end);
    if (!made)
        error_set(error, "the report could not be made: %s",
                  sentence[0] ? sentence : "it was ended before its time");
    free(sentence);
    own_command_end_clear(&end);
    free(run);
    return made;
}

/* Removes what was made of an earlier state, and makes the folder. */
static bool make_folder(const struct workbench *workbench, const char *id, const char *folder,
                        struct error *error)
{
    char *of_run = memory_printf("%s/%s/reports/%s", workbench->root, workbench_own_folder, id);
    bool made;

    file_remove_folder(of_run);
    made = file_make_folders(folder, error);
    free(of_run);
    return made;
}

static bool make_report(const struct workbench *workbench, const char *id, const char *path,
                        atomic_bool *stop, struct run_report *report, struct error *error)
{
    char *state = state_of(workbench, path), *folder;
    bool made;

    *report = (struct run_report){0};
    if (!state)
        return error_set(error, "the run is not there any more");
    report->folder = memory_printf("%s/reports/%s/%s", workbench_own_folder, id, state);
    free(state);
    if (find_files(workbench, report))
        return true;
    folder = file_join(workbench->root, report->folder);
    made = make_folder(workbench, id, folder, error) && make(workbench, path, folder, stop, error);
    free(folder);
    return made && (find_files(workbench, report) ||
                    error_set(error, "the report could not be made: it has no page"));
}

bool run_report_make(struct workbench *workbench, const char *id, const char *path,
                     atomic_bool *stop, struct run_report *report, struct error *error)
{
    bool made;

    pthread_mutex_lock(&workbench->reports);
    made = make_report(workbench, id, path, stop, report, error);
    pthread_mutex_unlock(&workbench->reports);
    return made;
}

void run_report_clear(struct run_report *report)
{
    free(report->folder);
    free(report->page);
    free(report->workbook);
    *report = (struct run_report){0};
}
