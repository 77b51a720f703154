/* What each visit shows of whether it paid, as densities of its value (exposed less steady TTFT).
 *
 * A visit that does not pay is normal around 0 with its own error e; one that pays is normal around
 * the cost c of its configuration, with variance e² + (v c)², v being how much costs vary. What was
 * slow for another reason looks as if it paid, with the share of slow steady requests, and one in a
 * hundred that paid looks as if it had not, so no visit outweighs all others. Where a server says
 * whether a visit had to load, that is as likely as it is wrong in one of fifty. Costs are tried
 * from 0, which cannot be seen, to the largest value; a hypothesis is as likely as it is on average
 * over them. Of visits of which it says nothing, almost none, half or almost all may have paid. */
#ifndef STATS_SIGHTING_H
#define STATS_SIGHTING_H

#include "stats/residency_rule.h"

enum { SIGHTING_COSTS = 32, SIGHTING_SHARES = 3 };

struct sighting {
    double value_s, error_s;
    double slow_share; /* of visits that do not pay, but look so */
    bool counts;       /* it was measured */
    /* by cost: ln of the density where it stays, and where it pays; the larger of them, and both
     * as its share */
    double ln[2][SIGHTING_COSTS], most[SIGHTING_COSTS], share[2][SIGHTING_COSTS];
};

struct sightings {
    struct sighting *visit; /* owned */
    const struct study *study;
    double cost_s[SIGHTING_COSTS];
    double variation; /* standard deviation of a cost, as its share */
};

/* What the visits of a study show. Clear it. */
struct sightings sightings_make(const struct study *study);

/* ln of likelihoods, where a share of the visits without a label paid. */
struct sighting_ln {
    double of_share[SIGHTING_SHARES];
};

/* Fills in how likely the visits to each configuration are, where each pays with its chance (NAN:
 * nothing is given). */
void sightings_ln_each(const struct sightings *sightings, const double *chance,
                       struct sighting_ln *ln);

/* ln of how likely all are. */
double sightings_ln(const struct sightings *sightings, const double *chance);

/* The same, where each configuration goes by whichever of `count` lists of chances, on average;
 * `each[k]` is what sightings_ln_each gave of list k. */
double sightings_ln_own(const struct sightings *sightings, struct sighting_ln *const *each,
                        size_t count);

/* ln (exp a + exp b). */
double sighting_ln_sum(double a, double b);

void sightings_clear(struct sightings *sightings);

#endif
