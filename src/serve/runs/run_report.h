/* The reports of a run as the workbench shows them: made by `coebench report` from the run
 * directory as it stands, and made again where the run has changed since (made_report.h). Nothing
 * is written into the run's own folder. */
#ifndef SERVE_RUNS_RUN_REPORT_H
#define SERVE_RUNS_RUN_REPORT_H

#include "serve/runs/made_report.h"

/* As which the run at `path` below the root stands: when its newest file was written, how many
 * there are and of how many bytes; another state, another text. For the caller to free; NULL: the
 * run is not there. */
char *run_report_state(const struct workbench *workbench, const char *path);

/* Finds the reports of the run `id` at `path` below the root, and makes them where there are none
 * of its present state; `*stop` ends that. False with a sentence. Clear `made`. */
bool run_report_make(struct workbench *workbench, const char *id, const char *path,
                     atomic_bool *stop, struct made_report *made, struct error *error);

#endif
