/* The run directory of a run that was typed on one command line: its config and its rows stand in
 * the folder "inputs" there (store/run.h), so that it is read, resumed and planned like any other.
 * It is made before the plan is checked, and taken away again where that is not sound. */
#ifndef JOB_TYPED_RUN_H
#define JOB_TYPED_RUN_H

#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"
#include "job/typed_inputs.h"
#include "store/manifest_content.h"
#include "store/run.h"

struct typed_run {
    struct run run; /* whose folder is there; the job clears nothing of it */
    char *config;   /* the path of its config; owned */
    char *results;  /* the folder of results, and … */
    char *made;     /* … the uppermost that was made for it; NULL: none; both owned */
};

/* Makes the folder of a new run under `results` (a path as settings have it, `~` and variables
 * expanded), named by `name` or, where that is NULL, by the date; and in it the files. The config's
 * paths are filled in. False with a sentence, and nothing new is there. Clear `typed` either way.
 */
bool typed_run_make(struct typed_run *typed, const char *results, const char *name,
                    const struct text *rows, const struct typed_config *config,
                    struct error *error);

/* Takes all away that typed_run_make made, where the run has not begun. */
void typed_run_abandon(const struct typed_run *typed);

/* Copies the files of a run's config and rows into its folder, where a run that was typed has them,
 * and gives their paths there, for the caller to free. False with a sentence. */
bool typed_run_keep(const char *folder, const char *config, const char *rows, char **kept_config,
                    char **kept_rows, struct error *error);

void typed_run_clear(struct typed_run *typed);

/* The config in a run's own folder, wherever that stands now, for the caller to free; NULL: the run
 * whose manifest that is was not typed, or it is gone. */
char *typed_run_config(const char *folder, const struct manifest_content *before);

#endif
