/* What a study would show, by arithmetic, before anything is sent: the smallest switch that it
 * finds, and how closely it would know one. A visit's value varies by the noise of TTFTs, `error`,
 * and, where a switch was paid, by the switch's own spread, a share of it; both normal. */
#ifndef STATS_PROSPECT_H
#define STATS_PROSPECT_H

#include <stddef.h>

/* The smallest switch, in the unit of `error` (of one visit's value), that so many visits together
 * find in 80 % of cases at `level`, as replicate_smallest has it, where the switch itself varies by
 * `share` from visit to visit and all visits pay. INFINITY: none is found so often, however large.
 */
double prospect_smallest(double error, double share, double df, size_t visits, double level);

/* Half the interval of a switch's cost, as a share of it, that holds with `confidence`, by so many
 * visits to each of `groups` rows, or pairs, where values vary by `share` of it in all, pooled over
 * them. The study's first visit is none of them, since what ran before is not known. INFINITY: how
 * much they vary is not known, with fewer than two degrees of freedom. */
double prospect_half_width(double share, double visits, double groups, double confidence);

#endif
