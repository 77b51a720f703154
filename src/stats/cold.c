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

/* Of as many as are needed, at the k-th smallest; sorts them. */
static double together(double *p, size_t count, size_t needed)
{
    quantile_sort(p, count);
    return distribution_binomial_at_least(needed, count, p[needed - 1]);
}

static double slow_share_of(const struct study *study)
{
    return fmax(study->steady[SWITCH_SERVER].slow_share, study->steady[SWITCH_CLIENT].slow_share);
}

struct cold cold_judge(struct study *study)
{
    size_t *first = memory_new(study->visits, sizeof *first);
    size_t count = collect(study, first),
           needed = replicate_needed_among(count, slow_share_of(study));
    double *p = memory_new(count, sizeof *p), *slow_p = memory_new(count, sizeof *slow_p);
    struct cold cold = {NAN, NAN};

    for (size_t i = 0; i < count; i++) {
        p[i] = study->visit[first[i]].replicate.p;
        slow_p[i] = study->visit[first[i]].replicate.slow_p;
    }
    if (count >= LEAST)
        cold = (struct cold){together(p, count, needed), together(slow_p, count, needed)};
    for (size_t i = 0; i < count && cold.p <= REPLICATE_LEVEL; i++) {
        struct study_visit *visit = &study->visit[first[i]];

        visit->cold = visit->replicate.p <= REPLICATE_LEVEL;
    }
    free(slow_p);
    free(p);
    free(first);
    return cold;
}
