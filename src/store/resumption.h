/* What is left of a run that was cut off. A step whose summary is there has ended, unless a person
 * stopped it; every other starts over, and what of it was begun is set aside. */
#ifndef STORE_RESUMPTION_H
#define STORE_RESUMPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "record/step.h"
#include "store/attempts.h"
#include "store/manifest.h"
#include "store/run.h"

struct resumption {
    struct attempts attempts; /* by the journal */
    struct step *step;        /* by step, those that have ended; a NULL name: it is left to do */
    size_t steps;             /* that were planned */
    size_t left;              /* of them are left */
    size_t again;             /* of those were begun before */
};

/* Reads what the run directory tells of the `steps` that were planned. Clear it either way. */
bool resumption_read(struct resumption *resumption, const struct run *run, size_t steps,
                     struct error *error);

/* Sets aside what was begun of the steps that are left, and removes what a write that was cut off
 * left behind; the manifest tells of it first. False where that cannot be done; then again. */
bool resumption_begin(const struct resumption *resumption, const struct run *run,
                      struct manifest *manifest, struct error *error);

/* Whether the step has ended. A zeroed one knows of none that has. */
bool resumption_has_ended(const struct resumption *resumption, size_t step);

void resumption_clear(struct resumption *resumption);

#endif
