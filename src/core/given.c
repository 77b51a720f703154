#include "core/given.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/memory.h"

struct given_file {
    char *path;
    char *place; /* what is opened in its place; NULL: it was noted only */
    int fd;
};

static struct {
    pthread_mutex_t lock;
    enum { AS_USUAL, NOTES, HAS_GIVEN } mode;
    struct given_file *file;
    size_t count;
} given = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Where a process that was given files has no other. */
static const char nowhere[] = "/proc/self/fd/none";

static struct given_file *find(const char *path)
{
    for (size_t i = 0; i < given.count; i++) {
        if (strcmp(given.file[i].path, path) == 0)
            return &given.file[i];
    }
    return NULL;
}

static struct given_file *add(const char *path)
{
    given.file = memory_grow(given.file, given.count, sizeof *given.file);
    given.file[given.count] = (struct given_file){.path = memory_text(path), .fd = -1};
    return &given.file[given.count++];
}

void given_note(void)
{
    given.mode = NOTES;
}

void given_begin(void)
{
    given.mode = HAS_GIVEN;
}

const char *given_path(const char *path)
{
    const struct given_file *file;
    const char *place = path;

    if (given.mode == AS_USUAL)
        return path;
    pthread_mutex_lock(&given.lock);
    file = find(path);
    if (given.mode == HAS_GIVEN)
        place = file ? file->place : nowhere;
    else if (!file)
        add(path);
    pthread_mutex_unlock(&given.lock);
    return place;
}

size_t given_noted_count(void)
{
    return given.count;
}

const char *given_noted(size_t i)
{
    return given.file[i].path;
}

static bool fill(int fd, const struct text *bytes)
{
    size_t at = 0;

    while (at < bytes->length) {
        ssize_t put = write(fd, bytes->bytes + at, bytes->length - at);

        if (put < 0 && errno != EINTR)
            return false;
        at += put > 0 ? (size_t)put : 0;
    }
    return true;
}

bool given_add(const char *path, const struct text *bytes, struct error *error)
{
    int fd = memfd_create("coebench-input", MFD_CLOEXEC);
    struct given_file *file;

    if (fd < 0 || !fill(fd, bytes)) {
        error_set(error, "'%s', which another rank gave, does not fit into memory: %s", path,
                  strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    pthread_mutex_lock(&given.lock);
    file = find(path);
    file = file ? file : add(path);
    if (file->fd >= 0)
        close(file->fd);
    free(file->place);
    file->fd = fd;
    file->place = memory_printf("/proc/self/fd/%d", fd);
    pthread_mutex_unlock(&given.lock);
    return true;
}

void given_clear(void)
{
    for (size_t i = 0; i < given.count; i++) {
        free(given.file[i].path);
        free(given.file[i].place);
        if (given.file[i].fd >= 0)
            close(given.file[i].fd);
    }
    free(given.file);
    given.file = NULL;
    given.count = 0;
    given.mode = AS_USUAL;
}
