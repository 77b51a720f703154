/* A rank that is not 0: it makes the plan of what rank 0 gives it, sends its portion of each step,
 * hands over what comes of it, and ends when rank 0 says so. It reads no file and writes none. */
#ifndef JOB_FOLLOWING_H
#define JOB_FOLLOWING_H

#include "cluster/cluster.h"
#include "core/error.h"

/* Follows rank 0 to the run's end. False, with a sentence that rank 0 has got as well where it
 * could be told. */
bool following_run(struct cluster *cluster, struct error *error);

#endif
