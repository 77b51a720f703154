/* The main job: runs the rows that were prepared and leaves a run directory. */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "core/error.h"
#include "job/guide.h"
#include "job/prepare.h"
#include "store/run.h"

struct leading;

/* How much it tells on stderr while it runs. */
struct job_options {
    bool quiet, no_progress, verbose;
    bool no_advice;     /* that calibrate would bring something is not said */
    bool *never_ready;  /* set where wait_ready has passed; NULL: nobody asks */
    bool *nothing_left; /* set where a resumed run has all its steps, whole; NULL: the same */
    const char *resume; /* the run directory to resume; NULL: a new run */
    bool made;          /* the new run's folder is there, as run_create made it; `run` names it */
    /* Gets what differs where that is not the run that is asked for; NULL: nobody asks. */
    struct faults *differences;
    const struct guide *guide; /* chooses the steps; NULL: the order has them */
    struct leading *leading; /* the other ranks that run it too (leading.h); NULL: there are none */
    bool keep_inputs;     /* a new run's config and rows are copied into its folder (typed_run.h) */
    bool shared_endpoint; /* something else uses the endpoint too: no switch can be measured */
    const char *metrics_listen; /* the port at which to show the run to who watches; NULL: none */
};

/* Runs the rows one after another, or beside each other where the settings ask for it, until the
 * last has ended or the user stops it (interrupt.h); of a run that is resumed, those that are left.
 * False, with a sentence, where it is not the run that is asked for, where results cannot be
 * written or the machine refuses what it needs. `run` is where they are; clear it either way. */
bool job_run(const struct preparation *preparation, const struct job_options *options,
             struct run *run, struct error *error);

#endif
