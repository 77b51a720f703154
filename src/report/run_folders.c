#include "report/run_folders.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "store/llmperf_file.h"
#include "store/results.h"

enum {
    NAMED_MOST = 5, /* of what is passed over in one folder */
    DEPTH_MOST = 4, /* of folders in folders: releases, days, nodes */
};

struct finding {
    char **folders;
    size_t count;
    struct faults *passed;
};

static void add(struct finding *finding, char *folder)
{
    finding->folders = memory_grow(finding->folders, finding->count, sizeof *finding->folders);
    finding->folders[finding->count++] = folder;
}

/* What is passed over in a folder for one reason, in one sentence. */
struct passing {
    struct text names;
    size_t count;
};

enum { PASSED_OTHER, PASSED_LLMPERF, PASSED_KINDS };

static const char *const passed_because[PASSED_KINDS] = {
    [PASSED_OTHER] = "it is not a run directory",
    [PASSED_LLMPERF] = "these are LLMPerf's results",
};

static void pass(struct passing *passing, const char *name)
{
    if (passing->count++ < NAMED_MOST)
        text_printf(&passing->names, "%s'%s'", passing->names.length > 0 ? ", " : "", name);
}

static void tell_passed(struct finding *finding, const char *path, const char *because,
                        struct passing *passing)
{
    size_t more = passing->count > NAMED_MOST ? passing->count - NAMED_MOST : 0;

    if (more > 0)
        text_printf(&passing->names, " and %zu more", more);
    if (passing->count > 0)
        faults_add(finding->passed, NULL, 0, "%s: passed over, since %s: %s", path, because,
                   passing->names.bytes);
}

static bool find_inside(struct finding *finding, const char *path, int depth);

/* Adds the run that an entry of a folder is, or those that it holds; false where there is none. A
 * link to a run is one, and no other is followed: it may lead back. */
static bool find_entry(struct finding *finding, const char *path, int depth)
{
    struct stat about;

    if (results_is_run(path) && !results_is_export(path)) {
        add(finding, memory_text(path));
        return true;
    }
    return depth < DEPTH_MOST && lstat(path, &about) == 0 && S_ISDIR(about.st_mode) &&
           find_inside(finding, path, depth + 1);
}

/* Whether an entry of a folder is one of LLMPerf's files, or a folder of them. */
static bool is_llmperf(const char *path, const char *name)
{
    static const char *const endings[] = {"_summary.json", "_individual_responses.json"};
    char *inside = file_join(path, name);
    bool is = results_is_llmperf(inside);

    for (size_t i = 0; i < sizeof endings / sizeof *endings && !is; i++) {
        const char *end = strstr(name, endings[i]);
        char *stem = memory_bytes(name, end ? (size_t)(end - name) : 0);

        is = end && llmperf_file_is(path, stem);
        free(stem);
    }
    free(inside);
    return is;
}

/* Adds the runs in a folder; false where there is none. */
static bool find_inside(struct finding *finding, const char *path, int depth)
{
    struct dirent **entries;
    struct passing passing[PASSED_KINDS] = {0};
    size_t before = finding->count;
    int found = scandir(path, &entries, NULL, alphasort);

    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        char *inside = file_join(path, name);

        if (name[0] != '.' && !find_entry(finding, inside, depth))
            pass(&passing[is_llmperf(path, name) ? PASSED_LLMPERF : PASSED_OTHER], name);
        free(inside);
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
    for (int kind = 0; kind < PASSED_KINDS; kind++) {
        if (finding->count > before)
            tell_passed(finding, path, passed_because[kind], &passing[kind]);
        text_clear(&passing[kind].names);
    }
    return finding->count > before;
}

static const char *what_it_is(const char *path)
{
    return results_is_llmperf(path) ? "holds LLMPerf's results and no run directory"
                                    : "is not a run directory, and holds none";
}

/* What a shell lists of a folder may hold links that lead nowhere. */
static bool find(struct finding *finding, const char *path, struct error *error)
{
    struct stat about;

    if (stat(path, &about) != 0 && lstat(path, &about) != 0)
        return error_set(error, "%s: is not a run directory: %s", path, strerror(errno));
    if (results_is_run(path))
        add(finding, memory_text(path));
    else if (!find_inside(finding, path, 0))
        faults_add(finding->passed, NULL, 0, "%s: %s; passed over", path, what_it_is(path));
    return true;
}

char **run_folders_find(char *const *paths, struct faults *passed, struct error *error)
{
    struct finding finding = {.passed = passed};
    bool done = true;

    for (size_t i = 0; paths[i] && done; i++)
        done = find(&finding, paths[i], error);
    if (done && finding.count == 0) {
        faults_clear(passed);
        done = error_set(error, "%s: %s", paths[0], what_it_is(paths[0]));
    }
    add(&finding, NULL);
    if (done)
        return finding.folders;
    run_folders_free(finding.folders);
    return NULL;
}

void run_folders_free(char **folders)
{
    for (size_t i = 0; folders && folders[i]; i++)
        free(folders[i]);
    free(folders);
}
