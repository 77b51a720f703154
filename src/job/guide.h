/* What steers a run whose steps follow from each other: a search chooses each after the one before,
 * and ends it as soon as it tells enough. The run's order has as many visits as there may be; each
 * call may change the visit it is about, and no other. */
#ifndef JOB_GUIDE_H
#define JOB_GUIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "core/text.h"
#include "record/request.h"
#include "record/step.h"

struct guide {
    void *context;
    /* The row that step `index` visits, which stands until the next call; NULL: the run has ended,
     * and has `index` steps. */
    const struct row *(*next)(void *context, size_t index);
    /* A request of the step's load has ended, its warm-up among them, and is not sent again.
     * Whether the step needs no more: then none is sent. One call at a time, from any of the
     * loops' threads. */
    bool (*enough)(void *context, const struct request *request, const struct figures *figures);
    /* All of them have ended. `step` has its figures; writes a JSON object, which the journal keeps
     * with the step, and a sentence for people. */
    void (*conclude)(void *context, const struct step *step, struct text *json,
                     struct text *sentence);
    /* Step `index`, which was chosen last, had ended before this run was resumed: what the journal
     * keeps of it. False, with a sentence, where it does not follow from the steps before. */
    bool (*recall)(void *context, size_t index, const char *json, struct error *error);
    /* What the run has come to so far, as a JSON object for the manifest. */
    void (*sum_up)(void *context, struct text *json);
};

#endif
