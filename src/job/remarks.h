/* What is odd about a plan beside what preparing it finds: what somebody who only looks at it is to
 * know, and a run is not held up by. */
#ifndef JOB_REMARKS_H
#define JOB_REMARKS_H

#include "core/text.h"
#include "job/prepare.h"

/* Adds to the preparation's warnings: of a fixed seed, of rows that mask a switch, of an endpoint
 * that others use too. Sends nothing. */
void remarks_add(struct preparation *preparation);

/* Asks the endpoint for its list of models, which touches none of them, and adds to the warnings
 * where the rows do not fit it; or why there is none, unless the cause ends a run (cause.h).
 * `standing` gets how the rows' models stand, "a loaded, b unloaded", where the list says so. */
void remarks_add_listed(struct preparation *preparation, struct text *standing);

#endif
