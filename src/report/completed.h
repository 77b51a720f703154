/* The completed requests of the step that is being read, and the figures of their batches. */
#ifndef REPORT_COMPLETED_H
#define REPORT_COMPLETED_H

#include <stddef.h>

#include "record/request.h"
#include "report/detail.h"
#include "report/pool.h"
#include "stats/batches.h"

/* What is kept of each but its batch. */
struct completed_kept {
    double value[SWITCH_SOURCES][BATCH_FIGURES];
    double share; /* of its batch: 1 ÷ how many requests that had */
    size_t line;  /* its line; SIZE_MAX: it is not shown */
};

/* `struct completed c = {0};` holds none. Clear it. */
struct completed {
    struct batch_member *member;
    struct completed_kept *kept;
    size_t count;
};

/* Adds one, and returns what is kept of it: until the next is added. */
struct completed_kept *completed_add(struct completed *completed, const struct outcome *outcome,
                                     size_t line);

/* All of the step are added: gives it the figures of its batches, and its lines their batch sizes.
 * Holds none then. */
void completed_conclude(struct completed *completed, struct step_detail *step);

void completed_clear(struct completed *completed);

#endif
