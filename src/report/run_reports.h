/* How the reports of a run come to their place: at its end, and at the end of each resumption. */
#ifndef REPORT_RUN_REPORTS_H
#define REPORT_RUN_REPORTS_H

#include "report/runs.h"
#include "store/run.h"

/* Zeroed: those of a new run. */
struct run_reports {
    bool was_whole; /* before it was resumed: it was done, and nothing was left of it */
    char *own;      /* the beginning of the names of reports that it has written before, or NULL;
                     * owned */
};

/* Those of the run in the folder `path` that is about to be resumed, and whose manifest `before`
 * is: done, as that says; whether all of it is whole shows as it is resumed. */
struct run_reports run_reports_of(const char *path, const struct manifest_content *before);

/* Writes the study of `run` beside its steps, and its reports, which `runs` holds read back; notes
 * their names in the manifest. Those of a run that was whole before are left as they are, since
 * somebody may have worked in them, and what of them was lost is made again; those of a run that
 * was cut off are replaced. What another program has written stays either way. `base`, warnings and
 * errors are as reports_write has them. */
bool run_reports_write(const struct run *run, const struct runs *runs,
                       const struct run_reports *reports, char **base, struct faults *warnings,
                       struct error *error);

#endif
