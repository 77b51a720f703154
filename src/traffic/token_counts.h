/* How often each length in tokens occurs: exact quantiles of millions of them in memory that
 * follows from the longest alone. */
#ifndef TRAFFIC_TOKEN_COUNTS_H
#define TRAFFIC_TOKEN_COUNTS_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. */
struct token_counts {
    uint32_t *times; /* by length; owned */
    size_t room;
    size_t count;
    int64_t least, most; /* where count is above 0 */
    double sum;
};

/* Counts one length, from 0 to 16777216. */
void token_counts_add(struct token_counts *counts, int64_t tokens);

/* The quantile at `share`, 0 to 1: type 7 of Hyndman and Fan, as all quantiles here; NAN where
 * there is none. */
double token_counts_quantile(const struct token_counts *counts, double share);

void token_counts_clear(struct token_counts *counts);

#endif
