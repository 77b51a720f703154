/* The knee of throughput in a closed loop, where no limit is stated: with few requests at once
 * throughput grows with them, from the knee on it does not.
 *
 * It is where the two asymptotes of a closed system meet (operational analysis, Denning and Buzen
 * 1978): the most that is completed per second ÷ what each request at once completes while none
 * waits for another. */
#ifndef STATS_KNEE_H
#define STATS_KNEE_H

#include <stdbool.h>

#include "stats/climb.h"

/* The knee by the steps so far, from the lowest load and the highest throughput; NAN: not known.
 * Steps that the client limited are left out. */
struct load_estimate knee_of(const struct climb *climb);

/* As climb_next, for a rule with `knee`: from the lowest load on it doubles the load, until
 * throughput has not grown by the resolution twice; a last step is at the knee. */
bool knee_next(const struct climb *climb, struct climb_step *next, struct climb_result *result);

#endif
