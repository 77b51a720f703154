#include "serve/runs/archive.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/text.h"
#include "serve/runs/run_folder.h"

enum { BLOCK = 512 };
#define USTAR_MOST ((UINT64_C(1) << 33) - 1) /* bytes of a file that a ustar header can tell */

/* The header of a file in an archive (POSIX, pax, "ustar Interchange Format"). */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8], typeflag,
        linkname[100];
    char magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155], pad[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

struct archive {
    int folder, file; /* `file` −1: none is open */
    char *name;
    struct run_folder_files files;
    size_t next;         /* of the files */
    struct text pending; /* made, and not given out yet, from `given` on */
    size_t given;
    uint64_t left, padding; /* of the file that is open */
    bool ended;
};

struct archive *archive_new(int folder, const char *name)
{
    struct archive *archive = memory_new(1, sizeof *archive);

    archive->folder = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    archive->file = -1;
    archive->name = memory_text(name);
    run_folder_list(folder, &archive->files);
    return archive;
}

void archive_free(struct archive *archive)
{
    if (!archive)
        return;
    if (archive->file >= 0)
        close(archive->file);
    if (archive->folder >= 0)
        close(archive->folder);
    run_folder_files_clear(&archive->files);
    text_clear(&archive->pending);
    free(archive->name);
    free(archive);
}

static uint64_t padding_of(uint64_t length)
{
    return (BLOCK - length % BLOCK) % BLOCK;
}

static void add_zeros(struct text *text, size_t count)
{
    static const char zeros[BLOCK];

    for (; count >= BLOCK; count -= BLOCK)
        text_add(text, zeros, BLOCK);
    text_add(text, zeros, count);
}

/* The sum of its bytes, its own place read as blanks. */
static void seal(struct header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    unsigned sum = 0;

    memset(header->chksum, ' ', sizeof header->chksum);
    for (size_t i = 0; i < sizeof *header; i++)
        sum += bytes[i];
    snprintf(header->chksum, sizeof header->chksum, "%06o", sum);
}

static void add_header(struct text *text, const char *path, uint64_t length, int64_t changed_s,
                       char type)
{
    struct header header = {.mode = "0000644",
                            .uid = "0000000",
                            .gid = "0000000",
                            .typeflag = type,
                            .magic = "ustar",
                            .version = {'0', '0'}};
    uint64_t told = length > USTAR_MOST ? 0 : length;
    uint64_t changed = changed_s < 0 || (uint64_t)changed_s > USTAR_MOST ? 0 : (uint64_t)changed_s;

    memcpy(header.name, path, strnlen(path, sizeof header.name));
    snprintf(header.size, sizeof header.size, "%011" PRIo64, told);
    snprintf(header.mtime, sizeof header.mtime, "%011" PRIo64, changed);
    seal(&header);
    text_add(text, &header, sizeof header);
}

/* "LENGTH key=value\n", whose length counts its own digits. */
static void add_record(struct text *text, const char *key, const char *value)
{
    size_t rest = strlen(key) + strlen(value) + 3, length = rest + 1;
    char digits[24];

    while (length != rest + (size_t)snprintf(digits, sizeof digits, "%zu", length))
        length = rest + (size_t)snprintf(digits, sizeof digits, "%zu", length);
    text_printf(text, "%zu %s=%s\n", length, key, value);
}

/* What a ustar header cannot tell. */
static void add_extended(struct text *text, const char *path, uint64_t length, int64_t changed_s)
{
    struct text records = {0};
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, length);
    add_record(&records, "path", path);
    add_record(&records, "size", digits);
    add_header(text, "pax", records.length, changed_s, 'x');
    text_add(text, records.bytes, records.length);
    add_zeros(text, (size_t)padding_of(records.length));
    text_clear(&records);
}

/* Puts the headers of the next file that can be opened into `pending`; at the end of all, what ends
 * an archive. */
static void begin_next(struct archive *archive)
{
    while (archive->next < archive->files.count) {
        const struct run_folder_file *entry = &archive->files.file[archive->next++];
        uint64_t length;
        char *path;

        archive->file = run_folder_open_file(archive->folder, entry->path, &length);
        if (archive->file < 0)
            continue;
        path = memory_printf("%s/%s", archive->name, entry->path);
        if (strlen(path) > sizeof((struct header *)NULL)->name || length > USTAR_MOST)
            add_extended(&archive->pending, path, length, entry->changed_s);
        add_header(&archive->pending, path, length, entry->changed_s, '0');
        archive->left = length;
        archive->padding = padding_of(length);
        free(path);
        return;
    }
    add_zeros(&archive->pending, 2 * (size_t)BLOCK);
    archive->ended = true;
}

static size_t give_pending(struct archive *archive, char *bytes, size_t room)
{
    size_t left = archive->pending.length - archive->given, some = left < room ? left : room;

    memcpy(bytes, archive->pending.bytes + archive->given, some);
    archive->given += some;
    if (archive->given == archive->pending.length) {
        text_reset(&archive->pending);
        archive->given = 0;
    }
    return some;
}

/* The next of the open file's bytes; zeros for those that are gone. */
static size_t give_file(struct archive *archive, char *bytes, size_t room)
{
    size_t some = archive->left < room ? (size_t)archive->left : room;
    ssize_t got = some > 0 ? read(archive->file, bytes, some) : 0;

    if (got <= 0) {
        memset(bytes, 0, some);
        got = (ssize_t)some;
    }
    archive->left -= (uint64_t)got;
    if (archive->left == 0) {
        close(archive->file);
        archive->file = -1;
        add_zeros(&archive->pending, (size_t)archive->padding);
    }
    return (size_t)got;
}

size_t archive_read(struct archive *archive, char *bytes, size_t room)
{
    size_t got = 0;

    while (got == 0 && room > 0) {
        if (archive->pending.length > 0)
            return give_pending(archive, bytes, room);
        if (archive->file >= 0)
            got = give_file(archive, bytes, room);
        else if (archive->ended)
            return 0;
        else
            begin_next(archive);
    }
    return got;
}
