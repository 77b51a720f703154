#include "stats/cold.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/distribution.h"
#include "stats/quantile.h"

enum { LEAST = 2 };

/* The first measured visits of each run to a configuration. */
static size_t collect(const struct study *study, size_t *first)
{
    size_t *seen_in = memory_new(study->configurations, sizeof *seen_in); /* the run, from 1 */
    size_t count = 0;

    for (size_t i = 0; i < study->visits; i++) {
        const struct study_visit *visit = &study->visit[i];
        bool is_first = seen_in[visit->configuration] != visit->run + 1;

        seen_in[visit->configuration] = visit->run + 1;
        if (is_first && visit_measured(visit))
            first[count++] = i;
    }
    free(seen_in);
    return count;
}

double cold_judge(struct study *study)
{
    size_t *first = memory_new(study->visits, sizeof *first);
    size_t count = collect(study, first), k = replicate_needed(count);
    double *p = memory_new(count, sizeof *p), together = NAN;

    for (size_t i = 0; i < count; i++)
        p[i] = study->visit[first[i]].replicate.p;
    if (count >= LEAST) {
        quantile_sort(p, count);
        together = distribution_binomial_at_least(k, count, p[k - 1]);
    }
    for (size_t i = 0; i < count && together <= REPLICATE_LEVEL; i++) {
        struct study_visit *visit = &study->visit[first[i]];

        visit->cold = visit->replicate.p <= REPLICATE_LEVEL;
    }
    free(p);
    free(first);
    return together;
}
