#include "stats/enough.h"

#include <math.h>

#include "stats/family.h"

/* What may be otherwise at the next visit; all else lies in the rows or the endpoint. */
static const bool passes_by[SWITCH_REASONS] = {
    [SWITCH_NOTHING_SENT] = true,  [SWITCH_FIRST_FAILED] = true, [SWITCH_RETRIED] = true,
    [SWITCH_STARTED_OVER] = true,  [SWITCH_QUEUED] = true,       [SWITCH_STEADY_FAILED] = true,
    [SWITCH_OTHER_BATCHES] = true, [SWITCH_CUT_SHORT] = true,
};

/* INFINITY where how much the cost varies is not known, and the next visit would tell. */
static double half_share(const struct study_group *group)
{
    const struct study_cost *cost = &group->cost;
    double share = (cost->cost_high_s - cost->cost_low_s) / 2 / cost->cost_s;
    bool one = group->estimate.flags & SWITCH_FLAG_ONE_VISIT;

    if (isnan(share) || !(cost->cost_s > 0) || (one && cost->not_paid == 0))
        return INFINITY;
    return share;
}

static bool bound_is_low(const struct study_group *group)
{
    return family_none_above_s(&group->estimate) <= family_matters_s(group->steady_s);
}

static void count(const struct study_group *group, double half_width, struct enough *enough)
{
    double share;

    switch (group->estimate.verdict) {
    case SWITCH_NOT_MEASURABLE:
        ++*(passes_by[group->estimate.reason] ? &enough->unmeasured : &enough->aside);
        break;
    case SWITCH_INCONCLUSIVE:
        enough->open++;
        break;
    case SWITCH_NOT_DETECTED:
        ++*(bound_is_low(group) ? &enough->sure : &enough->open);
        break;
    case SWITCH_DETECTED:
        share = half_share(group);
        ++*(share <= half_width ? &enough->sure : &enough->wide);
        enough->widest = fmax(enough->widest, share); /* not of the first, which is NAN */
        break;
    }
}

struct enough enough_count(const struct study *study, double half_width, bool pairs)
{
    const struct study_group *group = pairs ? study->transition : study->row;
    size_t groups = pairs ? study->transitions : study->rows;
    struct enough enough = {.widest = NAN};

    for (size_t i = 0; i < groups; i++) {
        if (!pairs || group[i].from)
            count(&group[i], half_width, &enough);
    }
    return enough;
}

bool enough_is(const struct enough *enough)
{
    return enough->sure > 0 && enough->wide + enough->open + enough->unmeasured == 0;
}
