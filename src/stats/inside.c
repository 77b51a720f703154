#include "stats/inside.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/quantile.h"

/* Further switches inside the row: the first batch of each other size, adjusted by the number of
 * all that are looked at. */
static void judge(struct switch_evidence *evidence, struct spread_used spread, size_t all)
{
    for (size_t i = 0; i < evidence->insides && spread.df > 0; i++) {
        struct switch_inside *inside = &evidence->inside[i];

        inside->p = replicate_judge(&inside->side, spread).p;
        inside->found = inside->p * (double)all <= REPLICATE_LEVEL;
        if (inside->found)
            evidence->flags |= SWITCH_FLAG_INSIDE;
    }
}

/* What the visits to a row show of batches of one size, which some of them ran. */
static void combine(const struct study *study, const size_t *member, size_t count,
                    double batch_size, struct study_inside *into)
{
    double *value_s = memory_new(count, sizeof *value_s);

    *into = (struct study_inside){
        .row = &study->visit[member[0]].step->row, .batch_size = batch_size, .value_s = NAN};
    for (size_t i = 0; i < count; i++) {
        const struct switch_evidence *evidence = &study->visit[member[i]].step->evidence;

        for (size_t k = 0; k < evidence->insides; k++) {
            const struct switch_inside *inside = &evidence->inside[k];

            into->visits += inside->batch_size == batch_size;
            if (inside->batch_size == batch_size && inside->found)
                value_s[into->found++] = inside->side.exposed_s - inside->side.steady_s;
        }
    }
    if (into->found < replicate_needed(into->visits)) /* stalls may be why */
        into->found = 0;
    quantile_sort(value_s, into->found);
    if (into->found > 0)
        into->value_s = quantile_of_sorted(value_s, into->found, 0.5);
    free(value_s);
}

/* The next larger batch size inside visits to a row; INFINITY: none. */
static double next_size(const struct study *study, const size_t *member, size_t count, double above)
{
    double next = INFINITY;

    for (size_t i = 0; i < count; i++) {
        const struct switch_evidence *evidence = &study->visit[member[i]].step->evidence;

        for (size_t k = 0; k < evidence->insides; k++) {
            if (evidence->inside[k].batch_size > above)
                next = fmin(next, evidence->inside[k].batch_size);
        }
    }
    return next;
}

void inside_look(struct study *study, const struct grouping *rows, const struct spread *spread)
{
    size_t all = 0;

    for (size_t i = 0; i < study->visits; i++)
        all += study->visit[i].step->evidence.insides;
    for (size_t i = 0; i < study->visits; i++)
        judge(&study->visit[i].step->evidence, spread_of_row(spread, rows->group_of[i]), all);
    for (size_t g = 0; g < rows->groups; g++) {
        const size_t *member = &rows->member[rows->begin[g]];
        size_t count = rows->begin[g + 1] - rows->begin[g];

        for (double size = 0; isfinite(size = next_size(study, member, count, size));) {
            study->inside = memory_grow(study->inside, study->insides, sizeof *study->inside);
            combine(study, member, count, size, &study->inside[study->insides++]);
        }
    }
}
