/* The run directories below a folder and the comparisons beside them, and as which each stands
 * there: what tells whether one has changed since it was read. For the index alone. */
#ifndef STORE_INDEX_SCAN_H
#define STORE_INDEX_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum { SCAN_STAMP = 160 };

struct scan_folder {
    char *path; /* below the root */
    /* Inode and time of change (st_ctim, stat(2): no program can set it) of the folder, those and
     * the size of its manifest; "" where the last change is so young that another may not show. */
    char stamp[SCAN_STAMP];
};

/* A comparison's JSON; its stamp tells of inode, time of change and size. */
struct scan_file {
    char *path; /* below the root */
    char stamp[SCAN_STAMP];
};

struct scan {
    struct scan_folder *folder; /* as their paths sort */
    size_t count;
    struct scan_file *comparison; /* as their paths sort */
    size_t comparisons;
    char **unread; /* paths of folders that cannot be read: what is in them is not known */
    size_t unreads;
    struct faults problems; /* a sentence for each of these, and for names that no index can hold */
};

/* Whether the root is a folder that may hold runs: there, and no run itself. False with a sentence.
 */
bool scan_may(const char *root, struct error *error);

/* Finds them: in the folder and in folders of it, four deep, as reports do; comparisons outside of
 * runs, and those that the workbench keeps. No symbolic link is followed, and other names that
 * begin with a point are passed over, as are exports. False with a sentence where the root cannot
 * be read. Clear `scan` either way. */
bool scan_find(const char *root, struct scan *scan, struct error *error);

/* Whether a path is, or lies in, one of the folders that cannot be read. */
bool scan_cannot_tell(const struct scan *scan, const char *path);

/* The name of a symbolic link among a run's own files, which would lead out of it; free it. NULL:
 * there is none. */
char *scan_find_link(const char *folder);

void scan_clear(struct scan *scan);

#endif
