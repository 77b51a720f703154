/* What the requests of one turn of a row's sessions came to. Plain data. */
#ifndef RECORD_TURN_H
#define RECORD_TURN_H

#include <stddef.h>

#include "record/metric.h"

/* The metrics that are summed up turn by turn. */
enum { TURN_METRICS = 6 };
extern const enum metric turn_metrics[TURN_METRICS];

struct turn_figures {
    size_t started, completed;                  /* requests, by their last attempt */
    size_t not_sent;                            /* turns of sessions that ended before */
    struct metric_summary metric[TURN_METRICS]; /* of the completed ones */
};

#endif
