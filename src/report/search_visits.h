/* The visits of a search: each is a step of a row, or the steps of a mix's members together. */
#ifndef REPORT_SEARCH_VISITS_H
#define REPORT_SEARCH_VISITS_H

#include <stdbool.h>
#include <stddef.h>

#include "store/results.h"

struct search_visit {
    const struct step *step; /* the first of its members' */
    size_t members;
    double load;     /* of all of them together, as their search has it */
    double requests; /* that count */
    /* NAN: no slo is stated. */
    double goodput_share, goodput_requests_per_s;
    double throughput; /* output tokens per second */
};

/* The visit whose first step is `first`, of the run's. */
struct search_visit search_visit_at(const struct results *run, size_t first);

/* The next visit of what was searched from step `*at` on; moves on behind it. False: there is none.
 */
bool search_visit_next(const struct results *run, const struct search_found *found, size_t *at,
                       struct search_visit *visit);

/* All of them in the order of their loads, to be freed. */
struct search_visit *search_visits_by_load(const struct results *run,
                                           const struct search_found *found, size_t *count);

#endif
