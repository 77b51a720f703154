/* What run and bench share: a plan is carried out, its reports are written and printed; a run that
 * was cut off is resumed. Results go to stdout, everything else to stderr. */
#ifndef COMMAND_CARRYING_OUT_H
#define COMMAND_CARRYING_OUT_H

#include <stdbool.h>

#include "job/job.h"
#include "report/run_reports.h"

struct carrying_out {
    struct job_options job;
    const char *command; /* that resumes it; NULL: run */
    /* What is prepared is about to run: looks at it further, and may change the job's options.
     * False where that has printed why not. NULL: nothing is to be done. */
    bool (*on_prepared)(void *context, struct preparation *preparation, struct job_options *job);
    void *context;
    enum exit_code (*verdict)(const struct results *results); /* NULL: verdict_of */
    bool no_reports;              /* no workbook and no page: the run's folder is removed later */
    struct run_reports reporting; /* zeroed: a new run's */
};

/* Prints where requests go, and what is odd about the plan; nothing where the job is quiet. */
void carry_out_announce(const struct preparation *preparation, const struct job_options *job);

/* Runs what was prepared, as carry_out_config does, writes its reports and prints them, and what is
 * wrong. `run` is as job_run has it; clear it. Returns the exit code. */
int carry_out(const struct preparation *preparation, const struct carrying_out *how,
              struct run *run);

/* Prepares by the config (NULL: configs/config.yaml), announces and carries out. */
int carry_out_config(const struct prepare_options *options, const struct carrying_out *how,
                     const char *config);

/* Resumes the run in how->job.resume: with the config that is named, else the one that its manifest
 * names; rows that were typed stand in its own folder. */
int carry_out_resumption(const struct prepare_options *options, const struct carrying_out *how,
                         const char *config);

#endif
