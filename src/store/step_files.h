/* What a step leaves in the run directory while it runs and when it ends. */
#ifndef STORE_STEP_FILES_H
#define STORE_STEP_FILES_H

#include "record/request.h"
#include "record/step.h"
#include "store/recorder.h"
#include "store/run.h"

struct step_files {
    const struct run *run;
    struct recorder *recorder;
    struct recording recording[STEP_PARTS];
    bool keep_texts;
    const char *name; /* the step's; not owned */
};

/* Begins step `step`, named `name`, in the journal; with `keep_texts` it will leave
 * `_response_texts.jsonl` too. `files` stays where it is until step_files_clear. */
bool step_files_begin(struct step_files *files, const struct run *run, struct recorder *recorder,
                      size_t step, const char *name, bool keep_texts, struct error *error);

/* Hands an ended request over to the journal's thread (recorder.h), with its texts, which are kept
 * of the load's completed ones; NULL without `keep_texts`. */
bool step_files_add(struct step_files *files, enum step_part part, const struct request *request,
                    const struct figures *figures, const struct request_texts *texts,
                    struct error *error);

/* How many of the requests added to a part are in the journal. */
size_t step_files_written(const struct step_files *files, enum step_part part);

/* Adds the response's text of a record of the load to `completion`, where texts are kept, once the
 * requests added are in the journal; `kept` tells whether there is one. A NUL in it is C0 80
 * (core/nul.h). False with a sentence where the journal cannot be read. For once the load's last
 * request has ended. */
bool step_files_completion(struct step_files *files, size_t record, struct text *completion,
                           bool *kept, struct error *error);

/* Waits until the requests added are in the journal and the journal is on the disk; then writes
 * `_individual_responses.json` from it, in the order of the load's `outcomes` (one per request
 * added, in start order), in the same order the texts where they are kept; where there was a probe,
 * `_probe.json` in the order of its outcomes; where there was a warm-up or a cool-down,
 * `_phases.json` likewise; and `_summary.json`. `marks` of a part, in the order of its
 * outcomes, go into its requests; NULL, for it or for all: there are none. The fingerprint of what
 * was written is the last line of the step in the journal. */
bool step_files_end(struct step_files *files, const struct step *step,
                    const struct outcome *const outcomes[STEP_PARTS],
                    const struct request_mark *const marks[STEP_PARTS], const char *sampling_params,
                    struct error *error);

void step_files_clear(struct step_files *files);

#endif
