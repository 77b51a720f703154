/* One load of a step: prompts out, records back. A step has one for its row, and before it, where a
 * probe is asked for, one for each of the probe's bursts. */
#ifndef COMMAND_SENDING_H
#define COMMAND_SENDING_H

#include "command/prompter.h"
#include "command/step.h"
#include "load/load.h"
#include "store/step_files.h"

enum { SENDING_RECENT = 512 };

/* A part of a step under way. */
struct sending {
    const struct step_job *job;
    const struct row *row; /* what is asked for: the row, or a probe's burst */
    struct prompter *prompter;
    struct step_files *files;
    enum step_part part;
    size_t bursts;            /* of a probe: that were sent before this one */
    size_t first;             /* how many requests of the part were, and so this one's first */
    struct outcome *outcomes; /* one per record of the part; owned */
    size_t ended, room;
    size_t requests;                    /* of the part that have ended at least one attempt */
    size_t before;                      /* records of the bursts before this one */
    size_t retried;                     /* records after which the request was to be sent again */
    size_t failed_in_a_row;             /* requests, before any completed */
    size_t non_streaming;               /* answers that came whole */
    double recent_ttft[SENDING_RECENT]; /* of the last requests that completed, a ring */
    size_t completed;
    double output_tokens; /* of those */
    double output_asked;
    struct step failed; /* of it only the errors: what failed yet, by kind */
    struct error *error;
    bool unwritable;
    bool told_stop; /* that the run is being stopped */
};

/* Sends a load within `timeout_s` and waits for its end. False, with a sentence, where its results
 * cannot be written or the machine refuses what it needs. */
bool sending_run(struct sending *sending, double timeout_s, struct load_result *result);

/* Puts what came of it into start order, and marks what was sent again. */
void sending_sort(struct sending *sending);

void sending_clear(struct sending *sending);

#endif
