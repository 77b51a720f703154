/* A run directory read back: what every report is made from. Each step has its figures, and the
 * evidence of the switch to it, from the first requests of its load and its probe. */
#ifndef STORE_RESULTS_H
#define STORE_RESULTS_H

#include <stddef.h>

#include "core/error.h"
#include "record/step.h"
#include "store/manifest_content.h"

struct results {
    char *folder, *name; /* of the run: its folder, and that one's name */
    struct manifest_content manifest;
    struct step *step; /* in the order they ran */
    size_t count;
    bool repeats;   /* a row was visited more than once */
    size_t planned; /* more than ran, where a run was stopped or goes on */
};

/* Whether a folder holds a run: a manifest, or the starter kit's summaries. */
bool results_is_run(const char *folder);

/* How many of a load's requests, from its first, tell of the switch to its row. */
size_t results_look_at(const struct row *row);

/* Reads the steps of the run in `folder`, which may be one that goes on, or one of the starter kit,
 * which has no manifest. Clear `results` either way. */
bool results_read(const char *folder, struct results *results, struct error *error);

/* How a study that goes on until it is sure has ended, in a sentence; NULL: it has not, or is none.
 */
const char *results_study_end(const struct results *results);

/* How often the run, by its settings, is looked at while it goes on: stop_when's most passes, else
 * 1. Intervals of what is concluded from it have to allow for as many (study.looks). */
size_t results_looks(const struct results *results);

void results_clear(struct results *results);

#endif
