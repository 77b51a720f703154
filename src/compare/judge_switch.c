#include "compare/judge_switch.h"

#include <math.h>

#include "stats/comparison_switch.h"

bool judge_switch_measures(const struct measure *measure)
{
    return measure->kind == MEASURE_SWITCH || measure->kind == MEASURE_SWITCH_SHARE ||
           measure->kind == MEASURE_SWITCH_VISIT;
}

static struct comparison_visits visits_of(const struct side_row *row)
{
    const struct study_cost *cost = row->study ? &row->study->cost : NULL;

    if (!cost)
        return (struct comparison_visits){.cost_s = NAN};
    return (struct comparison_visits){
        (double)cost->paid,
        (double)cost->not_paid,
        (double)(cost->visits - cost->paid -
                 cost->not_paid), /* what was not measured says nothing */
        cost->cost_s,
        cost->error_s,
        cost->df};
}

double judge_switch_value(const struct side_row *row, const struct measure *measure)
{
    struct comparison_visits visits = visits_of(row);

    if (measure->kind == MEASURE_SWITCH_SHARE)
        return comparison_paid_share(&visits);
    if (measure->kind == MEASURE_SWITCH_VISIT)
        return comparison_per_visit(&visits);
    return visits.paid > 0 ? visits.cost_s : NAN;
}

const char *judge_switch_missing(const struct measure *measure)
{
    if (measure->kind == MEASURE_SWITCH)
        return "paid a switch; switch_s_per_visit takes that for 0";
    return "shows whether it paid a switch";
}

struct comparison judge_switch_compare(const struct side_row *base,
                                       const struct side_row *candidate,
                                       const struct measure *measure,
                                       const struct comparison_asked *asked)
{
    const struct comparison_visits before = visits_of(base), now = visits_of(candidate);

    if (measure->kind == MEASURE_SWITCH_SHARE)
        return comparison_of_paid_shares(&before, &now, asked);
    if (measure->kind == MEASURE_SWITCH_VISIT)
        return comparison_of_visits(&before, &now, asked);
    return comparison_of_costs(&before, &now, asked);
}
