/* A run whose endpoint something else used meanwhile: what its requests waited for may have been
 * the other's, so nothing is told of switches, whatever its figures look like. Latencies and
 * throughputs stay what they were: those of an endpoint that was shared. */
#ifndef STATS_SHARED_H
#define STATS_SHARED_H

#include "record/mix.h"
#include "record/step.h"

/* Takes out what a step shows of a switch; a warm-up's, a mix's and that of rows in parallel showed
 * nothing before. */
void shared_strike_step(struct step *step);

/* The same of what a mix's calls paid; what a study predicts stays. */
void shared_strike_mix(struct mix *mix);

#endif
