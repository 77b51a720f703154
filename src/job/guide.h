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
    /* The row that step `index` visits, or the rows of a mix one behind another, of which it is the
     * first step; they stand until the next call. NULL: the run has ended, and has `index` steps.
     * It may be asked again for the same step. */
    const struct row *(*next)(void *context, size_t index);
    /* A request of the step's load has ended, its warm-up among them, and is not sent again;
     * `member`: of which of the rows. Whether the visit needs no more: then none is sent, by any of
     * them. From any of the loops' threads, and those of a mix at once. */
    bool (*enough)(void *context, size_t member, const struct request *request,
                   const struct figures *figures);
    /* All of a step's have ended, one step of a visit after another. `step` has its figures; with
     * the last writes a JSON object, which the journal keeps with that step, and a sentence for
     * people; else nothing. */
    void (*conclude)(void *context, const struct step *step, struct text *json,
                     struct text *sentence);
    /* The visit that was chosen last had ended before this run was resumed, with step `index`: what
     * the journal keeps of that. False, with a sentence, where it does not follow from the steps
     * before. */
    bool (*recall)(void *context, size_t index, const char *json, struct error *error);
    /* What the run has come to so far, as a JSON object for the manifest. */
    void (*sum_up)(void *context, struct text *json);
};

#endif
