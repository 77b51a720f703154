/* The main job: runs the rows that were prepared and leaves a run directory. */
#ifndef COMMAND_JOB_H
#define COMMAND_JOB_H

#include "command/prepare.h"
#include "core/error.h"
#include "store/run.h"

/* How much it tells on stderr while it runs. */
struct job_options {
    bool quiet, no_progress, verbose;
    const char *resume; /* the run directory to go on with; NULL: a new run */
};

/* Runs the rows one after another, or beside each other where the settings ask for it, until the
 * last has ended or the user stops it (interrupt.h); of a run that is gone on with, those that are
 * left. False, with a sentence, where it is not the run that is asked for, where results cannot be
 * written or the machine refuses what it needs. `run` is where they are; clear it either way. */
bool job_run(const struct preparation *preparation, const struct job_options *options,
             struct run *run, struct error *error);

#endif
