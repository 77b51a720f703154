/* The requests of a row that are sent here, in order, each with its moment and phase; inside this
 * room. All of the row's are placed, and those that belong to others (traffic/portion.h) passed by,
 * so that each is the same wherever it is sent. */
#ifndef LOAD_FEED_H
#define LOAD_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "load/load.h"
#include "load/phases.h"
#include "traffic/arrivals.h"

struct feed {
    const struct load *load;
    struct phases *phases;
    struct arrivals arrivals;
    size_t next;       /* the row's next request */
    size_t visit_next; /* places in common: where in the visit to look for it */
};

/* `load` and `phases`, which are placed by it alone, must outlive it. */
void feed_init(struct feed *feed, const struct load *load, struct phases *phases);

/* Fills index, moment and phase of the next request that is sent here. False: none is left. */
bool feed_next(struct feed *feed, struct composed *into);

#endif
