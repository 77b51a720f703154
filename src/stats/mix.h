/* What switching costs a stated mix of calls: each call goes to a row with its model's share
 * (divided among the rows of one model), whatever came before. Which of them pay is followed
 * through a memory of the size and rule (LRU or FIFO) that the study found (residency.h); where it
 * found none, or one that goes by time, nothing is reported. What they pay is what the study found
 * of their rows. Where a model is called k times in a row, only the first may pay, so the cost of
 * each call is a k-th of that. */
#ifndef STATS_MIX_H
#define STATS_MIX_H

#include "stats/study.h"

/* Fills `study->mix`; its calls stay 0 where shares, costs or residency are not known. */
void mix_fit(struct study *study);

/* How many calls to a model in a row bring the share of time that goes to switching under `share`.
 */
double mix_calls_in_a_row(const struct study_mix *mix, double share);

#endif
