/* Switches of one release held against another's: what one costs, how often it is paid, and both
 * together. Less is better.
 *
 * A visit that were inconclusive counts for neither in the values, but what is concluded of shares
 * must hold whichever it was: a regression as if all of the base's had paid and none of the
 * candidate's, anything else the other way round. The interval reaches over both. */
#ifndef STATS_COMPARISON_SWITCH_H
#define STATS_COMPARISON_SWITCH_H

#include "stats/comparison.h"

/* A row's visits in one release. */
struct comparison_visits {
    double paid, not_paid, unknown; /* measured; the last were inconclusive */
    double cost_s, error_s, df;     /* of paid ones; NAN where there are none */
};

/* paid ÷ conclusive; NAN where no visit was conclusive. */
double comparison_paid_share(const struct comparison_visits *visits);

/* The share × the cost: seconds of a visit, 0 where none paid; NAN as above. */
double comparison_per_visit(const struct comparison_visits *visits);

/* The ratio of costs; its base is NAN where a side paid none. */
struct comparison comparison_of_costs(const struct comparison_visits *base,
                                      const struct comparison_visits *candidate,
                                      const struct comparison_asked *asked);

/* The difference of shares, by a score test (shares.h); the margin is a difference too. Both sides
 * need a visit that was conclusive. */
struct comparison comparison_of_paid_shares(const struct comparison_visits *base,
                                            const struct comparison_visits *candidate,
                                            const struct comparison_asked *asked);

/* The difference of seconds per visit; the margin is a share of the base's. A share is taken as
 * (paid + 1) ÷ (conclusive + 2), with the variance of so many (Agresti and Caffo 2000), so that the
 * interval's middle is not the difference that was seen; its error and the cost's are combined to
 * first order. A side whose cost is not known is taken to cost what the other does. Both sides need
 * a visit that was conclusive; where neither has a cost, `change` is 0, and shown to be unless
 * visits of the candidate were inconclusive (`error` is INFINITY). */
struct comparison comparison_of_visits(const struct comparison_visits *base,
                                       const struct comparison_visits *candidate,
                                       const struct comparison_asked *asked);

#endif
