/* Two shares that were counted, held against each other: their difference by a score test, which
 * knows what to do with 0 and 1 (Miettinen and Nurminen 1985, Statistics in Medicine 4:213). */
#ifndef STATS_SHARES_H
#define STATS_SHARES_H

#include <stddef.h>

/* Of `of` ≥ 1. */
struct shares_counted {
    double hits, of;
};

/* The standard error of candidate − base where the true difference is `difference`, −1 … 1: of the
 * likeliest two shares that differ by it, times √(N ÷ (N − 1)). 0 only where these are 0 or 1. */
double shares_error(const struct shares_counted *base, const struct shares_counted *candidate,
                    double difference);

/* The differences that a two-sided test at 1 − `confidence` does not refuse. */
void shares_interval(const struct shares_counted *base, const struct shares_counted *candidate,
                     double confidence, double *low, double *high);

#endif
