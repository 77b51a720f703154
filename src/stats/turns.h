/* Figures of sessions, turn by turn. */
#ifndef STATS_TURNS_H
#define STATS_TURNS_H

#include <stddef.h>

#include "record/request.h"
#include "record/step.h"

/* Sums up a step's requests, each by its last attempt, by their turns; those of no session count
 * nowhere. What a session was to have and has not is not sent. */
void turns_sum_up(const struct outcome *last, size_t count, struct step *step);

#endif
