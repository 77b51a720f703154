/* A step under way, for who runs several together: begun, sent and ended one after another, or each
 * of these together with others. */
#ifndef JOB_STEPPING_H
#define JOB_STEPPING_H

#include "job/sending.h"
#include "job/step.h"
#include "store/step_files.h"

struct stepping {
    const struct step_job *job;
    struct step *step;
    struct step_files files;
    struct sending part[STEP_PARTS];
    struct prompter prompter;     /* of its load */
    struct metered_step *metered; /* NULL: it is not shown to who watches */
    bool is_watched;              /* what servers tell belongs to it */
    int64_t started_ns;           /* 0: nothing was sent yet */
    struct error *error;
};

/* Begins the step in the journal. What follows may be called only where this and all before it went
 * well; clear it either way. All are false with a sentence as step_run is. */
bool stepping_begin(struct stepping *stepping, const struct step_job *job, struct step *step,
                    struct error *error);

/* Sends all of its requests and waits for their end. */
bool stepping_send(struct stepping *stepping);

/* Counts their texts by the tokenizer, where there is one, while nothing is sent by this step or
 * any other; then each part's requests stand in start order. */
bool stepping_count(struct stepping *stepping);

/* Sums it up and writes its files. `marks`, of the load's and the phases' requests in start order,
 * are what they have in common with those of other steps; NULL: nothing. */
bool stepping_end(struct stepping *stepping, const struct request_mark *const marks[STEP_PARTS]);

void stepping_clear(struct stepping *stepping);

#endif
