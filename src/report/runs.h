/* Run directories, read back and studied together. */
#ifndef REPORT_RUNS_H
#define REPORT_RUNS_H

#include "report/report.h"

struct runs {
    struct results *results; /* in the order they were named; each run once */
    size_t count;
    struct study study;   /* of all of them */
    struct report report; /* of all that */
    struct faults notes;  /* what was passed over or left out, and why: a sentence each */
    bool copied;          /* a run was left out that is a copy of another; then also … */
    char *copy, *original;
    char *definitions; /* the report's sentence; NULL: all mean the same */
};

/* Reads the runs that `paths` (ends with NULL) name, run directories and folders of them
 * (run_folders.h), and concludes. A run that is a copy of one before it (copies.h) is left out.
 * False with a sentence where one cannot be read. Clear `runs` either way. */
bool runs_read(char **paths, struct runs *runs, struct error *error);

/* Notes in `definitions`, and for the reports of `runs`, where not all steps mean the same by their
 * figures (the manifest's definitions); `others` may be NULL. */
void runs_note_definitions(struct runs *runs, const struct runs *others);

void runs_clear(struct runs *runs);

#endif
