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

double family_matters_s(double steady_s)
{
    return fmax(FAMILY_MATTERS_S, FAMILY_MATTERS_SHARE * steady_s);
}

double family_none_above_s(const struct switch_estimate *estimate)
{
    return fmax(estimate->high_s, (estimate->high_s - estimate->low_s) / 2);
}

/* Several looks at a study divide it as they divide the level. */
static double slow_level(double level, size_t family)
{
    return fmin(FAMILY_SLOW_LEVEL, FAMILY_SLOW_FAMILY / (double)family) * level / REPLICATE_LEVEL;
}

static enum switch_verdict verdict_of(struct switch_estimate *estimate, double steady_s,
                                      double level, size_t family)
{
    bool found = estimate->p_adjusted <= level;

    if (fabs(estimate->value_s) < 2 * estimate->unsure_s)
        return SWITCH_INCONCLUSIVE;
    if (found && estimate->slow_p <= slow_level(level, family))
        return SWITCH_DETECTED;
    if (found)
        estimate->flags |= SWITCH_FLAG_FEW;
    if ((estimate->flags & (SWITCH_FLAG_FEW | SWITCH_FLAG_FASTER)) || estimate->p <= level ||
        estimate->smallest_s > family_matters_s(steady_s))
        return SWITCH_INCONCLUSIVE;
    return SWITCH_NOT_DETECTED;
}

void family_conclude(struct family *family, double level)
{
    double least = 0;

    if (family->count > 0)
        qsort(family->member, family->count, sizeof *family->member, by_own_p);
    for (size_t i = 0; i < family->count; i++) {
        struct switch_estimate *estimate = family->member[i].estimate;
        double adjusted = fmin(1, estimate->p * (double)(family->count - i));

        least = fmax(least, adjusted);
        estimate->p_adjusted = least;
        estimate->verdict = verdict_of(estimate, family->member[i].steady_s, level, family->count);
        if (estimate->verdict == SWITCH_DETECTED && estimate->value_s < 2 * estimate->smallest_s)
            estimate->flags |= SWITCH_FLAG_OVERSTATED;
    }
    free(family->member);
    *family = (struct family){0};
}
