/* One release's values held against another's: the ratio of a statistic, or a difference.
 *
 * A side's value is the geometric mean of its runs' statistics. Runs are the unit where their
 * spread is known, since requests of one run share its moment: with two of each side, or one of
 * one and three of the other, which are then taken to vary alike. The ratio's logarithm has
 * Student's t of k₁ + k₂ − 2 degrees of freedom and the runs' pooled spread. (What requests vary by
 * is in their runs' statistics already.) Otherwise requests are the unit, which know nothing of
 * what differs between runs: they are resampled in blocks (blocks.h) as long as their correlation
 * asks for, with Welch's degrees of freedom, a run having as many as its blocks less one. */
#ifndef STATS_COMPARISON_H
#define STATS_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values of one run's requests. */
struct comparison_run {
    const double *value; /* in the order they were sent */
    size_t count;        /* at least 1 */
};

struct comparison_side {
    struct comparison_run *run;
    size_t runs; /* at least 1 */
};

/* The geometric mean of its runs' statistics (`quantile` as below); 0 or NAN where they have no
 * logarithm. */
double comparison_value(const struct comparison_side *side, double quantile);

struct comparison_asked {
    double quantile; /* 0 … 1; NAN: the mean */
    bool lower_is_better;
    double margin; /* by which the candidate may be worse: a share of the base, or of all */
    double confidence;
    size_t resamples;
    const uint64_t *key; /* that the drawing follows from */
    int keys;
};

/* What was taken to vary by itself. */
enum comparison_unit { COMPARISON_REQUESTS, COMPARISON_RUNS, COMPARISON_VISITS };

struct comparison {
    double base, candidate; /* NAN where they have no logarithm: then nothing else is known */
    double change;          /* candidate ÷ base; where it says so, candidate − base */
    double low, high;       /* its interval */
    bool by_difference;
    double error, df; /* of the ratio's logarithm, or of the difference; INFINITY: not known */
    enum comparison_unit unit;
    double units; /* of the side that has fewer */
    /* One-sided: of as bad a change where the candidate is no worse than the margin allows; of as
     * good a one where it is; of as good a one where it is no better than the base, or, by
     * requests, than the margin the other way, since what differs between runs is not in it. */
    double p_regressed, p_within, p_improved;
    double more; /* by which factor more units it would take to settle it in 80 % of cases, if the
                  * change is as it seems */
};

/* Whether so many runs tell how much runs vary, with two degrees of freedom or more. */
bool comparison_is_by_runs(size_t base, size_t candidate);

struct comparison comparison_of(const struct comparison_side *base,
                                const struct comparison_side *candidate,
                                const struct comparison_asked *asked);

/* What is shown at a confidence: a regression by `p_regressed` (adjusted where lines are many), no
 * worse than the margin allows, and better. The latter goes by half the level, as a two-sided
 * interval does, so that nothing improved has a change of none in its interval. */
enum comparison_shown {
    COMPARISON_SHOWS_NOTHING,
    COMPARISON_SHOWS_REGRESSION,
    COMPARISON_SHOWS_WITHIN,
    COMPARISON_SHOWS_IMPROVEMENT
};
enum comparison_shown comparison_shows(const struct comparison *comparison, double p_regressed,
                                       double confidence);

/* A value with its standard error and degrees of freedom, which may be INFINITY. */
struct comparison_estimate {
    double value, error, df;
};

/* The ratio of two estimates. Degrees of freedom are Welch's. */
struct comparison comparison_of_estimates(const struct comparison_estimate *base,
                                          const struct comparison_estimate *candidate,
                                          const struct comparison_asked *asked);

/* Degrees of freedom of the sum of two independent errors (Welch 1947, Satterthwaite 1946). */
double comparison_welch_df(double error, double df, double other, double other_df);

/* How far the candidate is on the worse side of the base, and of the base with the margin, with
 * standard errors. */
struct comparison_distance {
    double worse, error;
    double past, past_error;
    double df;
};

/* Fills p values and `more`. */
void comparison_conclude(const struct comparison_asked *asked,
                         const struct comparison_distance *distance, struct comparison *comparison);

#endif
