/* A run's folder as one tar file, made while it is sent: never in memory, never on the disk.
 * Format: POSIX.1-2001, pax interchange: ustar headers, and an extended one where a path has more
 * than 100 bytes or a file more than 8 GiB. A file that grows meanwhile is cut at the length that
 * its header tells; one that shrinks is filled with zero bytes. */
#ifndef SERVE_RUNS_ARCHIVE_H
#define SERVE_RUNS_ARCHIVE_H

#include <stddef.h>

struct archive;

/* Of the open folder, which it keeps a copy of; its files stand under "`name`/". Free it. */
struct archive *archive_new(int folder, const char *name);
void archive_free(struct archive *archive);

/* Fills up to `room` bytes with what comes next, and returns how many; 0 at its end. */
size_t archive_read(struct archive *archive, char *bytes, size_t room);

#endif
