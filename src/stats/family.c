#include "stats/family.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "stats/replicate.h"

void family_add(struct family *family, struct switch_estimate *estimate, double steady_s)
{
    family->member = memory_grow(family->member, family->count, sizeof *family->member);
    family->member[family->count++] = (struct family_member){estimate, steady_s};
}

static int by_own_p(const void *a, const void *b)
{
    const struct switch_estimate *x = ((const struct family_member *)a)->estimate;
    const struct switch_estimate *y = ((const struct family_member *)b)->estimate;

    return (x->p > y->p) - (x->p < y->p);
}

static enum switch_verdict verdict_of(const struct switch_estimate *estimate, double steady_s)
{
    double matters_s = fmax(FAMILY_MATTERS_S, FAMILY_MATTERS_SHARE * steady_s);

    if (estimate->flags & SWITCH_FLAG_FEW)
        return SWITCH_INCONCLUSIVE;
    if (estimate->p_adjusted <= REPLICATE_LEVEL)
        return SWITCH_DETECTED;
    if (estimate->p <= REPLICATE_LEVEL || estimate->smallest_s > matters_s)
        return SWITCH_INCONCLUSIVE;
    return SWITCH_NOT_DETECTED;
}

void family_conclude(struct family *family)
{
    double least = 0;

    if (family->count > 0)
        qsort(family->member, family->count, sizeof *family->member, by_own_p);
    for (size_t i = 0; i < family->count; i++) {
        struct switch_estimate *estimate = family->member[i].estimate;
        double adjusted = fmin(1, estimate->p * (double)(family->count - i));

        least = fmax(least, adjusted);
        estimate->p_adjusted = least;
        estimate->verdict = verdict_of(estimate, family->member[i].steady_s);
        if (estimate->verdict != SWITCH_DETECTED && !(estimate->flags & SWITCH_FLAG_FEW))
            estimate->switched = 0;
        if (estimate->verdict != SWITCH_DETECTED)
            estimate->paid_above_s = NAN;
    }
    free(family->member);
    *family = (struct family){0};
}
