/* What is wrong with a plan though each of its parts can be read. */
#ifndef JOB_PREPARE_CHECK_H
#define JOB_PREPARE_CHECK_H

#include "job/prepare.h"

/* Adds a fault where connection.ca_file cannot be read or holds no certificate. */
void prepare_check_ca_file(const struct settings *settings, struct faults *faults);

/* Adds a fault for each folder of results that cannot be written, and for a run's name that is
 * taken, unless it is that run's own, which is `there`. */
void prepare_check_results(const struct settings *settings, bool there, struct faults *faults);

/* Warns where calls of call_mix go to models that no row asks for, and of a call_rate without one.
 */
void prepare_check_call_mix(struct preparation *preparation);

/* Adds a fault where the request that wait_ready may send would spoil the study. */
void prepare_check_wait_ready(const struct preparation *preparation, struct faults *faults);

/* Adds a fault for each row whose prompt would be shorter than the template it stands in, by what
 * is known of how its model counts. Before the first of them, and not `offline`, the endpoint is
 * asked for its models, since it may not be the one by which that was learned. */
void prepare_check_lengths(const struct preparation *preparation, bool offline,
                           struct faults *faults);

#endif
