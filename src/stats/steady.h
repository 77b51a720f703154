/* Steady requests, looked at before they are believed.
 *
 * Model: the logarithms of a visit's steady TTFTs vary around one level with one spread for the
 * whole study. Some requests may be slow for another reason (a stall, a collector's pause, a second
 * replica): those that stand out above their visit's level are counted and left out of its mean.
 * Three more things are looked for, each corrected only where its test is significant at
 * STEADY_LEVEL.
 *
 * A transient: the first steady request is slow too. Student's t over visits of ln first − median
 * ln of the later half; then the later half of each visit counts.
 *
 * Drift: the slope of ln TTFT over time, between the visits to a row, or within visits where no row
 * has several (two- sided t); then the level is carried back to the exposed request, which was sent
 * before them.
 *
 * Neighbours are alike: the correlation of residuals next to each other (z of its difference from
 * what is expected of independent ones); then a visit's error is widened by what first requests are
 * seen to be off by. */
#ifndef STATS_STEADY_H
#define STATS_STEADY_H

#include "stats/study.h"

#define STEADY_LEVEL 0.01

/* Looks at the steady requests of all visits that can be measured, by one clock: fills
 * `study->steady[source]`, and each of their sides again from its samples. Sides without samples
 * stay as they are. Clear it with the study. */
void steady_look(struct study *study, enum switch_source source);

/* How likely a request that does not switch takes `excess` more, as a share of its TTFT, since it
 * is slow: (slow + 1) ÷ (requests + 20), times the share of slow ones that take as much. That is by
 * their rank up to twice the largest that was seen, and by an exponential tail where that says more
 * (its predictive law is Lomax's: (1 + x ÷ Σ excess) ^ −slow). 0 where none was seen. */
double steady_slow_chance(const struct study_steady *steady, double excess);

/* What all slow requests took more, together. */
double steady_excess_sum(const struct study_steady *steady);

void steady_clear(struct study_steady *steady);

#endif
