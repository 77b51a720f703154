/* Which requests of a step were exposed to the switch to it: those sent before its first response
 * was complete, as stats/waves.h has them. Requests are told one after another, so a file of any
 * length needs no room. */
#ifndef REPORT_EXPOSED_H
#define REPORT_EXPOSED_H

#include <stdbool.h>
#include <stdint.h>

#include "record/request.h"
#include "record/step.h"

struct exposed {
    bool over;            /* a request was sent after the first response was complete */
    int64_t completed_ns; /* the first response of those so far */
};

/* Begins with a part of a step: where the estimate does not go by that part, or goes by none, no
 * request of it is exposed. */
struct exposed exposed_begin(const struct step *step, enum step_part part);

/* Takes note of a request of the load's warm-up, in any order, before the load's own. */
void exposed_note_warmup(struct exposed *exposed, const struct outcome *outcome);

/* Whether the next request, in start order, completed and was exposed. */
bool exposed_next(struct exposed *exposed, const struct outcome *outcome);

#endif
