/* Rules by which configurations may leave memory, with every capacity or time that a study can tell
 * apart, and how likely each is. */
#ifndef STATS_HYPOTHESIS_H
#define STATS_HYPOTHESIS_H

#include "stats/sighting.h"

/* A rule with its capacity or time, which lies somewhere between two edges. */
struct hypothesis {
    struct residency_rule rule;
    double low, high;
    double ln;    /* of its likelihood */
    double share; /* of all, after what was seen; beforehand LRU and FIFO have 45 % each and idle
                   * expiry 10 %, evenly over what each has to choose */
};

struct hypotheses {
    struct hypothesis *one; /* first LRU and FIFO of each capacity, then expiries, in ascending
                             * order; owned */
    size_t count;
    size_t capacities;
    double ln; /* of their likelihood, on average */
};

/* LRU and FIFO with each capacity from one configuration to all, and idle expiry with a time from
 * each interval between two idle times of measured visits, where times are known. Of more than 96
 * capacities or intervals as many are tried, evenly. Clear it. */
struct hypotheses hypotheses_by_units(const struct sightings *sightings);

/* The same, with a capacity in GB from each interval between two of `sums`, which are ordered;
 * what has steady requests fits in by itself. All weights must be known. */
struct hypotheses hypotheses_by_weight(const struct sightings *sightings, double *sums,
                                       size_t count);

/* The sum of the shares of those that go by a rule. */
double hypotheses_share(const struct hypotheses *hypotheses, enum study_rule rule);

/* The likeliest of those that go by a rule; NULL: there is none. */
const struct hypothesis *hypotheses_best(const struct hypotheses *hypotheses, enum study_rule rule);

/* The sum of the shares of those that have the capacity, or time, of this one. */
double hypotheses_same(const struct hypotheses *hypotheses, const struct hypothesis *one);

/* The edges of the capacities, or times, around that of this one which together hold 95 % of the
 * shares of all capacities, or times. */
void hypotheses_interval(const struct hypotheses *hypotheses, const struct hypothesis *one,
                         double *low, double *high);

void hypotheses_clear(struct hypotheses *hypotheses);

#endif
