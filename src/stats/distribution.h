/* Student's t, Fisher's F and the binomial distribution, by the regularised incomplete beta
 * function (Press et al., Numerical Recipes, 6.4: its continued fraction after Lentz). Exact to
 * about 1e-12. */
#ifndef STATS_DISTRIBUTION_H
#define STATS_DISTRIBUTION_H

#include <stddef.h>

/* P(T > t) for `df` > 0 degrees of freedom, which need not be whole; INFINITY is the normal. */
double distribution_t_above(double t, double df);

/* The t that is exceeded with probability `p`, 0 < p < 1. */
double distribution_t_quantile_above(double p, double df);

/* P(F > f) of Fisher's F with `over` and `under` > 0 degrees of freedom. */
double distribution_f_above(double f, double over, double under);

/* P(at least k of n), each with probability `p`. */
double distribution_binomial_at_least(size_t k, size_t n, double p);

/* The probability of each for which P(at least k of n) is `wanted`, 1 ≤ k ≤ n. */
double distribution_binomial_share(size_t k, size_t n, double wanted);

/* P(X² > x) of chi-square with `df` degrees of freedom, by Wilson and Hilferty's normal
 * approximation (1931): good to 0.001 from 2 degrees on. */
double distribution_chi_square_above(double x, double df);

#endif
