/* The reports of a run as the workbench shows them: made by `coebench report` from the run
 * directory as it stands, into a folder of the workbench's own, and made again where the run has
 * changed since. Nothing is written into the run's own folder. */
#ifndef SERVE_RUN_REPORT_H
#define SERVE_RUN_REPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

struct workbench;

/* The folder of the workbench's own below the root: all in it may be deleted. */
extern const char workbench_own_folder[];

struct run_report {
    char *folder;          /* below the root, where they are; owned */
    char *page, *workbook; /* their names in it; NULL: there is none; owned */
};

/* Finds the reports of the run `id` at `path` below the root, and makes them where there are none
 * of its present state; `*stop` ends that. False with a sentence. Clear `report`. */
bool run_report_make(struct workbench *workbench, const char *id, const char *path,
                     atomic_bool *stop, struct run_report *report, struct error *error);

void run_report_clear(struct run_report *report);

#endif
