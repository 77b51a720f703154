/* What switching costs the calls of a mix, by the mix's own requests: in which order the node
 * served them (mix_calls.h), who paid (mix_paying.h), and how much longer they waited (mix_wait.h).
 *
 * Intervals are of what the mix costs in the long run, not of these very calls alone. Calls that
 * follow each other are alike, so a mean's error is that of resampled blocks (blocks.h), and shares
 * have Wilson's interval (1927) for as many independent calls as have that error (Korn and Graubard
 * 1998). What the level without a switch is unsure by is in them.
 *
 * Where only the client's TTFT is known, it holds queueing: nothing is measured unless one request
 * was under way at a time, or less than 0.3 of one on average; then calls that were sent while no
 * other was under way tell for the others. */
#ifndef STATS_MIX_MEASURE_H
#define STATS_MIX_MEASURE_H

#include "record/mix_switching.h"
#include "stats/mix_calls.h"
#include "stats/mix_paying.h"

/* Less than this in flight on average is taken to be no queue. */
#define MIX_IDLE_ENOUGH 0.3

/* What visits to a member alone tell, by both clocks. */
struct mix_visited {
    struct mix_steady steady[SWITCH_SOURCES];
};

/* Of `members` that ran together, and what is known of each beforehand. Figures are of calls that
 * count and were sent from `from_s` until before `until_s` (monotonic seconds; −INFINITY and
 * INFINITY: all); others were on the node too. Who paid is filled in. Clear what is returned
 * (mix_switching_clear). */
struct mix_switching mix_measure(struct mix_calls *calls, const struct mix_visited *visited,
                                 size_t members, double from_s, double until_s);

#endif
