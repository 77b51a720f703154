/* How much the cost of one switch varies, from visits that paid: each as a share of its row's mean,
 * pooled over rows. What it holds is the load's own variation and the noise of a TTFT. */
#ifndef STATS_VARIATION_H
#define STATS_VARIATION_H

#include "stats/grouping.h"
#include "stats/study.h"

/* From so many degrees of freedom on a row has its own, where rows differ. */
enum { VARIATION_OWN_DF = 5, VARIATION_LEAST_DF = 2 };

/* What a row's costs are off by: its standard deviation in seconds, and its degrees of freedom. */
struct variation_used {
    double deviation_s, df;
    bool known; /* by visits; else it is the noise of one TTFT */
};

/* A row's paid visits. */
struct variation_row {
    double weight, mean_s; /* how many there are; their mean */
    double squares;        /* Σ weight (visit ÷ mean − 1)² */
    double noise_s;        /* the standard error of one visit's TTFTs */
    double noise_df;
};

/* Sums up a row's visits, each weighing as much as it is likely to have paid (`weight`). */
struct variation_row variation_of_row(const struct study *study, const size_t *member,
                                      size_t count);

/* Pools rows: deviation √(Σ squares ÷ Σ (weight − 1)). Rows differ where Bartlett's test says so at
 * 0.01, over those with a degree of freedom at least. */
struct study_variation variation_pool(const struct variation_row *row, size_t rows);

/* For a row: the larger of that spread, of its mean, and the noise. The pooled spread has the noise
 * of the average row in it, in place of which its own is put. With fewer than VARIATION_LEAST_DF
 * degrees of freedom it is the noise alone. */
struct variation_used variation_use(const struct study_variation *variation,
                                    const struct variation_row *row);

#endif
