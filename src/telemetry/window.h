/* What one source told over a step, from its first reading to its last, and what that comes to as
 * figures. */
#ifndef TELEMETRY_WINDOW_H
#define TELEMETRY_WINDOW_H

#include "record/telemetry.h"
#include "telemetry/reading.h"

struct gauge {
    size_t readings;
    double total, most;
    double edge_total, edge_most; /* of the readings at the window's edges */
    size_t edge_readings;
};

/* Zeroed: no reading yet. */
struct window {
    size_t readings;
    int64_t first_ns, last_ns;
    struct gauge gauge[QUANTITY_GAUGES];
    struct {
        bool is_told;
        double last, grown;
    } counter[QUANTITY_COUNTERS];
    /* Of each histogram the last reading, and what was added up to there: a server that starts
     * again counts from 0, and so do we then. */
    struct reading_histogram last[QUANTITIES - QUANTITY_COUNTERS];
    struct reading_histogram grown[QUANTITIES - QUANTITY_COUNTERS];
    bool has_histogram[QUANTITIES - QUANTITY_COUNTERS];
};

/* `is_edge`: it was taken before the load began or behind its end. It counts for what grows; for a
 * gauge only where there is no other. */
void window_take(struct window *window, const struct reading *reading, bool is_edge);

/* The figures of all sources' windows together: what each told is summed, shares are averaged. A
 * rate is by the time between a source's first reading and its last. What no source told is NAN. */
void window_conclude(const struct window *windows, size_t count, struct telemetry_figures *figures);

#endif
