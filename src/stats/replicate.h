/* Visits to a row as replicates: each judged alone, then together.
 *
 * Judged alone, by a one-sided prediction interval on the log scale: t = (ln exposed − mean ln
 * steady) ÷ (s √(1 + 1/m)), s pooled (spread.h). Its value is exposed − mean steady, its standard
 * error s √(1 + 1/m) of the mean steady TTFT.
 *
 * Together: a switch is found where as many stand out as stalls in 5 % of all requests would bring
 * about in less than 2 % of cases: k is one of one, two of two to four, three of five to twelve …,
 * and p = P(binomial ≥ k) at the k-th smallest p. Where half of the visits are more than that, half
 * of them may also show together what none shows alone: p is twice the smaller of both. From three
 * visits on, the value is the median of the exposed less the median of the steady medians, so that
 * neither side's stalls count; of one or two, the mean of theirs, in which stalls on either side
 * cancel. Where some paid and others did not, those that did are estimated alone, and counted. */
#ifndef STATS_REPLICATE_H
#define STATS_REPLICATE_H

#include <stddef.h>

#include "record/switch.h"
#include "stats/spread.h"

#define REPLICATE_LEVEL      0.01
#define REPLICATE_CONFIDENCE 0.95
#define REPLICATE_POWER      0.80

struct replicate {
    double p;
    double value_s, error_s; /* and its standard error */
    double steady_s;         /* what a request takes without a switch */
    double exposed_s, steady_median_s;
    double client_s; /* the value by the client's clock; NAN: not known */
};

/* `side` has steady observations, and `spread` degrees of freedom. */
struct replicate replicate_judge(const struct switch_side *side, struct spread_used spread);

/* Fills in all of a conclusion that these tell: value, interval, p, the smallest effect that is
 * found in 80 % of cases, how many paid, and what is odd. Reorders them. */
void replicate_combine(struct replicate *replicate, size_t count, struct spread_used spread,
                       struct switch_estimate *into);

/* How many of `visits` must stand out. */
size_t replicate_needed(size_t visits);

/* The median of their steady TTFTs. */
double replicate_steady_s(const struct replicate *replicate, size_t count);

/* The smallest effect, in standard deviations of the steady TTFT, that so many visits together,
 * each with `steady` observations, find in 80 % of cases at `level`, where all of them pay and `df`
 * degrees of freedom are pooled. */
double replicate_smallest(double steady, double df, size_t visits, double level);

#endif
