/* The main job: runs the rows that were prepared and leaves a run directory. */
#ifndef COMMAND_JOB_H
#define COMMAND_JOB_H

#include "command/prepare.h"
#include "core/error.h"
#include "store/run.h"

/* How much it tells on stderr while it runs. */
struct job_options {
    bool quiet, no_progress, verbose;
};

/* What it left. */
struct job_result {
    struct run run;
    bool incomplete; /* a row hit its timeout, was stopped, or has no completed request */
    bool invalid;    /* a row measured the client, not the endpoint */
};

/* Runs the rows one after another, or beside each other where the settings ask for it, until the
 * last has ended or the user stops it (interrupt.h). False, with a sentence, where results cannot
 * be written or the machine refuses what it needs. Clear `result` either way. */
bool job_run(const struct preparation *preparation, const struct job_options *options,
             struct job_result *result, struct error *error);

void job_result_clear(struct job_result *result);

#endif
