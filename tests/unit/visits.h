/* Steps for tests of a study: their evidence as exposure_of would give it. */
#ifndef VISITS_H
#define VISITS_H

#include <math.h>

#include "record/step.h"

/* An exposed observation beside four steady ones around 0.2 s that vary by 1 %. */
static inline struct switch_side side_of(double exposed)
{
    return (struct switch_side){.exposed_s = exposed,
                                .steady_s = 0.2,
                                .steady = 4,
                                .log_ratio = log(exposed / 0.2),
                                .log_squares = 3 * 1e-4};
}

/* A step to `model`, whose text must stay, that the server's clock shows; the others stand before
 * it in their order. Nothing else is known of it. */
static inline struct step step_to(char *model, size_t index, double exposed)
{
    struct step step = {.index = index,
                        .predecessor = (long)index - 1,
                        .completed = 5,
                        .weight_gb = NAN,
                        .node_gb_per_s = NAN,
                        .call_share = NAN,
                        .row = {.model_name = model, .concurrent_requests = 1, .num_requests = 5},
                        .switching.verdict = SWITCHING_BURST};

    step.measurement.side[SWITCH_SERVER] = side_of(exposed);
    return step;
}

#endif
