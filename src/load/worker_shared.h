/* A worker whose load has its places together with others (places.h); inside this room. */
#ifndef LOAD_WORKER_SHARED_H
#define LOAD_WORKER_SHARED_H

#include <stddef.h>

#include "load/worker.h"

/* Sends requests that stand ready while the load has places, until `starts_most` have left in this
 * turn. */
void worker_fill_shared(struct worker *worker, size_t starts_most);

#endif
