/* Whether a study is sure enough to end: of each of its rows, or of each transition from one row to
 * another, it is known either what a switch costs, or that there is none that matters.
 *
 * The study's intervals have to be those of several looks (study.looks), since a study that ends
 * as soon as they are narrow is looked at after every pass. */
#ifndef STATS_ENOUGH_H
#define STATS_ENOUGH_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/study.h"

/* How many rows, or pairs, are in which state. */
struct enough {
    size_t sure; /* the switch is known closely enough, or none above what matters (family.h) */
    size_t wide; /* one was found, and its interval is too wide, or how much it varies unknown */
    size_t open; /* inconclusive, or the bound is above what matters */
    size_t unmeasured; /* no visit could be measured, and a further one may be: requests failed */
    size_t aside;      /* no visit can be: nothing is waited for, as with a row of one request */
    double widest;     /* half interval ÷ switch of those found, the most; NAN: none was found */
};

/* Counts the states of the rows of `study`, or of its pairs of known rows, by a wanted half width
 * of the interval as a share of the switch. A row that was seen to pay once is waited for, until a
 * later visit to it is seen not to pay: then it may never pay again. */
struct enough enough_count(const struct study *study, double half_width, bool pairs);

/* Whether all that can be measured is sure, and anything is. */
bool enough_is(const struct enough *enough);

#endif
