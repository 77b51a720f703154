/* How near measured values come to known ones, and whether that is near enough. */
#ifndef STATS_ACCURACY_H
#define STATS_ACCURACY_H

#include <stdbool.h>
#include <stddef.h>

/* What an error may be: a share of the known value, or `least` where that is more; in the unit of
 * the values. A share of 0 is for what must be the same but for rounding. */
struct tolerance {
    double share, least;
};

/* Measured values beside the known ones. */
struct accuracy {
    size_t count;
    double known, measured; /* medians */
    double error;           /* median of measured − known */
    double within;          /* what 95 % of the errors stay within, either way */
    double tolerance;       /* at the median of what is known */
    bool inside;            /* `within` stays within the tolerance */
};

/* Compares `count` pairs. Where the tolerance has no share, `within` is the largest error: a single
 * wrong count is one too many. Without any pair, or with one that is not known, all is NAN and
 * outside. */
struct accuracy accuracy_of(const double *known, const double *measured, size_t count,
                            struct tolerance tolerance);

/* The least difference between two measured values that says something about the true ones: what
 * the errors of 95 % of all pairs differ by at most. An error that all share does not count, since
 * it cancels out. NAN for fewer than two. */
double accuracy_resolution(const double *errors, size_t count);

#endif
