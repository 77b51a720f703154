/* What visits to a member's row alone tell of it beforehand: how long its first token takes while
 * nothing switches. */
#ifndef STATS_MIX_VISITED_H
#define STATS_MIX_VISITED_H

#include "record/step.h"
#include "stats/mix_measure.h"

/* Adds to `visited` what steady requests show in those of `count` steps that ran alone and asked
 * for what the member does: the same model, prompts of the same length and picture, and where both
 * are known the same configuration. Visits at other batch sizes than the first are left out. */
void mix_visited_add(const struct step *step, size_t count, const struct step *member,
                     struct mix_visited *visited);

#endif
