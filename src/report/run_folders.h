/* Which run directories a command line means: each path is one, or a folder of some. */
#ifndef REPORT_RUN_FOLDERS_H
#define REPORT_RUN_FOLDERS_H

#include "core/error.h"

/* The run directories that `paths` (ends with NULL) name: a path that is one, else those in it and
 * in its folders, by name. What is no run is passed over and adds a sentence to `passed`, one for
 * each path; names in a folder that begin with a point are passed over without. NULL with a
 * sentence where a path is not there, or where nothing of them all is a run. Free each and the
 * list, which ends with NULL.
 */
char **run_folders_find(char *const *paths, struct faults *passed, struct error *error);

void run_folders_free(char **folders);

#endif
