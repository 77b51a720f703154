/* What each rank of a run did in all of its steps, and the worst of how it kept up. */
#ifndef REPORT_RANK_FIGURES_H
#define REPORT_RANK_FIGURES_H

#include "store/results.h"

struct rank_figures {
    char host[128]; /* "": a resumed run had fewer ranks when it began */
    size_t requests;
    double share;           /* of all that ranks sent; NAN: nothing was */
    struct step_rank worst; /* of each figure, of any step; waits are added */
    size_t steps[3];        /* how many had each verdict (enum measurement_verdict) */
};

/* A list of `*ranks`, to be freed; NULL and 0 where one process ran all. */
struct rank_figures *rank_figures_of(const struct results *run, size_t *ranks);

#endif
