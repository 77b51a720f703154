#include "serve/runs/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

enum { PART = 256 };

/* Copies the first part of a path and moves behind it; false where it is none that leads down. */
static bool take_part(const char **path, char part[PART])
{
    size_t length = strcspn(*path, "/");

    if (length == 0 || length >= PART)
        return false;
    memcpy(part, *path, length);
    part[length] = '\0';
    *path += length + ((*path)[length] == '/');
    return strcmp(part, ".") != 0 && strcmp(part, "..") != 0;
}

static int refuse(int open_folder)
{
    close(open_folder);
    errno = ENOENT;
    return -1;
}

/* One part down; closes where it was. */
static int go_down(int from, const char *part, int flags)
{
    int made = openat(from, part, flags | O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    int why = errno;

    close(from);
    errno = why;
    return made;
}

static int open_below(int root, const char *path, int last)
{
    int at = fcntl(root, F_DUPFD_CLOEXEC, 0);

    while (at >= 0 && *path) {
        char part[PART];

        if (!take_part(&path, part))
            return refuse(at);
        at = go_down(at, part, *path ? O_DIRECTORY : last);
    }
    return at;
}

int run_folder_open(int root, const char *path)
{
    return open_below(root, path, O_DIRECTORY);
}

int run_folder_open_file(int folder, const char *path, uint64_t *length)
{
    struct stat facts;
    int file = open_below(folder, path, 0);

    if (file < 0)
        return -1;
    if (fstat(file, &facts) < 0 || !S_ISREG(facts.st_mode))
        return refuse(file);
    *length = (uint64_t)facts.st_size;
    return file;
}

static void add(struct run_folder_files *files, char *path, const struct stat *facts)
{
    files->file = memory_grow(files->file, files->count, sizeof *files->file);
    files->file[files->count++] = (struct run_folder_file){
        .path = path, .length = (uint64_t)facts->st_size, .changed_s = facts->st_mtim.tv_sec};
}

static void list(int folder, const char *before, int depth, struct run_folder_files *files);

static void list_one(int folder, const char *before, const char *name, int depth,
                     struct run_folder_files *files)
{
    char *path = memory_printf("%s%s", before, name);
    struct stat facts;

    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISREG(facts.st_mode)) {
            add(files, path, &facts);
            return;
        }
        if (S_ISDIR(facts.st_mode) && depth < RUN_FOLDER_DEPTH) {
            char *below = memory_printf("%s/", path);

            list(run_folder_open(folder, name), below, depth + 1, files);
            free(below);
        }
    }
    free(path);
}

/* Closes `folder`; −1 has nothing. */
static void list(int folder, const char *before, int depth, struct run_folder_files *files)
{
    DIR *names = folder >= 0 ? fdopendir(folder) : NULL;

    if (!names) {
        if (folder >= 0)
            close(folder);
        return;
    }
    for (struct dirent *entry; (entry = readdir(names));) {
        if (entry->d_name[0] != '.')
            list_one(folder, before, entry->d_name, depth, files);
    }
    closedir(names);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct run_folder_file *)a)->path,
                  ((const struct run_folder_file *)b)->path);
}

void run_folder_list(int folder, struct run_folder_files *files)
{
    *files = (struct run_folder_files){0};
    list(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "", 0, files);
    if (files->count > 0)
        qsort(files->file, files->count, sizeof *files->file, by_path);
}

void run_folder_files_clear(struct run_folder_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->file[i].path);
    free(files->file);
    *files = (struct run_folder_files){0};
}
