/* Which run directories are one run: those that have a step in common, by its UUID, and those that
 * are one folder by two names. A step whose files have been renamed and lack a UUID goes by its
 * figures. A copy that counted as a run of its own would make the same requests
 * count twice. */
#ifndef REPORT_COPIES_H
#define REPORT_COPIES_H

#include "store/results.h"

/* Sets `of[i]`, for each of `count` runs, to the first of the runs before it that it is a copy of,
 * leaving out those that are copies themselves; SIZE_MAX: of none. */
void copies_find(const struct results *const *runs, size_t count, size_t *of);

#endif
