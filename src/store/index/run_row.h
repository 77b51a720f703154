/* A run as a line of the index's table `run`: what its manifest and its steps tell of it as a
 * whole. For the index alone. */
#ifndef STORE_INDEX_RUN_ROW_H
#define STORE_INDEX_RUN_ROW_H

#include "store/index/columns.h"
#include "store/results.h"

enum { RUN_ID = 16 }; /* hexadecimal digits */

/* The words of the column `state`: the manifest's own, and those of a run that has not ended. */
extern const char run_state_running[]; /* a program writes to it */
extern const char run_state_cut_off[]; /* none does any more, and it has not ended */
extern const char run_state_done[];

struct run_row {
    const char *path, *name, *kind, *state, *started_utc, *ended_utc;
    const char *coebench_version, *definitions, *llm_api, *endpoint, *dialect, *order, *seed, *host,
        *study_end, *workbook;
    char *row_set; /* owned */
    size_t planned, steps, lost, started, completed, errors;
    int verdict; /* the worst of its steps' (enum measurement_verdict); −1: no step has ended */
    const char *measurement_verdict;
    bool searched;
};

/* Its columns, behind `id`; ends with a NULL name. */
extern const struct column run_columns[];

/* The first 16 hexadecimal digits of the SHA-256 of the run's path below the root. */
void run_id(const char *path, char id[RUN_ID + 1]);

/* Fills the line from what was read; texts are those of `results` and `path`. `locked` says whether
 * a program writes to it. Clear it. */
void run_row_fill(struct run_row *row, const char *path, const struct results *results,
                  bool locked);

void run_row_clear(struct run_row *row);

#endif
