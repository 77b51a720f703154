#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/run_pid.h"

const char journal_file_name[] = "journal.jsonl";

static bool failed(const struct journal *journal, struct error *error)
{
    return error_set(error, "%s: cannot be written: %s", journal->path, strerror(errno));
}

static bool refuse_second(const char *path, struct error *error)
{
    char *folder = file_folder(path), whom[48] = "";
    pid_t pid;
    int fd = run_pid_open(folder, &pid);

    if (fd >= 0) {
        snprintf(whom, sizeof whom, " (kill -INT %ld)", (long)pid);
        close(fd);
    }
    free(folder);
    return error_set(error,
                     "%s: another coebench is writing to this run; wait for its end, or stop it%s",
                     path, whom);
}

/* Who asks whether a journal is locked holds the lock for that moment (journal_is_locked). */
static bool take_lock(int fd)
{
    static const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    enum { TRIES = 100 };
    bool taken = flock(fd, LOCK_EX | LOCK_NB) == 0;

    for (int i = 1; i < TRIES && !taken && errno == EWOULDBLOCK; i++) {
        nanosleep(&pause, NULL);
        taken = flock(fd, LOCK_EX | LOCK_NB) == 0;
    }
    return taken;
}

bool journal_is_locked(const char *folder)
{
    char *path = file_join(folder, journal_file_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    free(path);
    return locked;
}

static bool begin(struct journal *journal, const char *path, int flags, struct error *error)
{
    struct stat about;

    *journal = (struct journal){.lock = PTHREAD_MUTEX_INITIALIZER,
                                .sync_lock = PTHREAD_MUTEX_INITIALIZER,
                                .path = memory_text(path)};
    journal->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags, 0666);
    if (journal->fd < 0)
        return failed(journal, error);
    if (fstat(journal->fd, &about) != 0 || !S_ISREG(about.st_mode))
        return error_set(error, "%s: is not a regular file, as a journal must be", path);
    if (take_lock(journal->fd))
        return true;
    if (errno != EWOULDBLOCK)
        return failed(journal, error);
    return refuse_second(path, error);
}

bool journal_open(struct journal *journal, const char *path, struct error *error)
{
    return begin(journal, path, O_CREAT | O_EXCL, error);
}

/* Where the last whole line ends; −1 where that cannot be read. */
static off_t end_of_lines(int fd)
{
    char part[65536];
    off_t at = lseek(fd, 0, SEEK_END);

    while (at > 0) {
        size_t length = at < (off_t)sizeof part ? (size_t)at : sizeof part;
        const char *last;

        at -= (off_t)length;
        if (pread(fd, part, length, at) != (ssize_t)length)
            return -1;
        last = memrchr(part, '\n', length);
        if (last)
            return at + (last - part) + 1;
    }
    return at;
}

bool journal_reopen(struct journal *journal, const char *path, struct error *error)
{
    if (!begin(journal, path, 0, error))
        return false;
    journal->size = end_of_lines(journal->fd);
    return (journal->size >= 0 && ftruncate(journal->fd, journal->size) == 0) ||
           failed(journal, error);
}

static bool write_line(struct journal *journal, const struct text *line, struct error *error)
{
    const char *bytes = line->bytes;
    size_t left = line->length;

    while (left > 0) {
        ssize_t put = pwrite(journal->fd, bytes, left, journal->size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return failed(journal, error);
        bytes += put;
        left -= (size_t)put;
        journal->size += put;
    }
    return true;
}

/* Appends a whole line and says where it begins; of one that does not fit, nothing stays. */
static bool append(struct journal *journal, const struct text *line, off_t *begins,
                   struct error *error)
{
    bool done;

    pthread_mutex_lock(&journal->lock);
    *begins = journal->size;
    done = write_line(journal, line, error);
    if (!done && ftruncate(journal->fd, *begins) == 0)
        journal->size = *begins;
    pthread_mutex_unlock(&journal->lock);
    return done;
}

bool journal_add_object(struct journal *journal, size_t step, const char *what,
                        const struct text *object, struct journal_place *place, struct error *error)
{
    struct text line = {0};
    size_t before;
    off_t begins;
    bool done;

    text_printf(&line, "{\"step\":%zu,\"%s\":", step, what);
    before = line.length;
    text_add(&line, object->bytes, object->length);
    text_add_string(&line, "}\n");
    done = append(journal, &line, &begins, error);
    *place = (struct journal_place){begins + (off_t)before, object->length};
    text_clear(&line);
    return done;
}

bool journal_add_mark(struct journal *journal, size_t step, const char *what, const char *text,
                      struct error *error)
{
    struct text line = {0};
    off_t begins;
    bool done;

    text_printf(&line, "{\"step\":%zu,\"%s\":", step, what);
    text_add_json(&line, text);
    text_add_string(&line, "}\n");
    done = append(journal, &line, &begins, error);
    text_clear(&line);
    return done;
}

bool journal_read(const struct journal *journal, struct journal_place place, struct text *text,
                  struct error *error)
{
    char *bytes = memory_new(place.length, 1);
    size_t done = 0;

    while (done < place.length) {
        ssize_t got = pread(journal->fd, bytes + done, place.length - done, place.at + (off_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    if (done == place.length)
        text_add(text, bytes, done);
    else
        error_set(error, "%s: cannot be read again: %s", journal->path, strerror(errno));
    free(bytes);
    return done == place.length;
}

bool journal_sync(struct journal *journal, struct error *error)
{
    int failure;

    pthread_mutex_lock(&journal->sync_lock);
    if (journal->sync_failure == 0 && fdatasync(journal->fd) != 0)
        journal->sync_failure = errno;
    failure = journal->sync_failure;
    pthread_mutex_unlock(&journal->sync_lock);
    errno = failure;
    return failure == 0 || failed(journal, error);
}

void journal_places_set(struct journal_places *places, size_t index, struct journal_place place)
{
    while (index >= places->room) {
        size_t room = places->room ? 2 * places->room : 64;

        places->place = memory_resize(places->place, room, sizeof *places->place);
        memset(places->place + places->room, 0, (room - places->room) * sizeof *places->place);
        places->room = room;
    }
    places->place[index] = place;
    if (index >= places->count)
        places->count = index + 1;
}

void journal_places_clear(struct journal_places *places)
{
    free(places->place);
    *places = (struct journal_places){0};
}

void journal_close(struct journal *journal)
{
    if (journal->path && journal->fd >= 0)
        close(journal->fd);
    free(journal->path);
    *journal = (struct journal){.fd = -1};
}
