/* What meters.h keeps, as it was at one moment, and the table of what it counts. Inside this room.
 */
#ifndef TELEMETRY_SNAPSHOT_H
#define TELEMETRY_SNAPSHOT_H

#include <stdint.h>

#include "record/step.h"
#include "telemetry/meters.h"

enum meter {
    METER_DURATION,
    METER_INPUT,
    METER_OUTPUT,
    METER_TTFT,
    METER_PER_TOKEN,
    METER_DELAY,
    METERS
};

enum { BOUNDS_MOST = 16 };

/* Bounds ascend and are ended by a 0. */
struct meter_about {
    const char *name, *help;   /* help NULL: the same family as the one before */
    const char *label, *value; /* that it has besides; NULL: none */
    const double *bounds;
};
extern const struct meter_about meter_table[METERS];

struct metered_histogram {
    uint64_t bucket[BOUNDS_MOST + 1]; /* each by itself; the last is over all bounds */
    uint64_t count;
    double sum;
};

/* Attempts of a model that ended alike. */
struct series {
    const char *model;
    const char *part;
    char error[ERROR_CODE]; /* "": they completed */
    struct metered_histogram histogram[METERS];
};

/* What is shown of a step under way. */
struct step_state {
    const struct row *row;
    const char *model;
    size_t index, in_flight;
    double elapsed_s;
};

/* All that is written, as it was at one moment. The names in it stay as long as the meters. */
struct snapshot {
    char *run; /* NULL: it has no name yet */
    const char *endpoint, *operation, *provider;
    size_t steps_planned, steps_ended;
    struct series *series;
    struct step_state *step;
    struct {
        const char *model;
        double switching_time_s;
    } * switched;
    size_t count, steps, models;
};

/* Takes a copy under the lock. Clear it. */
void snapshot_take(struct meters *meters, struct snapshot *snapshot);

void snapshot_clear(struct snapshot *snapshot);

#endif
