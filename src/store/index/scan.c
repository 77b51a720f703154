#include "store/index/scan.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/clean.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/memory.h"
#include "store/manifest.h"
#include "store/results.h"

enum { DEPTH_MOST = 4 }; /* of folders in folders: releases, days, nodes */

/* Where the workbench keeps the comparisons that it makes (serve/made_report.h). */
static const char workbench_comparisons[] = ".workbench/comparisons";

/* Clocks of file systems tick as slowly as every two seconds. */
static const int64_t young_ns = 2 * CLOCK_NS_PER_S;

struct scanning {
    struct scan *scan;
    const char *root;
    int64_t now_ns;
};

static long long changed_ns(const struct stat *about)
{
    return about->st_ctim.tv_sec * CLOCK_NS_PER_S + about->st_ctim.tv_nsec;
}

static void stamp(char to[SCAN_STAMP], const struct stat *folder, const struct stat *manifest,
                  int64_t now_ns)
{
    long long last = changed_ns(folder), other = changed_ns(manifest);

    last = other > last ? other : last;
    to[0] = '\0';
    if (last < now_ns - young_ns)
        snprintf(to, SCAN_STAMP, "%llu %lld %llu %lld %lld", (unsigned long long)folder->st_ino,
                 changed_ns(folder), (unsigned long long)manifest->st_ino, other,
                 (long long)manifest->st_size);
}

static void stamp_file(char to[SCAN_STAMP], const struct stat *file, int64_t now_ns)
{
    to[0] = '\0';
    if (changed_ns(file) < now_ns - young_ns)
        snprintf(to, SCAN_STAMP, "%llu %lld %lld", (unsigned long long)file->st_ino,
                 changed_ns(file), (long long)file->st_size);
}

static void add_run(struct scanning *scanning, const char *path, const struct stat *folder,
                    const struct stat *manifest)
{
    struct scan *scan = scanning->scan;
    struct scan_folder *found;

    scan->folder = memory_grow(scan->folder, scan->count, sizeof *scan->folder);
    found = &scan->folder[scan->count++];
    *found = (struct scan_folder){.path = memory_text(path)};
    stamp(found->stamp, folder, manifest, scanning->now_ns);
}

static void pass_unread(struct scanning *scanning, const char *path, const char *whole)
{
    struct scan *scan = scanning->scan;

    faults_add(&scan->problems, NULL, 0,
               "%s: cannot be read: %s; what the index has of it stays as it was", whole,
               strerror(errno));
    scan->unread = memory_grow(scan->unread, scan->unreads, sizeof *scan->unread);
    scan->unread[scan->unreads++] = memory_text(path);
}

/* A name that stands in the index otherwise than on the disk would never be found again. */
static bool can_hold(struct scanning *scanning, const char *name, const char *whole)
{
    char *cleaned = clean_copy(name, CLEAN_LINE);
    bool can = strcmp(cleaned, name) == 0;

    free(cleaned);
    if (!can) {
        cleaned = clean_copy(whole, CLEAN_LINE);
        faults_add(&scanning->scan->problems, NULL, 0,
                   "%s: is left out: its name is no text; rename it", cleaned);
        free(cleaned);
    }
    return can;
}

static bool is_manifest(const char *folder, struct stat *about)
{
    char *path = file_join(folder, manifest_file_name);
    bool there = lstat(path, about) == 0;

    free(path);
    return there;
}

static bool look_inside(struct scanning *scanning, const char *path, int depth);

/* A folder, whole its path from here, is a run or holds some. */
static void look_at(struct scanning *scanning, const char *path, const char *whole, int depth)
{
    struct stat folder, manifest = {0};

    if (lstat(whole, &folder) != 0 || !S_ISDIR(folder.st_mode) || results_is_export(whole))
        return;
    if (is_manifest(whole, &manifest) || results_is_run(whole))
        add_run(scanning, path, &folder, &manifest);
    else if (depth < DEPTH_MOST && !look_inside(scanning, path, depth + 1))
        pass_unread(scanning, path, whole);
}

static bool is_open(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

/* "qualification_<run>.json", as `compare --output` calls it. */
static bool may_be_comparison(const struct dirent *entry)
{
    static const char begin[] = "qualification_", end[] = ".json";
    size_t length = strlen(entry->d_name);

    return (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) &&
           strncmp(entry->d_name, begin, sizeof begin - 1) == 0 &&
           length > sizeof begin - 1 + sizeof end - 1 &&
           strcmp(entry->d_name + length - (sizeof end - 1), end) == 0;
}

static void add_comparison(struct scanning *scanning, const char *path, const char *whole)
{
    struct scan *scan = scanning->scan;
    struct scan_file *found;
    struct stat about;

    if (lstat(whole, &about) != 0 || !S_ISREG(about.st_mode))
        return;
    scan->comparison = memory_grow(scan->comparison, scan->comparisons, sizeof *scan->comparison);
    found = &scan->comparison[scan->comparisons++];
    *found = (struct scan_file){.path = memory_text(path)};
    stamp_file(found->stamp, &about, scanning->now_ns);
}

static void look_at_entry(struct scanning *scanning, const struct dirent *entry, const char *path,
                          const char *whole, int depth)
{
    bool open = is_open(entry), comparison = may_be_comparison(entry);

    if ((!open && !comparison) || !can_hold(scanning, entry->d_name, whole))
        return;
    if (open)
        look_at(scanning, path, whole, depth);
    if (comparison)
        add_comparison(scanning, path, whole);
}

static bool look_inside(struct scanning *scanning, const char *path, int depth)
{
    char *folder = *path ? file_join(scanning->root, path) : memory_text(scanning->root);
    DIR *directory = opendir(folder);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        char *whole = file_join(folder, entry->d_name);
        char *below = *path ? file_join(path, entry->d_name) : memory_text(entry->d_name);

        look_at_entry(scanning, entry, below, whole, depth);
        free(below);
        free(whole);
    }
    free(folder);
    if (directory)
        closedir(directory);
    return directory != NULL;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct scan_folder *)a)->path, ((const struct scan_folder *)b)->path);
}

static int by_file(const void *a, const void *b)
{
    return strcmp(((const struct scan_file *)a)->path, ((const struct scan_file *)b)->path);
}

bool scan_may(const char *root, struct error *error)
{
    struct stat about;

    if (stat(root, &about) != 0)
        return error_set(error, "%s: cannot be read: %s; name a folder of runs", root,
                         strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return error_set(error, "%s: is no folder; name one that holds runs", root);
    return !results_is_run(root) ||
           error_set(error, "%s: is a run itself; name the folder that holds it", root);
}

bool scan_find(const char *root, struct scan *scan, struct error *error)
{
    struct scanning scanning = {.scan = scan, .root = root, .now_ns = clock_wall_ns()};

    *scan = (struct scan){0};
    if (!look_inside(&scanning, "", 0))
        return error_set(error, "%s: cannot be read: %s; name a folder of runs", root,
                         strerror(errno));
    look_inside(&scanning, workbench_comparisons, DEPTH_MOST - 1);
    if (scan->count > 0)
        qsort(scan->folder, scan->count, sizeof *scan->folder, by_path);
    if (scan->comparisons > 0)
        qsort(scan->comparison, scan->comparisons, sizeof *scan->comparison, by_file);
    return true;
}

bool scan_cannot_tell(const struct scan *scan, const char *path)
{
    for (size_t i = 0; i < scan->unreads; i++) {
        size_t length = strlen(scan->unread[i]);

        if (strncmp(scan->unread[i], path, length) == 0 &&
            (path[length] == '/' || path[length] == '\0'))
            return true;
    }
    return false;
}

static bool is_link(const char *folder, const struct dirent *entry)
{
    struct stat about;
    char *path;
    bool is;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_LNK;
    path = file_join(folder, entry->d_name);
    is = lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
    free(path);
    return is;
}

char *scan_find_link(const char *folder)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    char *name = NULL;

    while (directory && !name && (entry = readdir(directory))) {
        size_t length = strlen(entry->d_name);

        if (length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0 &&
            is_link(folder, entry))
            name = memory_text(entry->d_name);
    }
    if (directory)
        closedir(directory);
    return name;
}

void scan_clear(struct scan *scan)
{
    for (size_t i = 0; i < scan->count; i++)
        free(scan->folder[i].path);
    for (size_t i = 0; i < scan->comparisons; i++)
        free(scan->comparison[i].path);
    for (size_t i = 0; i < scan->unreads; i++)
        free(scan->unread[i]);
    free(scan->comparison);
    free(scan->folder);
    free(scan->unread);
    faults_clear(&scan->problems);
    *scan = (struct scan){0};
}
