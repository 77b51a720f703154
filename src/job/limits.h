/* What this machine has to have for a run, before anything is sent. */
#ifndef JOB_LIMITS_H
#define JOB_LIMITS_H

#include "core/error.h"
#include "job/prepare.h"

/* Each request in flight needs a connection of its own, and that a file and a local port; each loop
 * (`threads`) needs files too. Adds a fault for every row that asks for more than there is, for
 * every mix whose rows do together, and where rows run beside each other, one where any
 * `max_workers` of them together do. Raises the limit of open files to what the system allows. An
 * open loop's connections are not known in advance. */
void limits_check(const struct preparation *preparation, struct faults *faults);

#endif
