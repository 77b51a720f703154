/* How the plan has a row's load sent, whoever sends it. */
#ifndef JOB_LOAD_OF_H
#define JOB_LOAD_OF_H

#include "job/prompter.h"
#include "load/load.h"

/* The load of `row` in step `step`, whose prompts are the prompter's; all that calls back is the
 * caller's to add. */
struct load load_of(const struct preparation *preparation, const struct row *row,
                    const struct prompter *prompter, size_t step, double timeout_s);

#endif
