/* One release's values held against another's: the ratio of a statistic, with a seeded bootstrap.
 *
 * A side's value is the geometric mean of its runs' statistics. Where both sides have several runs,
 * runs are the unit, since requests of one run share its moment: runs are drawn with replacement;
 * the spread of what comes out, widened by √(k/(k−1)) since k runs drawn from k vary too little, is
 * the standard error of the ratio's logarithm, with Student's t of k₁ + k₂ − 2 degrees of freedom.
 * (What requests vary by is in their runs' statistics already.) Where a side has one run, its
 * requests are the unit, which knows nothing of what differs between runs. */
#ifndef STATS_COMPARISON_H
#define STATS_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values of one run's requests. */
struct comparison_run {
    double *value; /* sorted by the comparison where a quantile is asked for */
    size_t count;  /* at least 1 */
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
    double margin; /* a share by which the candidate may be worse */
    double confidence;
    size_t resamples;
    const uint64_t *key; /* that the drawing follows from */
    int keys;
};

struct comparison {
    double base, candidate;  /* NAN where they have no logarithm: then nothing else is known */
    double ratio, low, high; /* candidate ÷ base */
    double error, df;        /* of the ratio's logarithm */
    bool by_runs;
    /* One-sided: of as bad a ratio where the candidate is no worse than the margin allows; of as
     * good a one where it is; of as good a one where it is no better than the base. */
    double p_regressed, p_held, p_improved;
    double more; /* by which factor more runs, or requests, it would take to settle it in 80 % of
                  * cases, if the ratio is as it seems */
};

struct comparison comparison_of(const struct comparison_side *base,
                                const struct comparison_side *candidate,
                                const struct comparison_asked *asked);

/* The same of two estimates with standard errors of their logarithms. */
struct comparison comparison_of_estimates(double base, double base_error, double candidate,
                                          double candidate_error, double df,
                                          const struct comparison_asked *asked);

#endif
