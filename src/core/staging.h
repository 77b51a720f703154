/* Files that come to their places together, under names that nobody has taken: they are made in a
 * folder of their own beside, whose lock says that somebody is at work, and then linked. */
#ifndef CORE_STAGING_H
#define CORE_STAGING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

struct staging {
    char *folder;    /* where the files go */
    char *temporary; /* where they are made: a folder in that one, whose name begins with a point */
    int fd;          /* of the temporary folder, locked */
};

/* Makes the temporary folder in `folder`, which is there. False with a sentence about the file
 * `name` that is to come there. End it with staging_end only where it began. */
bool staging_begin(struct staging *staging, const char *folder, const char *name,
                   struct error *error);

/* Where a file of that name is made, for the caller to free. */
char *staging_path(const struct staging *staging, const char *name);

enum staging_end { STAGING_SETTLED, STAGING_TAKEN, STAGING_FAILED };

/* Puts the `count` files of those names, all of which were made, on the disk and in their places:
 * all or none. STAGING_TAKEN where one of the names is taken, however late; with `replaces` what is
 * there is replaced. STAGING_FAILED with a sentence. */
enum staging_end staging_settle(struct staging *staging, char *const *names, size_t count,
                                bool replaces, struct error *error);

/* Names files by their places in a sentence about files that were being made. */
void staging_rename_in(const struct staging *staging, struct error *error);

/* Removes the temporary folder with all that is left in it. */
void staging_end(struct staging *staging);

/* Removes from `folder` the temporary folders, and with `files` the temporary files (file.h), of
 * programs that have ended before they were done. What somebody is at work on is locked, and stays.
 */
void staging_sweep(const char *folder, bool files);

#endif
