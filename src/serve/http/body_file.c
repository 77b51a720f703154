#include "serve/http/body_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "serve/own_folder.h"

const char body_file_folder[] = "uploads";

enum { PART_NAME = OWN_NAME + 8 };

struct body_file {
    int folder, file; /* −1: not open */
    char name[OWN_NAME], part[PART_NAME];
    uint64_t length;
    size_t most;
    bool failed, kept;
    struct error error; /* where it failed */
};

static void fail(struct body_file *file)
{
    file->failed = true;
    error_set(&file->error, "the file cannot be written to the disk: %s", strerror(errno));
}

struct body_file *body_file_new(const struct workbench *workbench, size_t most)
{
    struct body_file *file = memory_new(1, sizeof *file);

    file->most = most;
    file->file = -1;
    own_name_draw(file->name);
    snprintf(file->part, sizeof file->part, ".%s.part", file->name);
    file->folder = own_folder_open(workbench, body_file_folder, &file->error);
    file->failed = file->folder < 0;
    if (file->failed)
        return file;
    file->file = openat(file->folder, file->part,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file->file < 0)
        fail(file);
    return file;
}

bool body_file_add(struct body_file *file, const char *bytes, size_t length)
{
    file->length += length;
    if (file->length > file->most)
        return false;
    while (!file->failed && length > 0) {
        ssize_t written = write(file->file, bytes, length);

        if (written < 0 && errno != EINTR)
            fail(file);
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return true;
}

char *body_file_keep(struct body_file *file, const char *ending, uint64_t *length,
                     struct error *error)
{
    char *name;

    if (file->failed) {
        *error = file->error;
        return NULL;
    }
    name = memory_printf("%s%s", file->name, ending);
    if (renameat(file->folder, file->part, file->folder, name) == 0) {
        file->kept = true;
        *length = file->length;
        return name;
    }
    fail(file);
    *error = file->error;
    free(name);
    return NULL;
}

void body_file_free(struct body_file *file)
{
    if (!file)
        return;
    if (file->file >= 0)
        close(file->file);
    if (file->file >= 0 && !file->kept)
        unlinkat(file->folder, file->part, 0);
    if (file->folder >= 0)
        close(file->folder);
    free(file);
}
