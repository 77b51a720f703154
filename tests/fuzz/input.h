/* What fuzz targets share: a folder of their own for readers that take a path, and checks that end
 * the program where a reader does not keep its word. */
#ifndef INPUT_H
#define INPUT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/file.h"
#include "core/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define require(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            input_stop(#condition, __FILE__, __LINE__);                                            \
    } while (0)

static inline void input_stop(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
    abort();
}

/* What was refused has sentences, what was taken has none. */
static inline void require_faults(bool taken, const struct faults *faults)
{
    require(taken == (faults->count == 0));
    for (size_t i = 0; i < faults->count; i++)
        require(faults->text[i][0]);
}

static inline void require_sentence(bool taken, const struct error *error)
{
    require(taken || error->text[0]);
}

static inline bool input_is_utf8(const char *text)
{
    while (*text && text_utf8_length(text))
        text += text_utf8_length(text);
    return !*text;
}

static inline char **input_folder(void)
{
    static char *folder;

    return &folder;
}

static inline void input_leave(void)
{
    if (chdir("/") == 0)
        file_remove_folder(*input_folder());
    free(*input_folder());
}

/* Goes, once, to an empty folder in $TMPDIR, else in memory; it is gone when the program ends. */
static inline void input_enter(void)
{
    char **folder = input_folder();
    struct error error;

    if (*folder)
        return;
    setenv("TMPDIR", "/dev/shm", 0);
    *folder = file_make_temporary_folder(&error);
    if (!*folder || chdir(*folder) != 0)
        exit(2);
    atexit(input_leave);
}

static inline void input_write(const char *path, const void *bytes, size_t length)
{
    FILE *out = fopen(path, "we");

    require(out && fwrite(bytes, 1, length, out) == length && fclose(out) == 0);
}

/* The same for the one file that a target writes anew for each input, and that no reader replaces:
 * it stays open, which saves a fifth of the time. */
static inline void input_put(const char *path, const void *bytes, size_t length)
{
    static int file = -1;

    if (file < 0)
        file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    require(file >= 0 && pwrite(file, bytes, length, 0) == (ssize_t)length &&
            ftruncate(file, (off_t)length) == 0);
}

/* What the first byte picks of so many kinds: the digits from 0 on, and every other byte too. */
static inline unsigned input_kind(const uint8_t *bytes, unsigned kinds)
{
    return (uint8_t)(bytes[0] - '0') % kinds;
}

/* The bytes in a block that ends where they end, for the caller to free. */
static inline char *input_copy(const uint8_t *bytes, size_t length)
{
    char *copy = memory_new(1, length);

    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

#endif
