/* A grid of loads, as `coebench rows --sweep` takes it: qps=1..64*2 is 1, 2, 4 … 64, and
 * concurrent_requests=4..16+4 is 4, 8, 12, 16. */
#ifndef PLAN_SWEEP_GRID_H
#define PLAN_SWEEP_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "core/error.h"

enum { SWEEP_GRID_MOST = 1000 };

struct sweep_grid {
    bool open_loop; /* its loads are qps, else whole numbers of requests at once */
    double *load;   /* ascending, none twice; owned */
    size_t count;   /* 0: no grid is asked for */
};

/* Reads one; false with a sentence. Clear `grid` either way. */
bool sweep_grid_read(const char *text, struct sweep_grid *grid, struct error *error);

void sweep_grid_clear(struct sweep_grid *grid);

#endif
