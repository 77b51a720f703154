/* Where a load stops to keep its limit, from steps at several loads: a curve that falls with the
 * logarithm of the load, fitted by Bayes' rule on a grid.
 *
 * The share of good calls is (1 − lapse) · logistic(a − slope · ln(load ÷ x)), which is the wanted
 * share at x (a psychometric function, as in Kontsevich and Tyler's Psi method, 1999); x, slope and
 * lapse are not known, each even over its grid. A step's likelihood is the binomial one to the
 * power 1 ÷ inflation (quasi-likelihood, Wedderburn 1974), and counts less the further its load is
 * from the others' centre, since the curve is one only nearby. Where steps show that the endpoint
 * does not keep up, what it carries, c, is sought besides: in flight grows by max(0, 1 − c ÷ load)
 * with each call; the load that keeps both is the lower of x and c. */
#ifndef STATS_LOAD_CURVE_H
#define STATS_LOAD_CURVE_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/trial.h"

struct load_estimate {
    double load;      /* the median of what it may be */
    double low, high; /* 5 % and 95 % */
};

struct load_window {
    double low, high; /* the loads it lies between for certain, 0 < low < high */
};

/* From `count` ≥ 1 steps. `saturates`: whether the endpoint keeps up is asked of the steps. */
struct load_estimate load_curve_fit(const struct trial *trial, size_t count, double share,
                                    bool saturates, struct load_window window);

#endif
