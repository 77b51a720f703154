/* When the requests of an open-loop row leave: an absolute schedule that responses never slow down.
 *
 * The gap before request k follows from seed, step and k alone, so that it is the same in whatever
 * blocks moments are asked for. A moment is the sum of the gaps before it, made as it is needed.
 * Gaps have mean 1/qps: constant, uniform over 0 … 2/qps, exponential, or gamma-distributed with
 * the row's `burstiness` as shape (coefficient of variation 1/√burstiness). A row with `qps_end`
 * has the same gaps on a clock that runs with its ramp (ramp.h); the ramp begins with the first
 * request that counts, and its warm-up requests leave at `qps`. */
#ifndef TRAFFIC_ARRIVALS_H
#define TRAFFIC_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/row.h"
#include "traffic/ramp.h"

struct arrivals {
    double qps;
    enum row_distribution distribution;
    double burstiness; /* of gamma-distributed gaps */
    uint64_t seed, step;
    bool ramps;
    struct ramp ramp;
    size_t ramp_from; /* the request with which the ramp begins */
    double begun_s;   /* when that one leaves */
    double expected;  /* requests between it and `next`: the sum of their gaps at rate 1 */
    size_t next;      /* the request whose moment `at_s` is */
    double at_s;      /* seconds after the visit's start */
};

/* The first request leaves at once. `step` is the row's own, so that the members of a mix draw
 * apart. */
void arrivals_init(struct arrivals *arrivals, const struct row *row, uint64_t seed, uint64_t step);

/* The gap before request `index`, from 1 on, at rate 1: 0 or more, with mean 1. */
double arrivals_gap(const struct arrivals *arrivals, size_t index);

/* Moves on to the next request. */
void arrivals_advance(struct arrivals *arrivals);

/* Writes the moment of `next` and of those behind it, `count` in all, and moves on behind them. */
void arrivals_fill(struct arrivals *arrivals, double *at_s, size_t count);

#endif
