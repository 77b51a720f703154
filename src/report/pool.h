/* Quantiles over all requests of a row, whatever visit they belong to. Of a row of one visit they
 * are its summary's, to the digit. */
#ifndef REPORT_POOL_H
#define REPORT_POOL_H

#include <stddef.h>

#include "record/metric.h"
#include "record/switch.h"
#include "stats/study.h"
#include "store/results.h"

/* What is shown of batches and rows, by the client and by the server. */
enum batch_figure { BATCH_TTFT, BATCH_END_TO_END, BATCH_OUTPUT_SPEED, BATCH_FIGURES };
extern const enum metric batch_metrics[SWITCH_SOURCES][BATCH_FIGURES];

/* A median with what lies around it; all NAN where nobody reported it. */
struct range {
    double p5, p50, p95;
};

/* Of `count` values, none of them NAN, which it sorts. */
struct range range_of(double *values, size_t count);

/* Values of one metric of a row's completed requests. */
struct pool_values {
    double *value; /* owned */
    size_t count;
};

/* A row of a study, by its number there; or behind them one that ran in a mix. */
struct pool {
    const struct row *row;
    const struct step *visit; /* its last */
    size_t visits, requests;  /* visits; requests that completed in them */
    double throughput; /* output tokens/s of the row: the mean of `throughputs` visits; NAN: none */
    size_t throughputs;
    struct range figure[SWITCH_SOURCES][BATCH_FIGURES];
    struct pool_values values[SWITCH_SOURCES][BATCH_FIGURES]; /* until the pools are concluded */
};

struct pools {
    struct pool *pool; /* one for each row of the study, then those of mixes; owned */
    size_t count;
    size_t mixed; /* where those of mixes begin */
};

/* Makes room for the rows of `study`, and counts their visits. Clear `pools`. */
void pools_begin(const struct study *study, struct pools *pools);

/* Adds those rows of the runs that ran in mixes, whose visits are in no study. */
void pools_begin_mixed(struct pools *pools, const struct results *run, size_t runs);

/* The number of such a row; SIZE_MAX: it is none. */
size_t pools_find_mixed(const struct pools *pools, const struct row *row);

/* Adds what a completed request of a visit to row `number` took, where the row has several. */
void pools_add(struct pools *pools, size_t number, double value[SWITCH_SOURCES][BATCH_FIGURES]);

/* Fills the figures of all. */
void pools_conclude(struct pools *pools);

void pools_clear(struct pools *pools);

#endif
