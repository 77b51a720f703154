/* What one step shows of the switch to it: exposed requests against steady ones. Exposed are those
 * sent before the first response was complete. By the server's clock one batch is held against
 * others of its size (served.h), by the client's one wave against others (waves.h). */
#ifndef STATS_EXPOSURE_H
#define STATS_EXPOSURE_H

#include "record/request.h"
#include "record/step.h"
#include "record/switch.h"

/* A part of a step: its requests in start order. */
struct exposure_part {
    const struct outcome *outcome;
    size_t count;
};

/* From the step's probe, where it has one (count > 0), else from its load. Of `step` the row and
 * the verdict of the documented rule are read, which tells of rows that ran beside each other. */
struct switch_measurement exposure_of(const struct step *step, struct exposure_part load,
                                      struct exposure_part probe);

/* Lets the step go by this clock: its flags and, where that clock tells nothing, the reason follow.
 * By the client's, TTFTs of a load at a concurrency hold queueing. */
void exposure_go_by(enum switch_source source, const struct row *row,
                    struct switch_measurement *measurement);

#endif
