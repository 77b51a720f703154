/* When open-loop requests leave: an absolute schedule that responses never slow down. */
#ifndef LOAD_PACING_H
#define LOAD_PACING_H

#include <stddef.h>
#include <stdint.h>

#include "record/row.h"

struct pacing {
    double qps;
    enum row_distribution distribution;
    uint64_t seed, step;
    size_t next; /* the request whose moment `at_s` is */
    double at_s; /* seconds after the row's start */
};

/* The first request leaves at once. */
void pacing_init(struct pacing *pacing, const struct row *row, uint64_t seed, uint64_t step);

/* Moves on to the next request. The gap before it follows from seed, step and its index: constant
 * 1/qps, uniform over 0 … 2/qps, or exponential with mean 1/qps. */
void pacing_advance(struct pacing *pacing);

#endif
