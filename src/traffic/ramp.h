/* A rate of requests that goes from one value to another over a time, and stays there: what a row's
 * `qps_end` and `qps_ramp` ask for. */
#ifndef TRAFFIC_RAMP_H
#define TRAFFIC_RAMP_H

#include "record/row.h"

struct ramp {
    enum row_ramp shape;
    double from, to; /* requests per second, above 0 */
    double over_s;   /* how long the rate takes from the one to the other, above 0 */
};

/* The ramp of an open-loop row with `qps_end`: over its duration_s, else over the time in which so
 * many requests as count are expected. */
struct ramp ramp_of(const struct row *row);

/* Requests expected in the first `s` seconds: the integral of the rate. */
double ramp_count(const struct ramp *ramp, double s);

/* The moment, in seconds, at which `count` requests are expected: the inverse of ramp_count. It
 * turns arrivals at rate 1 into arrivals at the ramp's rate (time rescaling: Cox and Lewis, The
 * Statistical Analysis of Series of Events, 1966). */
double ramp_moment(const struct ramp *ramp, double count);

#endif
