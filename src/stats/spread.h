/* How much TTFTs vary where nothing switches: the standard deviation of ln TTFT, pooled over all
 * steady observations of a study, so that a row with two of them is judged by what all rows show.
 *
 * Where rows vary too unlike each other for that (Bartlett's test at 0.001), each stands for itself
 * as far as it can: with its own spread where that has SPREAD_OWN_DF degrees of freedom, else with
 * the larger of its own and the pooled. */
#ifndef STATS_SPREAD_H
#define STATS_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

#include "record/switch.h"

enum { SPREAD_OWN_DF = 4 };

/* Sums over observations of one kind. */
struct spread_sums {
    double squares, df;
};

struct spread {
    struct spread_sums all;
    struct spread_sums *row; /* owned */
    size_t rows;
    bool unequal;
};

/* A spread to judge by. */
struct spread_used {
    double deviation; /* NAN with no degrees of freedom */
    double df;
};

/* Makes room for so many rows. Clear it. */
void spread_init(struct spread *spread, size_t rows);

/* Adds the steady observations of a visit to row `row`. */
void spread_add(struct spread *spread, size_t row, const struct switch_side *side);

/* Bartlett's test: how likely so unlike variances are where all are the same. Those without degrees
 * of freedom, or that do not vary at all, say nothing; 1 where fewer than two are left. */
double spread_unlike_p(const struct spread_sums *sums, size_t count);

/* To be called once all are added. */
void spread_judge(struct spread *spread);

struct spread_used spread_of_row(const struct spread *spread, size_t row);

void spread_clear(struct spread *spread);

#endif
