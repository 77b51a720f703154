/* Whether something else than a rule that is known tells the visits of a study much better.
 *
 * What else there may be, each as likely beforehand: the likeliest rule, but 5 to 40 % of the
 * revisits do the opposite; each visit throws out what is there with a chance, the same for all
 * configurations (random eviction), or one of its own for each (those called often, or pinned, stay
 * longer); each configuration stays for a number of others of its own. Their likelihood on average,
 * over that of the likeliest rule, is more than k in less than one of k studies that go by the rule
 * (Markov's inequality; Vovk and Wang 2021 call it an e-value), so 1/k is a p value. */
#ifndef STATS_MISFIT_H
#define STATS_MISFIT_H

#include "stats/sighting.h"

/* ln of the likelihood of something else, on average; `chance` is what the likeliest rule says. */
double misfit_ln(const struct sightings *sightings, const double *chance);

/* ln of the likelihood where 5 to 40 % of the visits that stay look as if they paid, whichever is
 * most likely: requests may be slow for other reasons more often than was seen, which is nothing
 * against the rule. That is not given of visits that took more than four of their errors, where
 * hardly a steady request is slow. */
double misfit_slow_ln(const struct sightings *sightings, const double *chance);

#endif
