/* One step of a run: a row's prompts go out, its records come back, its files are written. */
#ifndef JOB_STEP_H
#define JOB_STEP_H

#include <stdatomic.h>

#include "core/error.h"
#include "job/guide.h"
#include "job/prepare.h"
#include "job/stating.h"
#include "load/start.h"
#include "record/step.h"
#include "report/terminal/progress.h"
#include "store/recorder.h"
#include "store/run.h"
#include "telemetry/meters.h"
#include "telemetry/watch.h"

struct leading;

/* What a step needs of its run. */
struct step_job {
    const struct preparation *preparation;
    const struct run *run;
    struct recorder *recorder;
    struct progress *progress;
    struct watch *watch;     /* of what servers tell meanwhile; NULL: none */
    struct stating *stating; /* of what is loaded; NULL: nobody asks */
    struct meters *meters;   /* that show the run to who watches; NULL: nobody does */
    const struct row *row;
    size_t index;
    size_t attempt;           /* at this step, from 1 */
    size_t pass;              /* of the order; 0: a warm-up */
    long predecessor;         /* the index of the step before; −1: not known */
    atomic_bool *idle_silent; /* whether requests that touch no model go without a response: then
                               * no connection is opened by one; set where that shows, for all rows
                               * that run beside each other */
    struct places *places;    /* those it shares with the other members of its mix; NULL: own */
    size_t member;            /* its place among the rows of its visit */
    struct load_start *start; /* the moment at which it begins with others; NULL: it is alone */
    struct leading
        *leading; /* the other ranks that send it too (leading.h); NULL: there are none */
    const struct guide *guide; /* ends its load; NULL: the row does */
    atomic_bool *enough;       /* of its visit: set where the guide ends it, for all its rows */
    bool shared_endpoint;      /* something else uses the endpoint, from the run's beginning on */
    bool follows_cut_short;    /* the server may still be busy with the step before */
};

/* Runs the step and fills `step`, which the caller clears. False, with a sentence, where its
 * results cannot be written or the machine refuses what it needs. */
bool step_run(const struct step_job *job, struct step *step, struct error *error);

#endif
