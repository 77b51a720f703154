/* A visit of a mix: its members' steps are begun one after another, send together from one common
 * moment, and are ended once all of them have sent; then the mix is summed up. */
#ifndef JOB_MIXING_H
#define JOB_MIXING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "job/step.h"

/* Runs the members' steps, of which `job` lists `members` ≥ 1, and fills as many `step`s, which the
 * caller clears. Their `start` is set here. False, with a sentence, as step_run is; then none of
 * the steps counts. */
bool mixing_run(struct step_job *job, size_t members, struct step *step, struct error *error);

#endif
