#include "core/spill.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/memory.h"

/* A file grows by so much at least. */
enum { STEP = 16 << 20 };

/* Those that stand in files, whoever they belong to: who passes through an array does not know
 * where it stands. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct spill *first;

static void enter(struct spill *spill)
{
    spill->next = first;
    first = spill;
}

static void leave(const struct spill *spill)
{
    struct spill **at = &first;

    while (*at && *at != spill)
        at = &(*at)->next;
    if (*at)
        *at = spill->next;
}

/* Maps a file that has room for so much; NULL where there is none. */
static void *map(int fd, size_t room)
{
    void *bytes = MAP_FAILED;

    if (fd >= 0 && fallocate(fd, 0, 0, (off_t)room) == 0)
        bytes = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static size_t whole_steps(size_t bytes)
{
    return (bytes + STEP - 1) / STEP * STEP;
}

/* False where the file system has no file of that kind, or no room. */
static bool to_file(struct spill *spill, size_t bytes, const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    size_t room = whole_steps(bytes);
    void *mapped = map(fd, room);

    if (!mapped) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (spill->room > 0)
        memcpy(mapped, spill->bytes, spill->room);
    free(spill->bytes);
    *spill = (struct spill){.bytes = mapped, .room = room, .fd = fd};
    pthread_mutex_lock(&lock);
    enter(spill);
    pthread_mutex_unlock(&lock);
    return true;
}

static void to_memory(struct spill *spill, size_t room)
{
    void *bytes = memory_new(room, 1);

    memcpy(bytes, spill->bytes, spill->room);
    spill_clear(spill);
    spill->bytes = bytes;
    spill->room = room;
}

static void grow_file(struct spill *spill, size_t bytes)
{
    size_t room =
        whole_steps(bytes > spill->room + spill->room / 8 ? bytes : spill->room + spill->room / 8);
    void *mapped;

    pthread_mutex_lock(&lock);
    mapped = map(spill->fd, room);
    if (mapped) {
        munmap(spill->bytes, spill->room);
        spill->bytes = mapped;
        spill->room = room;
    }
    pthread_mutex_unlock(&lock);
    if (!mapped)
        to_memory(spill, room);
}

void spill_grow(struct spill *spill, size_t bytes, const char *folder)
{
    size_t room = spill->room ? spill->room : 4096;

    if (bytes <= spill->room)
        return;
    if (spill->fd >= 0) {
        grow_file(spill, bytes);
        return;
    }
    while (room < bytes)
        room *= 2;
    if (room >= SPILL_FROM && spill->room < SPILL_FROM && to_file(spill, bytes, folder))
        return;
    spill->bytes = memory_resize(spill->bytes, room, 1);
    spill->room = room;
}

static bool holds(const struct spill *spill, const char *at)
{
    const char *bytes = spill->bytes;

    return at >= bytes && at < bytes + spill->room;
}

void spill_let_go(const void *at)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    pthread_mutex_lock(&lock);
    for (struct spill *spill = first; spill; spill = spill->next) {
        if (holds(spill, at))
            madvise(spill->bytes, (size_t)((const char *)at - (char *)spill->bytes) / page * page,
                    MADV_DONTNEED);
    }
    pthread_mutex_unlock(&lock);
}

void spill_swap(struct spill *a, struct spill *b)
{
    struct spill *const both[] = {a, b};
    struct spill kept = *a;

    pthread_mutex_lock(&lock);
    leave(a);
    leave(b);
    *a = *b;
    *b = kept;
    for (size_t i = 0; i < 2; i++) {
        if (both[i]->fd >= 0)
            enter(both[i]);
    }
    pthread_mutex_unlock(&lock);
}

void spill_clear(struct spill *spill)
{
    if (spill->fd >= 0) {
        pthread_mutex_lock(&lock);
        leave(spill);
        munmap(spill->bytes, spill->room);
        pthread_mutex_unlock(&lock);
        close(spill->fd);
    } else {
        free(spill->bytes);
    }
    *spill = (struct spill){.fd = -1};
}
