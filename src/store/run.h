/* The run directory: the database of a run. `run` writes it row by row; every report is made from
 * it alone. What is in it: manifest.json, journal.jsonl, while it runs run.pid, and two files for
 * each step, three where texts are kept. */
#ifndef STORE_RUN_H
#define STORE_RUN_H

#include <stdint.h>

#include "core/error.h"

struct run {
    char *name;     /* of the folder and of the workbook */
    char *folder;   /* its path */
    char *workbook; /* path of the workbook to come */
};

/* The folder in a run's own that holds its config and its rows, where those were typed. */
extern const char run_inputs_name[], run_inputs_config[], run_inputs_rows[];

/* Whether run_create would find `folder` to be a folder that can be written in, or could make it;
 * makes nothing. False with a sentence. */
bool run_can_use(const char *folder, struct error *error);

/* Whether a run of that name that has begun is under these folders already; then also a sentence.
 */
bool run_is_taken(const char *parent, const char *workbooks, const char *name, struct error *error);

/* Makes the folder of a new run under `parent`, and the folder `workbooks`. With a `name` that is
 * taken, by a folder or a workbook, it fails, but for a folder that a run left which was cut off
 * before it began: nothing in its journal, and nothing besides; with NULL the name is the local
 * time of `wall_ns`, and "-2", "-3" … is added until it is free. */
bool run_create(struct run *run, const char *parent, const char *workbooks, const char *name,
                int64_t wall_ns, struct error *error);

/* Takes away what run_create made and whoever failed to begin the run has put there, what was typed
 * for it among that, as far as nothing else is in it: its name is free again. `journal` says that
 * the journal in it is his. */
void run_abandon(const struct run *run, bool journal);

/* One that is there, to be resumed: its folder, whose name is the run's. False with a sentence
 * where no run is there, or one that has sent nothing yet. */
bool run_open(struct run *run, const char *folder, const char *workbooks, struct error *error);

/* "<folder>/<name><ending>", for the caller to free. */
char *run_path(const struct run *run, const char *name, const char *ending);

void run_clear(struct run *run);

#endif
