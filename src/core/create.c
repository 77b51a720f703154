#include "core/create.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/staging.h"

/* Folders that were made, those above first. */
struct made {
    char **folder;
    size_t count;
};

static bool make_one_folder(struct made *made, const char *path, struct error *error)
{
    struct stat about;

    if (mkdir(path, 0777) == 0) {
        made->folder = memory_grow(made->folder, made->count, sizeof *made->folder);
        made->folder[made->count++] = memory_text(path);
        return true;
    }
    if (errno != EEXIST)
        return error_set(error, "%s: the folder cannot be made: %s", path, strerror(errno));
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        return error_set(error, "%s: is not a folder; name another, or remove this file", path);
    return true;
}

/* The folder that a file stands in, and those above it. */
static bool make_folders(struct made *made, const char *file, struct error *error)
{
    char *part = file_folder(file);
    bool done = true;

    for (char *slash = strchr(*part ? part + 1 : part, '/'); done && slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        done = make_one_folder(made, part, error);
        *slash = '/';
    }
    done = done && make_one_folder(made, part, error);
    free(part);
    return done;
}

static bool complain_of_existing(const char *folder, const char *name, struct error *error)
{
    char *path = file_join(folder, name);

    error_set(error, "%s: is there already; nothing was written", path);
    free(path);
    return false;
}

static bool all_are_new(const char *folder, char *const *names, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        char *path = file_join(folder, names[i]);
        bool there = file_exists(path);

        free(path);
        if (there)
            return complain_of_existing(folder, names[i], error);
    }
    return true;
}

/* One file where it is made, with the folders that it needs there and in its place. */
static bool write_one(const struct staging *staging, const struct create_file *file,
                      struct made *made, struct error *error)
{
    char *path = file_join(staging->folder, file->path);
    char *aside = staging_path(staging, file->path), *folder = file_folder(aside);
    bool done = make_folders(made, path, error) && file_make_folders(folder, error) &&
                file_write(aside, file->text, strlen(file->text), error);

    free(path);
    free(aside);
    free(folder);
    return done;
}

static bool write_all(const char *folder, const struct create_file *file, char *const *names,
                      size_t count, struct made *made, struct error *error)
{
    struct staging staging;
    enum staging_end end = STAGING_FAILED;
    size_t written = 0;

    if (!staging_begin(&staging, folder, names[0], error))
        return false;
    while (written < count && write_one(&staging, &file[written], made, error))
        written++;
    if (written == count)
        end = staging_settle(&staging, names, count, false, error);
    else
        staging_rename_in(&staging, error);
    if (end == STAGING_TAKEN && all_are_new(folder, names, count, error))
        error_set(error, "%s: a file of the same name came and went; try again", folder);
    staging_end(&staging);
    return end == STAGING_SETTLED;
}

bool create_files(const char *folder, const struct create_file *file, size_t count,
                  struct error *error)
{
    char **names = memory_new(count, sizeof *names);
    char *first = file_join(folder, file[0].path);
    struct made made = {0};
    bool done;

    for (size_t i = 0; i < count; i++)
        names[i] = (char *)file[i].path;
    done = all_are_new(folder, names, count, error) && make_folders(&made, first, error) &&
           write_all(folder, file, names, count, &made, error);
    for (size_t i = made.count; i > 0; i--) {
        if (!done)
            rmdir(made.folder[i - 1]);
        free(made.folder[i - 1]);
    }
    free(made.folder);
    free(first);
    free(names);
    return done;
}
