/* A run under way, and how far it goes: a study until it is sure, a search as its guide has it.
 * Inside this room. */
#ifndef JOB_RUNNING_H
#define JOB_RUNNING_H

#include <pthread.h>
#include <stdatomic.h>

#include "job/early_end.h"
#include "job/exposing.h"
#include "job/job.h"
#include "job/stating.h"
#include "job/watching.h"
#include "report/terminal/progress.h"
#include "store/manifest.h"
#include "store/recorder.h"
#include "store/resumption.h"

/* A run under way. With rows in parallel its workers share it, what changes under `lock`. */
struct running {
    pthread_mutex_t lock;
    const struct preparation *preparation;
    const struct job_options *options;
    struct run *run;
    struct resumption resumption; /* zeroed for a new run */
    struct recorder recorder;
    struct manifest *manifest;
    struct progress progress;
    struct watch *watch;
    struct stating *stating;
    struct exposing exposing;
    char *kept_config, *kept_rows; /* copies in the run's folder; NULL: none was asked for; owned */
    bool has_pid;                  /* run.pid names this process */
    double *expected_s;            /* each step's guessed time */
    size_t next, end; /* the first step that no worker has taken; behind the last to take now */
    size_t steps;     /* of the run: those planned, or fewer where its study has ended */
    const struct row *guided; /* the rows of the visit that is next, where a guide chose them */
    bool study_ended;         /* it is sure, has had its most passes, or its guide has ended it */
    struct early_end early_end;
    bool ended_early;        /* no other row would fare better */
    atomic_bool idle_silent; /* requests that touch no model go without a response */
    atomic_bool failed;      /* results cannot be written: `error` says why */
    struct error error;
};

/* A study that has ended has the steps it had then; always true. */
bool running_count_steps(struct running *running);

/* Goes on to the next step that has not ended. */
void running_skip_ended(struct running *running);

/* Between two passes, and after the last: looks whether the study is sure, and ends it then. A look
 * that fails ends no run. False, with a sentence, where its end cannot be written. */
bool running_look(struct running *running, struct error *error);

/* Tells the guide of the steps that ended before the run was resumed. False, with a sentence, where
 * the journal does not have what it takes; true without a guide. */
bool running_recall(struct running *running, struct error *error);

/* Whether there is a step to run next: without a guide always, else by it. Where there is none, the
 * run has as many steps as it has now, and its manifest says so. */
bool running_choose(struct running *running);

/* Puts what the search has come to into the manifest, to be written with it; without a guide does
 * nothing. */
void running_sum_up(struct running *running);

#endif
