/* In which order the calls of a mix came, and in which the node served them. Only calls that count
 * and were sent from `from_s` until before `until_s`. */
#ifndef STATS_MIX_ORDER_H
#define STATS_MIX_ORDER_H

#include "stats/mix_calls.h"

/* How many calls each draw of a configuration brings on average, in the order of sending: the mean
 * run of one configuration, held against that of independent draws, which follow their own with
 * Σ share². 1: independent; NAN: there are no calls. */
double mix_order_in_a_row(const struct mix_calls *calls, double from_s, double until_s);

/* Of the batches that began while calls to other configurations waited: the share that began before
 * calls which came earlier than any of their own, by more than half of what a batch takes: those
 * closer together may have passed each other on their way. 0: served in order; NAN: there are too
 * few of them to tell (5). */
double mix_order_overtaken(const struct mix_calls *calls, double from_s, double until_s);

#endif
