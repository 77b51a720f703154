/* A run under way, shown to who watches by Prometheus' text (telemetry/meters.h), where that is
 * asked for. Inside this room. */
#ifndef JOB_EXPOSING_H
#define JOB_EXPOSING_H

#include <stdbool.h>

#include "core/error.h"
#include "job/job.h"
#include "report/terminal/progress.h"
#include "telemetry/exposed.h"
#include "telemetry/meters.h"

/* Zeroed: nothing is shown. */
struct exposing {
    struct meters *meters;
    struct exposed *exposed;
};

/* Listens at options->metrics_listen and says where; without it does nothing. False, with a
 * sentence, where that is no port, or one that is not to be had. End it either way. */
bool exposing_begin(struct exposing *exposing, const struct preparation *preparation,
                    const struct job_options *options, struct progress *progress,
                    struct error *error);

void exposing_end(struct exposing *exposing);

#endif
