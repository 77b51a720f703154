/* Files whole: read with a ceiling, written beside and renamed, so that no reader ever sees half.
 */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/error.h"
#include "core/text.h"

/* Adds the content of a regular file of at most `ceiling` bytes to `text`. */
bool file_read(const char *path, size_t ceiling, struct text *text, struct error *error);

/* The same for a file that stands where others may put things: what is no regular file, such as a
 * FIFO, a socket or a device, is refused and never waited for. */
bool file_read_regular(const char *path, size_t ceiling, struct text *text, struct error *error);

/* Opens such a file to read; −1 with a sentence. The caller closes it. */
int file_open_regular(const char *path, struct error *error);

/* Replaces `path` by `length` bytes: written to a temporary file, locked meanwhile (flock(2)),
 * synced and renamed. */
bool file_write(const char *path, const void *bytes, size_t length, struct error *error);

/* The two ends of a write in parts: the caller fills the temporary file named by file_temporary
 * (which the caller frees) and closes it; file_settle syncs it and puts it in the place of `path`.
 */
char *file_temporary(const char *path);
bool file_settle(const char *temporary, const char *path, struct error *error);

/* The same for a file that is printed: file_draft_begin opens the temporary file, file_draft_end
 * closes it and puts it in the place of `path`, or where it could not be filled (`filled` is false,
 * and `error` tells why) removes it. False with a sentence. */
struct file_draft {
    FILE *out;
    char *path, *temporary;
};
bool file_draft_begin(struct file_draft *draft, const char *path, struct error *error);
bool file_draft_end(struct file_draft *draft, bool filled, struct error *error);

/* Whether a name is one that file_temporary gives. */
bool file_is_temporary(const char *name);

/* Removes temporary files from a folder: what a write that was cut off has left there. For who
 * knows that nobody else writes in it. */
void file_remove_temporaries(const char *folder);

/* Makes a folder and those above it; one that is there already is fine. */
bool file_make_folders(const char *path, struct error *error);

/* Makes an empty folder of its own for temporary files (in $TMPDIR, else /tmp); the path is the
 * caller's to free. NULL with a sentence where it cannot. */
char *file_make_temporary_folder(struct error *error);

/* Removes a folder with all that is in it, following no link; what cannot be removed stays. */
void file_remove_folder(const char *path);

/* Whether something is there under this name. */
bool file_exists(const char *path);

/* "folder/name", for the caller to free. */
char *file_join(const char *folder, const char *name);

/* The folder a file stands in ("." where the path names none), for the caller to free. */
char *file_folder(const char *path);

/* An input file's path, for the caller to free: `~` expanded; a relative one that is not there is
 * looked for in the folder that `beside` stands in. Where it is in neither, as it was given. */
char *file_find(const char *path, const char *beside);

/* `path` with a leading "~" or "~/" replaced by $HOME, for the caller to free. */
char *file_expand_home(const char *path);

/* Raises the number of files this process may have open to what the system allows it, and returns
 * that number; each connection is one. */
size_t file_raise_open_limit(void);

/* Takes the places of a standard input, output or error that is missing (2>&-), so that no file
 * that is opened later gets its number and what was meant for people. Each stays unusable: what is
 * written there, or read, fails. False where the system has no /dev/null. */
bool file_take_standard_places(void);

/* Makes room for so many open files now, as far as the limit goes. Else the kernel does it when a
 * file is opened and there is none: twice as much each time, and of a process with threads it then
 * waits until all processors have passed by (milliseconds). */
void file_make_room(size_t count);

/* How many connections to one address this machine has local ports for (ip_local_port_range,
 * ip(7)); 0 where it does not say. */
size_t file_local_ports(void);

/* SHA-256 of `length` bytes in lower-case hexadecimal. */
void file_sha256(const void *bytes, size_t length, char hex[65]);

/* The same of a regular file of any size, read in pieces. False with a sentence where it cannot be
 * read whole; what is no regular file is never waited for. */
bool file_digest(const char *path, char hex[65], struct error *error);

/* The version of OpenSSL, which digests, for the record. */
const char *file_sha256_library(void);

#endif
