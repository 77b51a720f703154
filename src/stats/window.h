/* Figures of a closed loop while it was full: from the first to the last moment at which all of its
 * places were in use. A row's wall time holds the ends besides, where few requests are left, or one
 * that hangs. */
#ifndef STATS_WINDOW_H
#define STATS_WINDOW_H

#include <stddef.h>

#include "record/metric.h"
#include "record/request.h"

/* Equal moments: there is no such time. */
struct window {
    int64_t from_ns, to_ns;
};

/* The window of `places` places; attempts that failed use theirs too. An empty one in open loop
 * (no places), and where the places were never all in use, or for no time. */
struct window window_of(const struct outcome *outcomes, size_t count, size_t places);

/* Output tokens per second within the window: of each completed request those that came in it, the
 * first at its first token and the others evenly spread from there to its end. NAN where the window
 * is empty. */
double window_throughput(const struct outcome *outcomes, size_t count, const struct window *window);

/* A metric over the completed requests that show it inside the window: its TTFT where the first
 * token came in it, any other where the response also ended in it. `values` has room for `count`
 * numbers. A count of 0 where none does. */
struct metric_summary window_metric(const struct outcome *outcomes, size_t count,
                                    const struct window *window, enum metric metric,
                                    double *values);

#endif
