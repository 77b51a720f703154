/* Steps in the mean of a series, such as a figure over the runs of a row. */
#ifndef STATS_CHANGES_H
#define STATS_CHANGES_H

#include <stddef.h>

/* So few values on one side show no step: four and four are the least that can at 0.05. */
enum { CHANGES_SIDE_LEAST = 4 };

struct change {
    size_t at;            /* the first value behind the step */
    double p;             /* of as clear a step in values of any order */
    double before, after; /* means of the values up to the steps, or ends, on either side */
};

/* Finds the steps of `count` finite values that are significant at `level`, in their order, into
 * `change`, which has room for `count`; returns how many.
 *
 * The test is Pettitt's: of all places the one where the rank sums on both sides lie furthest apart
 * (A. N. Pettitt, A non-parametric approach to the change-point problem, Applied Statistics 28
 * (1979), 126-135), so that one odd value makes no step. Its approximate probability is too rough
 * for a few values: here it is the share of 9999 random orders of the ranks (Phipson and Smyth,
 * Permutation p-values should never be zero, 2010) whose furthest place is as far; of more than
 * 1000 values, 999 orders. What lies on each side of a step is looked at in the same way (binary
 * segmentation: Vostrikova 1981). A series without a step shows one with a probability of `level`
 * at most, since sides are looked at only where there is one. The same values give the same. */
size_t changes_find(const double *value, size_t count, double level, struct change *change);

#endif
