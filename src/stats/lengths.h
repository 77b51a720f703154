/* Prompts of unlike length: what an exposed prompt that is longer or shorter than the steady ones
 * takes for that is no switch, and is taken out.
 *
 * A token costs the slope of TTFT over prompt tokens, by least squares over all steady requests of
 * the row's model, each row of it around its own mean where that tells the slope, else all of them.
 * Where prompts do not differ enough to tell it, a token costs something between nothing and its
 * part of the whole TTFT: half of that is taken out, and an estimate under twice the whole is
 * inconclusive. */
#ifndef STATS_LENGTHS_H
#define STATS_LENGTHS_H

#include "stats/study.h"

/* Corrects the exposed TTFT of each visit whose prompts differ in length
 * (SWITCH_FLAG_PROMPT_LENGTHS), by one clock, and notes how unsure that leaves it. To be called
 * after steady_look(). */
void lengths_take_out(struct study *study, enum switch_source source);

#endif
