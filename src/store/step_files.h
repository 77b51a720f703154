/* What a step leaves in the run directory while it runs and when it ends. */
#ifndef STORE_STEP_FILES_H
#define STORE_STEP_FILES_H

#include "record/request.h"
#include "record/step.h"
#include "store/journal.h"
#include "store/run.h"

struct step_files {
    const struct run *run;
    struct journal *journal;
    size_t step;
    const char *name;            /* the step's; not owned */
    struct journal_place *place; /* of each request, by its index */
    size_t count, room;
    struct text line; /* room for the next request's object */
};

/* Begins step `step`, named `name`, in the journal. */
bool step_files_begin(struct step_files *files, const struct run *run, struct journal *journal,
                      size_t step, const char *name, struct error *error);

/* Appends an ended request to the journal. */
bool step_files_add(struct step_files *files, const struct request *request,
                    const struct figures *figures, struct error *error);

/* Writes `_individual_responses.json` from the journal, in the order of `outcomes` (one per request
 * added, in start order), and `_summary.json`. */
bool step_files_end(struct step_files *files, const struct step *step,
                    const struct outcome *outcomes, const char *sampling_params,
                    struct error *error);

void step_files_clear(struct step_files *files);

#endif
