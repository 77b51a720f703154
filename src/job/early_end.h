/* When a run ends before its last row, since no other row would fare better.
 *
 * As long as no request of the run has completed: after a row all of whose requests failed because
 * the connection is refused, the host is not known or TLS cannot be agreed on; and after one whose
 * key is refused (401, 403), where the list of models is refused so too, or a row of another model
 * was. An endpoint that has completed a request is taken for one that may come back: then a row
 * ends, and the run goes on. */
#ifndef JOB_EARLY_END_H
#define JOB_EARLY_END_H

#include <stdbool.h>

#include "core/text.h"
#include "job/prepare.h"
#include "record/step.h"

struct early_end {
    bool proven;         /* a request has completed since the run began or was resumed */
    char *refused_model; /* whose row's key was refused, or NULL; owned */
};

/* Takes note of a step that has ended. Whether the run is to end; why is added to `why`, which is
 * untouched otherwise. */
bool early_end_judge(struct early_end *early_end, const struct preparation *preparation,
                     const struct step *step, struct text *why);

void early_end_clear(struct early_end *early_end);

#endif
