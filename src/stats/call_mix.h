/* What switching costs a stated mix of calls: each call goes to a row with its model's share
 * (divided among the rows of one model), whatever came before. Which of them pay is followed
 * through a memory of the size and rule (LRU or FIFO) that the study found (residency.h); where it
 * found none, or one that goes by time, nothing is reported. What they pay is what the study found
 * of their rows. Where a model is called k times in a row, only the first may pay, so the cost of
 * each call is a k-th of that.
 *
 * That is a node which is idle when a call comes. Where the rate of calls is stated, they are
 * followed through a queue too (queue.h), in which they wait for each other's switches; there a
 * memory that goes by time will do. A call takes what the server's own end-to-end latency was
 * without a switch, where that is known, else the client's; in the queue, as many run together as
 * the row's representative batch size holds, and no two batches beside each other. */
#ifndef STATS_CALL_MIX_H
#define STATS_CALL_MIX_H

#include "stats/study.h"

/* Fills `study->call_mix`; its calls, and those of its queues, stay 0 where shares, costs or
 * residency are not known. */
void call_mix_fit(struct study *study);

/* How many calls to a model in a row bring the share of time that goes to switching under `share`,
 * on a node that is idle when a call comes. */
double call_mix_in_a_row(const struct study_call_mix *mix, double share);

#endif
