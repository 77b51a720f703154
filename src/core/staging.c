#include "core/staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

enum { TRIES = 10 };

/* Whether the lock was taken, and nobody has removed what it is on. */
static bool lock(int fd)
{
    struct stat about;

    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &about) == 0 &&
           about.st_nlink > 0;
}

/* Between making the folder and its lock another program may sweep it away: then again. */
bool staging_begin(struct staging *staging, const char *folder, const char *name,
                   struct error *error)
{
    char *file = file_join(folder, name);
    int fault = 0;

    *staging = (struct staging){.folder = memory_text(folder), .fd = -1};
    for (int i = 0; i < TRIES && fault == 0; i++) {
        staging->temporary = file_temporary(file);
        fault = mkdir(staging->temporary, 0777) == 0 ? 0 : errno;
        if (fault == 0)
            staging->fd = open(staging->temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fault == 0 && lock(staging->fd))
            break;
        if (staging->fd >= 0)
            close(staging->fd);
        rmdir(staging->temporary);
        free(staging->temporary);
        *staging = (struct staging){.folder = staging->folder, .fd = -1};
    }
    if (!staging->temporary) {
        error_set(error, "%s: cannot be written: %s", file, strerror(fault ? fault : EBUSY));
        free(staging->folder);
    }
    free(file);
    return staging->temporary != NULL;
}

char *staging_path(const struct staging *staging, const char *name)
{
    return file_join(staging->temporary, name);
}

/* --- Settling --------------------------------------------------------------------------------- */

static bool sync_path(const char *path, int flags)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    bool done = fd >= 0 && (fsync(fd) == 0 || (flags && errno == EINVAL));

    if (fd >= 0)
        close(fd);
    return done;
}

/* Some file systems have no links, and others no renaming that keeps what is there. */
static bool put(const char *from, const char *to, bool replaces)
{
    if (replaces)
        return rename(from, to) == 0;
    if (link(from, to) == 0)
        return true;
    if (errno == EEXIST)
        return false;
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

static bool put_one(const struct staging *staging, const char *name, bool replaces)
{
    char *from = staging_path(staging, name), *to = file_join(staging->folder, name);
    bool done = sync_path(from, 0) && put(from, to, replaces);
    int fault = errno;

    free(from);
    free(to);
    errno = fault;
    return done;
}

static void take_back(const struct staging *staging, const char *name)
{
    char *path = file_join(staging->folder, name);

    unlink(path);
    free(path);
}

enum staging_end staging_settle(struct staging *staging, char *const *names, size_t count,
                                bool replaces, struct error *error)
{
    size_t put_there = 0;
    int fault;

    while (put_there < count && put_one(staging, names[put_there], replaces))
        put_there++;
    if (put_there == count && sync_path(staging->folder, O_DIRECTORY))
        return STAGING_SETTLED;
    fault = errno;
    for (size_t i = 0; i < put_there && !replaces; i++)
        take_back(staging, names[i]);
    if (put_there < count && fault == EEXIST && !replaces)
        return STAGING_TAKEN;
    error_set(error, "%s/%s: cannot be written: %s", staging->folder,
              names[put_there < count ? put_there : 0], strerror(fault));
    return STAGING_FAILED;
}

void staging_rename_in(const struct staging *staging, struct error *error)
{
    const char *at = strstr(error->text, staging->temporary);
    struct error before = *error;

    if (at)
        error_set(error, "%.*s%s%s", (int)(at - error->text), before.text, staging->folder,
                  before.text + (at - error->text) + strlen(staging->temporary));
}

void staging_end(struct staging *staging)
{
    file_remove_folder(staging->temporary);
    close(staging->fd);
    free(staging->temporary);
    free(staging->folder);
    *staging = (struct staging){.fd = -1};
}

/* --- Sweeping --------------------------------------------------------------------------------- */

static void sweep_one(const char *path, bool files)
{
    struct stat about;
    bool folder = lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
    int fd;

    if (!folder && !(files && S_ISREG(about.st_mode)))
        return;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (lock(fd)) {
        if (folder)
            file_remove_folder(path);
        else
            unlink(path);
    }
    if (fd >= 0)
        close(fd);
}

void staging_sweep(const char *folder, bool files)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        if (file_is_temporary(entry->d_name)) {
            char *path = file_join(folder, entry->d_name);

            sweep_one(path, files);
            free(path);
        }
    }
    if (directory)
        closedir(directory);
}
