/* Values that follow each other in time and are alike: blocks that keep what neighbours share.
 *
 * A resample is made of blocks that begin anywhere and go round the end (Politis and Romano 1992:
 * the circular block bootstrap), each as long as the values' own correlation asks for. */
#ifndef STATS_BLOCKS_H
#define STATS_BLOCKS_H

#include <stddef.h>

#include "core/random.h"

struct blocks {
    size_t length;   /* 1 … count ÷ 3: 1 where neighbours are not alike */
    double number;   /* count ÷ length; one less are the degrees of freedom */
    double widening; /* of a resampled standard error: √(m ÷ (m − 1)) for m blocks, since m drawn
                      * from m vary too little, and what alike values still share over their ends */
};

/* Blocks half as long again as those that tell the error of the mean of `count` ≥ 1 values best
 * (Politis and White 2004, with the correction of Patton, Politis and White 2009): the error of
 * shorter ones is too small, while what longer ones scatter is in their degrees of freedom. What
 * they still lack, a
 * share of G ÷ g ÷ length of the variance in that paper's terms, is given back, a half at most. Of
 * a single value nothing is known: `widening` is INFINITY. */
struct blocks blocks_of(const double *value, size_t count);

/* The standard deviation of the mean over all resamples in blocks of `length`, exactly. */
double blocks_error_of_mean(const double *value, size_t count, size_t length);

/* A resample into `drawn`, which has room for `count`. */
void blocks_draw(const double *value, size_t count, size_t length, double *drawn,
                 struct random *random);

#endif
