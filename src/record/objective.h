/* Service level objectives: a limit for each of some metrics, which a good request keeps. Plain
 * data, no logic. */
#ifndef RECORD_OBJECTIVE_H
#define RECORD_OBJECTIVE_H

#include <stddef.h>

#include "record/metric.h"

struct objective {
    enum metric metric;
    double limit; /* at most, or at least where higher is better */
};

struct objectives {
    struct objective one[METRIC_COUNT];
    size_t count; /* 0: none is stated */
};

#endif
