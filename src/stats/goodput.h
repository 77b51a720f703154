/* Goodput: requests per second that keep every service level objective (as vLLM's benchmark,
 * inference-perf and AIPerf count it). */
#ifndef STATS_GOODPUT_H
#define STATS_GOODPUT_H

#include <stdbool.h>

#include "record/objective.h"
#include "record/request.h"
#include "record/step.h"

/* Whether a request completed and keeps all limits. What the server does not tell keeps none; a
 * response of a single token has no time per output token to be late by. */
bool goodput_keeps(const struct outcome *outcome, const struct objectives *objectives);

/* How near a request comes to breaking a limit: the most of value ÷ limit (limit ÷ value where
 * higher is better) over all of them, so that it keeps them up to 1; INFINITY where it failed or
 * the server does not tell. `nearest` (may be NULL) is the limit's number, `objectives->count`
 * where the request failed or none is stated. */
double goodput_margin(enum request_end end, const struct figures *figures,
                      const struct objectives *objectives, size_t *nearest);

/* Fills the step's goodput from its requests; its wall time must be there. */
void goodput_count(const struct outcome *outcomes, size_t count,
                   const struct objectives *objectives, struct step *step);

#endif
