/* The models whose counting a plan needs, and where what is learned of it goes: what the command
 * calibrate and a run that counts by itself (free_counting.h) share. */
#ifndef JOB_CALIBRATING_H
#define JOB_CALIBRATING_H

#include <stddef.h>

#include "core/error.h"
#include "job/counter.h"
#include "job/prepare.h"

/* The rows' models, each once under the name by which it is first asked for, in the order they are
 * counted in. */
struct calibrating {
    const struct preparation *preparation;
    const struct listed_models *listed;
    const struct row **model; /* the list is owned, the rows are the preparation's */
    size_t models;
};

/* Asks the endpoint for its list where that is not known yet. The run's first model comes first, so
 * that another is the last to be loaded, and the run's first visit meets what it would without.
 * Clear it. */
void calibrating_init(struct calibrating *calibrating, const struct preparation *preparation);

/* Keeps what the counter has learned under every name that the rows have for its model; false with
 * a sentence where it cannot be written. */
bool calibrating_keep(const struct calibrating *calibrating, const struct counter *counter,
                      struct error *error);

void calibrating_clear(struct calibrating *calibrating);

#endif
