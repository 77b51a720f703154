/* What is left of a run that was cut off. A step whose summary is there has ended, unless a person
 * stopped it or one of its files is broken; every other starts over, and what of it was begun is
 * set aside. Rows that run together, as a mix, have ended only where all of them have: else they
 * all start over. Time grows as the steps do. */
#ifndef STORE_RESUMPTION_H
#define STORE_RESUMPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"
#include "plan/order.h"
#include "store/attempts.h"
#include "store/manifest.h"
#include "store/run.h"

struct resumption {
    const struct rows *rows; /* these two are the caller's */
    const struct order *order;
    struct attempts attempts; /* by the journal */
    bool *ended;              /* by step */
    size_t steps;             /* that were planned */
    size_t left;              /* of them are left */
    size_t restarted;         /* of those were begun before */
};

/* Finds which of the first `steps` of `order` have ended, and puts the manifest's list of them
 * right, as it is read back and not written yet. The files of a step that the manifest lists are
 * read only where they no longer have their fingerprint. Clear it either way. */
bool resumption_read(struct resumption *resumption, const struct run *run, const struct rows *rows,
                     const struct order *order, size_t steps, struct manifest *manifest,
                     struct error *error);

/* The order of a search is known as its guide chooses it: joins the visit that begins with step
 * `first`, as resumption_read does where the order is known before. Whether it has ended. */
bool resumption_join_visit(struct resumption *resumption, size_t first, struct manifest *manifest);

/* Sets aside what was begun of the steps that are left, and removes what a write that was cut off
 * left behind; the manifest tells of it first. False where that cannot be done; then again. */
bool resumption_begin(const struct resumption *resumption, const struct run *run,
                      struct manifest *manifest, struct error *error);

/* Whether the step has ended. A zeroed one knows of none that has. */
bool resumption_has_ended(const struct resumption *resumption, size_t step);

void resumption_clear(struct resumption *resumption);

#endif
