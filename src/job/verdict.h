/* What a run comes to, as an exit code. */
#ifndef JOB_VERDICT_H
#define JOB_VERDICT_H

#include "core/exit.h"
#include "store/results.h"

/* By the run's steps, read back, those of before it was resumed among them: EXIT_INCOMPLETE where a
 * file of one is lost, where one did not end by itself or has no completed request; else
 * EXIT_INVALID where a measurement is; else EXIT_DONE. */
enum exit_code verdict_of(const struct results *results);

#endif
