#include "serve/own_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/random.h"
#include "serve/runs/run_report.h"
#include "serve/workbench.h"

enum { PART = 64 };

void own_name_draw(char name[OWN_NAME])
{
    snprintf(name, OWN_NAME, "%016llx%016llx", (unsigned long long)random_fresh(),
             (unsigned long long)random_fresh());
}

/* One folder down, made where it is not there; closes where it was. */
static int go_down(int from, const char *part)
{
    int made = -1, why;

    if (mkdirat(from, part, 0700) == 0 || errno == EEXIST)
        made = openat(from, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    why = errno;
    close(from);
    errno = why;
    return made;
}

int own_folder_open(const struct workbench *workbench, const char *path, struct error *error)
{
    const char *rest = path;
    int at = fcntl(workbench->folder, F_DUPFD_CLOEXEC, 0);

    if (at >= 0)
        at = go_down(at, workbench_own_folder);
    while (at >= 0 && *rest) {
        char part[PART];
        size_t length = strcspn(rest, "/");

        snprintf(part, sizeof part, "%.*s", (int)length, rest);
        at = go_down(at, part);
        rest += length + (rest[length] == '/');
    }
    if (at < 0)
        error_set(error, "the workbench's folder %s/%s cannot be used: %s", workbench_own_folder,
                  path, strerror(errno));
    return at;
}

static bool write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

bool own_folder_write(int folder, const char *name, const void *bytes, size_t length,
                      struct error *error)
{
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool done = file >= 0 && write_all(file, bytes, length);

    if (!done)
        error_set(error, "the workbench's file %s cannot be written: %s", name, strerror(errno));
    if (file >= 0)
        close(file);
    if (file >= 0 && !done)
        unlinkat(folder, name, 0);
    return done;
}

char *own_folder_path(const struct workbench *workbench, const char *path)
{
    return memory_printf("%s/%s/%s", workbench->root, workbench_own_folder, path);
}
