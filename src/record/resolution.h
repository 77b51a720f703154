/* Which studies show a switch of so many seconds, before anything is sent. Plain data, no logic:
 * design/ fills it, report/terminal/resolution.h prints it. */
#ifndef RECORD_RESOLUTION_H
#define RECORD_RESOLUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/preview.h"

/* A study that could be made. */
struct resolution_design {
    bool pairs; /* each pair of rows is to be seen, else each row */
    int64_t passes, steady;
    double error_s;    /* the noise of a visit's value, at the noisiest row */
    double smallest_s; /* that is seen at every row, or pair, in 80 % of cases */
    double steps, seconds;
    double half_width; /* of the interval, as a share of the switch; INFINITY: stays unknown */
};

enum { RESOLUTION_DESIGNS = 2 }; /* of rows, and of pairs of rows */

struct resolution {
    double wanted_s; /* the switch that is to be seen */
    struct preview_premise premise;
    struct resolution_design design[RESOLUTION_DESIGNS];
    size_t designs;
};

#endif
