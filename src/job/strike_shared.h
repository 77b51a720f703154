/* What is told of switches while something else uses the run's endpoint: nothing. */
#ifndef JOB_STRIKE_SHARED_H
#define JOB_STRIKE_SHARED_H

#include "job/step.h"
#include "record/mix.h"

/* Take out what the step, or the mix that it is of, shows of switches, where its run was told of
 * another user of the endpoint before it began or by a file in its folder since (store/manifest.h).
 */
void strike_shared_step(const struct step_job *job, struct step *step);
void strike_shared_mix(const struct step_job *job, struct mix *mix);

#endif
